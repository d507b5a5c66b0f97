"""Requests about artifacts."""

from uuid import UUID

from perijove.client.calls import Call, endpoint
from perijove.client.endpoints.requests import delete, get, patch, post, quoted
from perijove.schemas.artifacts import Artifact, ArtifactCreate, ArtifactQuery, ArtifactUpdate, LatestArtifact


class Artifacts:
    """Artifacts."""

    @endpoint
    def create_artifact(self, artifact: ArtifactCreate) -> Call[Artifact]:
        return post("/artifacts/", artifact, Artifact)

    @endpoint
    def read_artifact(self, artifact_id: UUID) -> Call[Artifact]:
        return get(f"/artifacts/{artifact_id}", Artifact)

    @endpoint
    def read_latest_artifact(self, key: str) -> Call[Artifact]:
        return get(f"/artifacts/{quoted(key)}/latest", Artifact)

    @endpoint
    def read_artifacts(self, query: ArtifactQuery) -> Call[list[Artifact]]:
        return post("/artifacts/filter", query, list[Artifact])

    @endpoint
    def count_artifacts(self, query: ArtifactQuery) -> Call[int]:
        return post("/artifacts/count", query, int)

    @endpoint
    def read_latest_artifacts(self, query: ArtifactQuery) -> Call[list[LatestArtifact]]:
        """The newest artifact of each key."""
        return post("/artifacts/latest/filter", query, list[LatestArtifact])

    @endpoint
    def count_latest_artifacts(self, query: ArtifactQuery) -> Call[int]:
        return post("/artifacts/latest/count", query, int)

    @endpoint
    def update_artifact(self, artifact_id: UUID, changes: ArtifactUpdate) -> Call[None]:
        return patch(f"/artifacts/{artifact_id}", changes)

    @endpoint
    def delete_artifact(self, artifact_id: UUID) -> Call[None]:
        return delete(f"/artifacts/{artifact_id}")

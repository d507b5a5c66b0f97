"""Routes of artifacts."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, status

from perijove.schemas.artifacts import Artifact, ArtifactCreate, ArtifactQuery, ArtifactUpdate, LatestArtifact
from perijove.server.api.backend import Injected
from perijove.server.services import showing
from perijove.server.storage import artifacts

router = APIRouter(prefix="/artifacts", tags=["artifacts"])


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_artifact(artifact: ArtifactCreate, backend: Injected) -> Artifact:
    return await backend.write(partial(showing.create, wanted=artifact))


@router.post("/filter")
async def read_artifacts(query: ArtifactQuery, backend: Injected) -> list[Artifact]:
    return await backend.read(partial(artifacts.search, query=query))


@router.post("/count")
async def count_artifacts(query: ArtifactQuery, backend: Injected) -> int:
    return await backend.read(partial(artifacts.count, query=query))


@router.post("/latest/filter")
async def read_latest_artifacts(query: ArtifactQuery, backend: Injected) -> list[LatestArtifact]:
    return await backend.read(partial(artifacts.search_latest, query=query))


@router.post("/latest/count")
async def count_latest_artifacts(query: ArtifactQuery, backend: Injected) -> int:
    return await backend.read(partial(artifacts.count, query=query, latest=True))


@router.get("/{artifact_id:uuid}")
async def read_artifact(artifact_id: UUID, backend: Injected) -> Artifact:
    return await backend.read(partial(artifacts.read, artifact_id=artifact_id))


@router.get("/{key}/latest")
async def read_latest_artifact(key: str, backend: Injected) -> Artifact:
    return await backend.read(partial(artifacts.read_latest, key=key))


@router.patch("/{artifact_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_artifact(artifact_id: UUID, changes: ArtifactUpdate, backend: Injected) -> None:
    await backend.write(partial(artifacts.change, artifact_id=artifact_id, changes=changes))


@router.delete("/{artifact_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_artifact(artifact_id: UUID, backend: Injected) -> None:
    await backend.write(partial(showing.remove, artifact_id=artifact_id))

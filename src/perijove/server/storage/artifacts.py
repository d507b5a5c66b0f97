"""Artifacts in the database: each a row, and the newest of a key its latest version."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, text

from perijove.errors import NotFound
from perijove.schemas.artifacts import (
    Artifact,
    ArtifactCreate,
    ArtifactQuery,
    ArtifactSort,
    ArtifactUpdate,
    LatestArtifact,
)
from perijove.server.storage import filters, rows
from perijove.server.storage.tables import artifacts

_ORDER: dict[ArtifactSort, Any] = {
    ArtifactSort.CREATED_DESC: artifacts.c.created.desc(),
    ArtifactSort.UPDATED_DESC: artifacts.c.updated.desc(),
    ArtifactSort.ID_DESC: text("artifacts.rowid DESC"),
    ArtifactSort.KEY_ASC: artifacts.c.key.asc(),
    ArtifactSort.KEY_DESC: artifacts.c.key.desc(),
}


def create(connection: Connection, wanted: ArtifactCreate) -> Artifact:
    """A new artifact, which is its key's latest version from now on."""
    return Artifact.model_validate(rows.add(connection, artifacts, wanted.model_dump()))


def read(connection: Connection, artifact_id: UUID) -> Artifact:
    """The artifact; raises NotFound."""
    row = connection.execute(select(artifacts).where(artifacts.c.id == artifact_id)).one_or_none()
    if row is None:
        raise NotFound(404, "Artifact not found.")
    return rows.model(Artifact, row)


def read_latest(connection: Connection, key: str) -> Artifact:
    """The key's newest version; raises NotFound."""
    chosen = select(artifacts).where(artifacts.c.key == key)
    row = connection.execute(chosen.order_by(artifacts.c.created.desc(), text("rowid DESC")).limit(1)).one_or_none()
    if row is None:
        raise NotFound(404, "Artifact not found.")
    return rows.model(Artifact, row)


def search(connection: Connection, query: ArtifactQuery) -> list[Artifact]:
    """A page of the artifacts that the query asks for."""
    return [rows.model(Artifact, row) for row in _page(connection, query, filters.of_artifacts(query))]


def search_latest(connection: Connection, query: ArtifactQuery) -> list[LatestArtifact]:
    """A page of the newest versions, one a key, that the query asks for."""
    found = _page(connection, query, filters.of_artifacts(query) & is_latest())
    return [rows.model(LatestArtifact, row, latest_id=row.id) for row in found]


def count(connection: Connection, query: ArtifactQuery, *, latest: bool = False) -> int:
    """How many artifacts the query asks for; ``latest``: of the newest versions only."""
    wanted = filters.of_artifacts(query) & is_latest() if latest else filters.of_artifacts(query)
    return connection.scalar(select(func.count()).select_from(artifacts).where(wanted)) or 0


def change(connection: Connection, artifact_id: UUID, changes: ArtifactUpdate) -> None:
    """Change what was set in ``changes``; raises NotFound."""
    if not rows.change(connection, artifacts, artifact_id, changes.model_dump(exclude_unset=True)):
        raise NotFound(404, "Artifact not found.")


def remove(connection: Connection, artifact_id: UUID) -> None:
    """Delete the artifact: the version before it is its key's latest then. Raises NotFound."""
    if not connection.execute(delete(artifacts).where(artifacts.c.id == artifact_id)).rowcount:
        raise NotFound(404, "Artifact not found.")


def _page(connection: Connection, query: ArtifactQuery, wanted: Any) -> Any:
    limit, offset = filters.page(query)
    order = _ORDER[query.sort or ArtifactSort.ID_DESC]
    return connection.execute(select(artifacts).where(wanted).order_by(order).limit(limit).offset(offset))


def is_latest() -> Any:
    """Whether an artifact is its key's newest version."""
    newer = artifacts.alias()
    later = (newer.c.created > artifacts.c.created) | (
        (newer.c.created == artifacts.c.created) & text("artifacts_1.rowid > artifacts.rowid")
    )
    return artifacts.c.key.is_not(None) & ~select(newer.c.id).where(newer.c.key == artifacts.c.key, later).exists()

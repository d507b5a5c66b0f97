"""Keep artifacts, and tell what becomes of their keys: those of one key are a collection, whose newest counts."""

from uuid import UUID, uuid5

from sqlalchemy import Connection

from perijove.errors import NotFound
from perijove.schemas.artifacts import Artifact, ArtifactCreate
from perijove.schemas.events import ID, ROLE
from perijove.server.rules import lifecycle
from perijove.server.storage import artifacts, events

_KEYS = UUID("0b9a3b0e-8d5c-4a5e-9d2f-3a1f6a1e7c55")
"""Of which, with its key, a collection's id is made: it has no row of its own."""


def create(connection: Connection, wanted: ArtifactCreate) -> Artifact:
    """A new artifact."""
    known = _latest(connection, wanted.key)
    made = artifacts.create(connection, wanted)
    _tell(connection, made, "updated" if known else "created")
    return made


def remove(connection: Connection, artifact_id: UUID) -> None:
    """Delete the artifact: the version before it is its key's latest then. Raises NotFound."""
    gone = artifacts.read(connection, artifact_id)
    was = _latest(connection, gone.key)
    artifacts.remove(connection, artifact_id)
    now = _latest(connection, gone.key)
    if now is None:
        _tell(connection, gone, "deleted")
    elif was != now:
        _tell(connection, now, "updated")


def _latest(connection: Connection, key: str | None) -> Artifact | None:
    try:
        return artifacts.read_latest(connection, key) if key is not None else None
    except NotFound:
        return None


def _tell(connection: Connection, latest: Artifact, what: str) -> None:
    """Record what became of the artifact's key, if it has one."""
    if latest.key is None:
        return
    ids = {"artifact": latest.id, "flow-run": latest.flow_run_id, "task-run": latest.task_run_id}
    roles = {"artifact": "latest"}
    related = [{ID: f"prefect.{kind}.{one}", ROLE: roles.get(kind, kind)} for kind, one in ids.items() if one]
    payload = latest.model_dump(mode="json", include={"key", "type", "data", "description"})
    name = uuid5(_KEYS, latest.key)
    happened = lifecycle.changed("artifact-collection", name, latest.key, what, related=related, payload=payload)
    events.record(connection, [happened])

"""Take note of the events that clients send."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from perijove.schemas.events import Event
from perijove.server.services import task_events
from perijove.server.storage import events


def record(connection: Connection, happened: Sequence[Event]) -> set[UUID]:
    """Record the events, each once, and the task runs that they tell of; the flow runs that these belong to."""
    events.record_new(connection, happened)
    return task_events.record(connection, happened)

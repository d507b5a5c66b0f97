"""Make, change and delete what clients keep here, and tell of it: as events with Prefect's names and payloads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from perijove.schemas.concurrency import ConcurrencyLimit
from perijove.schemas.flows import Flow
from perijove.schemas.variables import Variable
from perijove.server.rules import lifecycle
from perijove.server.storage import concurrency_limits, events, flows, variables

T = TypeVar("T", Flow, Variable, ConcurrencyLimit)


@dataclass(frozen=True)
class Kind(Generic[T]):
    """``name``: as in the names of events; ``read``: by the id; ``told``: the fields that an event repeats."""

    name: str
    read: Callable[[Connection, UUID], T]
    told: frozenset[str]


FLOW = Kind("flow", flows.read, frozenset({"name", "tags", "labels"}))
VARIABLE = Kind("variable", variables.read, frozenset({"name", "value", "tags"}))
LIMIT = Kind(
    "concurrency-limit", concurrency_limits.read, frozenset({"name", "limit", "active", "slot_decay_per_second"})
)


def made(connection: Connection, kind: Kind[T], make: Callable[[Connection], T]) -> T:
    """Make a thing of the kind."""
    thing = make(connection)
    tell(connection, kind, thing, "created")
    return thing


def changed(connection: Connection, kind: Kind[T], key: Any, change: Callable[[Connection], object]) -> None:
    """Change the thing of this id or name."""
    before = kind.read(connection, key)
    change(connection)
    tell(connection, kind, kind.read(connection, before.id), "updated")


def deleted(connection: Connection, kind: Kind[T], key: Any, remove: Callable[[Connection], object]) -> None:
    """Delete the thing of this id or name."""
    gone = kind.read(connection, key)
    remove(connection)
    tell(connection, kind, gone, "deleted")


def tell(connection: Connection, kind: Kind[T], thing: T, what: str) -> None:
    """Record that the thing was created, updated or deleted."""
    payload = thing.model_dump(mode="json", include=set(kind.told))
    events.record(connection, [lifecycle.changed(kind.name, thing.id, thing.name, what, payload=payload)])

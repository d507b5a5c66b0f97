"""Events in the database, in the order in which they were recorded."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Connection, Integer, Row, Select, func, select, type_coerce

from perijove import clock
from perijove.schemas.events import (
    ID,
    NAME,
    PAGE,
    ROLE,
    Countable,
    Event,
    EventCount,
    EventFilter,
    EventOrder,
    ReceivedEvent,
)
from perijove.server.storage import rows
from perijove.server.storage.database import driver_of, tell
from perijove.server.storage.event_filters import of_events
from perijove.server.storage.tables import as_json, as_microseconds, events

_DEPTH = "depth"
_INSERT_EVENT = f"INSERT INTO events ({', '.join(events.c.keys())}) VALUES ({', '.join('?' * len(events.c))})"  # noqa: S608
_INSERT_RESOURCE = "INSERT INTO event_resources (position, resource_id, role) VALUES (?, ?, ?)"
_DELETE_RESOURCE = "DELETE FROM event_resources WHERE position = ? AND resource_id = ? AND role = ?"


@dataclass(frozen=True)
class Recorded:
    """An event at its place among all: ``position`` grows. ``depth``: how many automations stand behind it."""

    position: int
    depth: int
    event: ReceivedEvent

    @cached_property
    def json(self) -> str:
        """The event on the wire; made once, however many are told of it."""
        return self.event.model_dump_json()


@contextmanager
def behind(connection: Connection, depth: int) -> Iterator[None]:
    """What is recorded meanwhile was set off by an automation, the ``depth``-th in a row."""
    connection.info[_DEPTH] = depth
    try:
        yield
    finally:
        del connection.info[_DEPTH]


def record(connection: Connection, happened: Iterable[Event]) -> None:
    """Record events that nobody can have recorded before, and tell of them once they are safe."""
    now, depth = clock.now(), connection.info.get(_DEPTH, 0)
    before = last_position(connection)
    received = [ReceivedEvent.model_construct(**_fields(event), received=now) for event in happened]
    told = [Recorded(position, depth, event) for position, event in enumerate(received, start=before + 1)]
    # Every change of a run's state comes by here. On the driver itself it costs a tenth of SQLAlchemy's way.
    driver = driver_of(connection)
    driver.executemany(_INSERT_EVENT, map(_row, told))
    driver.executemany(_INSERT_RESOURCE, (row for one in told for row in _resource_rows(one)))
    tell(connection, *told)


def record_new(connection: Connection, happened: Sequence[Event]) -> None:
    """Record those of the events that are not yet, and each once."""
    by_id = {event.id: event for event in happened}
    known = set(connection.scalars(select(events.c.id).where(events.c.id.in_(list(by_id)))))
    record(connection, [event for event_id, event in by_id.items() if event_id not in known])


def last_position(connection: Connection) -> int:
    """The position of the last event that was ever recorded, kept or not; 0: there was none."""
    found = driver_of(connection).execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return found[0] if found else 0


def position_of(connection: Connection, event_id: UUID) -> int | None:
    """Where the event is; None when it is not, or no longer, known."""
    return connection.scalar(select(events.c.position).where(events.c.id == event_id))


def after(connection: Connection, position: int, limit: int, asked: EventFilter | None = None) -> list[Recorded]:
    """The first events after the position, in the order in which they were recorded."""
    chosen = select(events).where(events.c.position > position, of_events(asked or EventFilter()))
    return [_recorded(row) for row in connection.execute(chosen.order_by(events.c.position).limit(limit))]


def search(connection: Connection, asked: EventFilter, *, limit: int = PAGE, offset: int = 0) -> list[ReceivedEvent]:
    """A page of the events that are asked for, by the time at which they occurred."""
    ordered = (events.c.occurred, events.c.position)
    chosen = _chosen(asked).order_by(*(one.desc() if asked.order is EventOrder.DESC else one for one in ordered))
    return [_recorded(row).event for row in connection.execute(chosen.limit(limit).offset(offset))]


def count(connection: Connection, asked: EventFilter) -> int:
    """How many events are asked for."""
    return connection.scalar(select(func.count()).select_from(_chosen(asked).subquery())) or 0


def counts(connection: Connection, asked: EventFilter, by: Countable) -> list[EventCount]:
    """How many of the events there are of each name, or of each resource; the most first."""
    value = events.c.event if by is Countable.EVENT else events.c.resource_id
    name = func.json_extract(events.c.resource, f'$."{NAME}"', type_=events.c.event.type)
    label = events.c.event if by is Countable.EVENT else func.coalesce(name, events.c.resource_id)
    number = func.count().label("count")
    first, last = func.min(events.c.occurred).label("start_time"), func.max(events.c.occurred).label("end_time")
    chosen = select(value.label("value"), label.label("label"), number, first, last).where(of_events(asked))
    grouped = chosen.group_by(value).order_by(number.desc(), value)
    return [rows.model(EventCount, row) for row in connection.execute(grouped)]


def counts_in_time(connection: Connection, asked: EventFilter, start: datetime, length: timedelta) -> dict[int, int]:
    """How many of the events there are in each span of ``length`` since ``start``, by the span's number."""
    span = (type_coerce(events.c.occurred, Integer) - as_microseconds(start)) / (length // timedelta(microseconds=1))
    whole = func.floor(span).label("span")
    chosen = select(whole, func.count()).where(of_events(asked)).group_by(whole)
    return {int(row[0]): row[1] for row in connection.execute(chosen)}


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Delete the first ``limit`` events that were received before the instant; how many these were."""
    first = select(events).where(events.c.received < before).order_by(events.c.position).limit(limit)
    doomed = [_recorded(row) for row in connection.execute(first)]
    driver = driver_of(connection)
    driver.executemany(_DELETE_RESOURCE, (row for one in doomed for row in _resource_rows(one)))
    driver.executemany("DELETE FROM events WHERE position = ?", ((one.position,) for one in doomed))
    return len(doomed)


def oldest(connection: Connection) -> datetime | None:
    """When the first of the events that are kept was received."""
    found: datetime | None = connection.scalar(select(events.c.received).order_by(events.c.position).limit(1))
    return found


def _chosen(asked: EventFilter) -> Select[Any]:
    chosen = select(events).where(of_events(asked))
    if asked.resource is None or not asked.resource.distinct:
        return chosen
    edge = func.max if asked.order is EventOrder.DESC else func.min
    one_each = select(edge(events.c.position)).where(of_events(asked)).group_by(events.c.resource_id)
    return select(events).where(events.c.position.in_(one_each))


def _fields(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in Event.model_fields}


def _row(one: Recorded) -> tuple[Any, ...]:
    event = one.event
    return (
        one.position,
        event.id.hex,
        as_microseconds(event.occurred),
        as_microseconds(event.received),
        event.event,
        event.resource[ID],
        to_json(event.resource).decode(),
        to_json(event.related).decode(),
        as_json(event.payload),
        event.follows.hex if event.follows else None,
        one.depth,
    )


def _resource_rows(one: Recorded) -> Iterator[tuple[int, str, str]]:
    yield one.position, one.event.resource[ID], ""
    for name, role in {(each[ID], each[ROLE]) for each in one.event.related}:
        yield one.position, name, role


def _recorded(row: Row[Any]) -> Recorded:
    return Recorded(row.position, row.depth, rows.model(ReceivedEvent, row))

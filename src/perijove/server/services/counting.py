"""Count events by name, by resource or by span of time, as Prefect's charts ask for."""

from datetime import UTC, datetime, timedelta
from math import ceil

from sqlalchemy import Connection

from perijove import clock
from perijove.errors import Invalid
from perijove.schemas.events import Countable, EventCount, EventCountQuery, TimeUnit
from perijove.server.storage import events

MOST_SPANS = 1000

_FIRST_MONDAY = datetime(2024, 4, 1, tzinfo=UTC)
"""Spans of time are counted from here, as Prefect counts them."""

_UNITS = {
    TimeUnit.WEEK: timedelta(weeks=1),
    TimeUnit.DAY: timedelta(days=1),
    TimeUnit.HOUR: timedelta(hours=1),
    TimeUnit.MINUTE: timedelta(minutes=1),
    TimeUnit.SECOND: timedelta(seconds=1),
}
_LONGEST = timedelta(days=180)


def count(connection: Connection, query: EventCountQuery, by: Countable) -> list[EventCount]:
    """The counts; raises Invalid (422) for more spans of time than can be shown."""
    if by in (Countable.EVENT, Countable.RESOURCE):
        return events.counts(connection, query.filter, by)
    length = _UNITS[TimeUnit.DAY] if by is Countable.DAY else _UNITS[query.time_unit] * query.time_interval
    since, until = _range(query)
    first = (since - _FIRST_MONDAY) // length
    number = ceil((until - _FIRST_MONDAY) / length) - first
    if number > MOST_SPANS:
        raise Invalid(
            422, f"That would be {number} spans of time, and {MOST_SPANS} can be counted: ask for longer ones."
        )
    start = _FIRST_MONDAY + first * length
    found = events.counts_in_time(connection, query.filter, start, length)
    return [_span(index, start + index * length, length, found.get(index, 0)) for index in range(number)]


def _range(query: EventCountQuery) -> tuple[datetime, datetime]:
    now = clock.now()
    occurred = query.filter.occurred
    return occurred.since or now - _LONGEST, min(occurred.until or now, now)


def _span(index: int, start: datetime, length: timedelta, number: int) -> EventCount:
    end = start + length - timedelta(microseconds=1)
    return EventCount(value=str(index), label=start.isoformat(), count=number, start_time=start, end_time=end)

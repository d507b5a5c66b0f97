"""Log lines in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Integer, func, insert, literal, literal_column, select, text, tuple_

from perijove.schemas.filters import LogFilter, LogQuery, LogSort
from perijove.schemas.logs import Log, LogCreate
from perijove.server.storage import filters, rows
from perijove.server.storage.database import tell
from perijove.server.storage.tables import Moment, logs

Place = tuple[datetime, int]
"""Where a line is in its run's log."""


@dataclass(frozen=True)
class Logged:
    """A line that was just stored."""

    line: Log

    @cached_property
    def json(self) -> str:
        """The line on the wire; made once, however many are told of it."""
        return self.line.model_dump_json()


# Lines of one instant stay in the order in which they came.
_ORDER = {
    LogSort.TIMESTAMP_ASC: (logs.c.timestamp.asc(), text("logs.rowid ASC")),
    LogSort.TIMESTAMP_DESC: (logs.c.timestamp.desc(), text("logs.rowid DESC")),
}


def add(connection: Connection, lines: Sequence[LogCreate]) -> None:
    """Store the lines, and tell of them once they are safe."""
    stamped = [_row(line) for line in _unknown(connection, lines)]
    if stamped:
        connection.execute(insert(logs), stamped)
        tell(connection, *(Logged(Log.model_construct(**row)) for row in stamped))


def _unknown(connection: Connection, lines: Sequence[LogCreate]) -> Sequence[LogCreate]:
    """Those that are not stored yet: a sender whose answer was lost sends them again."""
    named = [line.id for line in lines if line.id]
    if not named:
        return lines
    known = set(connection.scalars(select(logs.c.id).where(logs.c.id.in_(named))))
    return [line for line in lines if line.id not in known]


def _row(line: LogCreate) -> dict[str, Any]:
    return rows.stamped(line.model_dump(exclude=None if line.id else {"id"}))


def last_of(connection: Connection, flow_run_id: UUID) -> datetime | None:
    """When the run last logged a line."""
    last: datetime | None = connection.scalar(
        select(func.max(logs.c.timestamp)).where(logs.c.flow_run_id == flow_run_id)
    )
    return last


def search(connection: Connection, query: LogQuery) -> list[Log]:
    """A page of the lines that the query asks for."""
    limit, offset = filters.page(query)
    chosen = select(logs).where(filters.of_logs(query)).order_by(*_ORDER[query.sort or LogSort.TIMESTAMP_ASC])
    return [rows.model(Log, row) for row in connection.execute(chosen.limit(limit).offset(offset))]


def page_of_run(connection: Connection, flow_run_id: UUID, last: Place | None, limit: int) -> list[tuple[Log, Place]]:
    """The run's first lines in their order in time, after the place ``last``, each with its own place."""
    position: ColumnElement[int] = literal_column("logs.rowid", Integer)
    chosen = select(logs, position.label("position")).where(logs.c.flow_run_id == flow_run_id)
    if last is not None:
        chosen = chosen.where(
            tuple_(logs.c.timestamp, position) > tuple_(literal(last[0], Moment), literal(last[1], Integer))
        )
    page = connection.execute(chosen.order_by(*_ORDER[LogSort.TIMESTAMP_ASC]).limit(limit))
    return [(rows.model(Log, row), (row.timestamp, row.position)) for row in page]


def after(connection: Connection, line_id: UUID | None, limit: int, asked: LogFilter) -> list[Log]:
    """The first lines that are asked for, of those that were stored after the line ``line_id`` (None: of all)."""
    place: ColumnElement[int] = literal_column("logs.rowid")
    chosen = select(logs).where(filters.of_logs(LogQuery(logs=asked)))
    if line_id is not None:
        known = select(place).where(logs.c.id == line_id).scalar_subquery()
        chosen = chosen.where(place > func.coalesce(known, 0))
    return [rows.model(Log, row) for row in connection.execute(chosen.order_by(place).limit(limit))]

"""Log lines in the database."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, text

from perijove.schemas.filters import LogQuery, LogSort
from perijove.schemas.logs import Log, LogCreate
from perijove.server.storage import filters, rows
from perijove.server.storage.tables import logs

# Lines of one instant stay in the order in which they came.
_ORDER = {
    LogSort.TIMESTAMP_ASC: (logs.c.timestamp.asc(), text("logs.rowid ASC")),
    LogSort.TIMESTAMP_DESC: (logs.c.timestamp.desc(), text("logs.rowid DESC")),
}


def add(connection: Connection, lines: Sequence[LogCreate]) -> None:
    """Store the lines."""
    if lines:
        connection.execute(insert(logs), [rows.stamped(line.model_dump()) for line in lines])


def search(connection: Connection, query: LogQuery) -> list[Log]:
    """A page of the lines that the query asks for."""
    limit, offset = filters.page(query)
    chosen = select(logs).where(filters.of_logs(query)).order_by(*_ORDER[query.sort or LogSort.TIMESTAMP_ASC])
    return [rows.model(Log, row) for row in connection.execute(chosen.limit(limit).offset(offset))]

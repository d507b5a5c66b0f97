"""Inserting, changing and reading rows, the same for every table."""

from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import Connection, Row, Table, insert, update

from perijove import clock

M = TypeVar("M", bound=BaseModel)


def stamped(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` with what every stored thing has: an id, and when it was made and changed."""
    now = clock.now()
    return {"id": uuid4(), "created": now, "updated": now, **values}


def add(connection: Connection, table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """Insert a row, and return it with its id and times."""
    row = stamped(values)
    connection.execute(insert(table).values(row))
    return row


def change(connection: Connection, table: Table, row_id: UUID, values: dict[str, Any]) -> bool:
    """Change a row and note the time; whether there was such a row."""
    changed = connection.execute(update(table).where(table.c.id == row_id).values({"updated": clock.now(), **values}))
    return changed.rowcount > 0


def model(kind: type[M], row: Row[Any], **more: Any) -> M:
    """The row, with what is not in it, as a model of the wire."""
    return kind.model_validate({**row._mapping, **more})

"""Inserting, changing and reading rows, the same for every table.

Values are given beside a statement, not in it: SQLAlchemy then finds the compiled statement in its cache much sooner.
"""

from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import Column, ColumnElement, Connection, Row, Table, bindparam, insert, or_, update

from perijove import clock

M = TypeVar("M", bound=BaseModel)
_PRECISION = timedelta(seconds=10)


def stamped(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` with what every stored thing has: an id, and when it was made and changed."""
    now = clock.now()
    return {"id": uuid4(), "created": now, "updated": now, **values}


def add(connection: Connection, table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """Insert a row, and return it with its id and times."""
    row = stamped(values)
    connection.execute(insert(table), row)
    return row


def change(connection: Connection, table: Table, row_id: UUID, values: dict[str, Any]) -> bool:
    """Change a row and note the time; whether there was such a row."""
    changed = update(table).where(table.c.id == bindparam("the_row"))
    return connection.execute(changed, {"updated": clock.now(), **values, "the_row": row_id}).rowcount > 0


def is_older(moment: Column[Any]) -> ColumnElement[bool]:
    """That a note of the time is to be made anew: what is noted at each poll is not worth a write to the disk."""
    return or_(moment.is_(None), moment < clock.now() - _PRECISION)


def model(kind: type[M], row: Row[Any], **more: Any) -> M:
    """The row, with what is not in it, as a model of the wire."""
    return kind.model_validate({**row._mapping, **more})

"""Inserting, changing and reading rows, the same for every table.

Values are given beside a statement, not in it, and what is often executed is built once: SQLAlchemy then finds the
compiled statement in its cache much sooner.
"""

import functools
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Connection, Insert, Row, Table, Update, bindparam, insert, update
from uuid_utils.compat import uuid7

from perijove import clock

M = TypeVar("M", bound=BaseModel)
PRECISION = timedelta(seconds=10)
"""How old a note of the time gets before it is made anew: each poll is not worth a write to the disk."""


def stamped(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` with what every stored thing has: an id, and when it was made and changed.

    Ids are in the order of their making (RFC 9562): what is made together is stored together, as at Prefect's.
    """
    now = clock.now()
    return {"id": uuid7(), "created": now, "updated": now, **values}


def add(connection: Connection, table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """Insert a row, and return it with its id and times."""
    row = stamped(values)
    connection.execute(adding(table), row)
    return row


def change(connection: Connection, table: Table, row_id: UUID, values: dict[str, Any]) -> bool:
    """Change a row and note the time; whether there was such a row."""
    return connection.execute(_changing(table), {"updated": clock.now(), **values, "the_row": row_id}).rowcount > 0


@functools.cache
def adding(table: Table) -> Insert:
    """The statement that inserts rows."""
    return insert(table)


@functools.cache
def _changing(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("the_row"))


def model(kind: type[M], row: Row[Any], **more: Any) -> M:
    """The row, with what is not in it, as a model of the wire."""
    return kind.model_validate({**row._mapping, **more})

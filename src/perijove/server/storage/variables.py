"""Variables in the database."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, func, select

from perijove.errors import Invalid, NotFound
from perijove.schemas.filters import VariableSort
from perijove.schemas.variables import Variable, VariableCreate, VariableQuery, VariableUpdate
from perijove.server.storage import filters, rows
from perijove.server.storage.tables import variables

_ORDER = {
    VariableSort.CREATED_DESC: variables.c.created.desc(),
    VariableSort.UPDATED_DESC: variables.c.updated.desc(),
    VariableSort.NAME_ASC: variables.c.name.asc(),
    VariableSort.NAME_DESC: variables.c.name.desc(),
}

Key = UUID | str
"""A variable's id, or its name."""


def create(connection: Connection, wanted: VariableCreate) -> Variable:
    """A new variable; raises Invalid (409) when there is one of this name."""
    if connection.execute(select(variables.c.id).where(_is(wanted.name))).first():
        raise Invalid(409, f"A variable with the name {wanted.name!r} already exists.")
    return Variable.model_validate(rows.add(connection, variables, wanted.model_dump()))


def read(connection: Connection, key: Key) -> Variable:
    """The variable; raises NotFound."""
    row = connection.execute(select(variables).where(_is(key))).one_or_none()
    if row is None:
        raise NotFound(404, "Variable not found.")
    return rows.model(Variable, row)


def search(connection: Connection, query: VariableQuery) -> list[Variable]:
    """A page of the variables that the query asks for."""
    limit, offset = filters.page(query)
    order = _ORDER[query.sort or VariableSort.NAME_ASC]
    chosen = select(variables).where(filters.of_variables(query)).order_by(order).limit(limit).offset(offset)
    return [rows.model(Variable, row) for row in connection.execute(chosen)]


def count(connection: Connection, query: VariableQuery) -> int:
    """How many variables the query asks for."""
    return connection.scalar(select(func.count()).select_from(variables).where(filters.of_variables(query))) or 0


def change(connection: Connection, key: Key, changes: VariableUpdate) -> None:
    """Change what was set in ``changes``; raises NotFound."""
    given: dict[str, Any] = changes.model_dump(exclude_unset=True)
    values = {name: value for name, value in given.items() if value is not None or name == "value"}
    rows.change(connection, variables, read(connection, key).id, values)


def remove(connection: Connection, key: Key) -> None:
    """Delete the variable; raises NotFound."""
    if not connection.execute(delete(variables).where(_is(key))).rowcount:
        raise NotFound(404, "Variable not found.")


def _is(key: Key) -> ColumnElement[bool]:
    return variables.c.id == key if isinstance(key, UUID) else variables.c.name == key

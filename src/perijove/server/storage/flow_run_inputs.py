"""Inputs of flow runs in the database."""

from uuid import UUID

from sqlalchemy import Connection, delete, select

from perijove.errors import Invalid, NotFound
from perijove.schemas.inputs import FlowRunInput, FlowRunInputCreate, FlowRunInputQuery
from perijove.server.storage import rows
from perijove.server.storage.tables import flow_run_inputs


def create(connection: Connection, flow_run_id: UUID, wanted: FlowRunInputCreate) -> None:
    """Store an input of the run; raises Invalid (409) when it has one of this key."""
    if find(connection, flow_run_id, wanted.key) is not None:
        raise Invalid(409, "A flow run input with this key already exists.")
    rows.add(connection, flow_run_inputs, {"flow_run_id": flow_run_id, **wanted.model_dump()})


def find(connection: Connection, flow_run_id: UUID, key: str) -> FlowRunInput | None:
    """The run's input of this key, if there is one."""
    table = flow_run_inputs
    row = connection.execute(select(table).where(table.c.flow_run_id == flow_run_id, table.c.key == key)).one_or_none()
    return None if row is None else rows.model(FlowRunInput, row)


def search(connection: Connection, flow_run_id: UUID, query: FlowRunInputQuery) -> list[FlowRunInput]:
    """The run's inputs that the query asks for, the oldest first."""
    table = flow_run_inputs
    chosen = select(table).where(
        table.c.flow_run_id == flow_run_id,
        table.c.key.startswith(query.prefix, autoescape=True),
        table.c.key.not_in(query.exclude_keys),
    )
    return [
        rows.model(FlowRunInput, row) for row in connection.execute(chosen.order_by(table.c.created).limit(query.limit))
    ]


def remove(connection: Connection, flow_run_id: UUID, key: str) -> None:
    """Delete the run's input of this key; raises NotFound."""
    table = flow_run_inputs
    doomed = delete(table).where(table.c.flow_run_id == flow_run_id, table.c.key == key)
    if not connection.execute(doomed).rowcount:
        raise NotFound(404, "Flow run input not found")

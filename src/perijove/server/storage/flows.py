"""Flows in the database."""

from uuid import UUID

from sqlalchemy import Connection, Select, delete, func, select

from perijove.errors import NotFound
from perijove.schemas.filters import FlowQuery, FlowSort
from perijove.schemas.flows import Flow, FlowCreate, FlowUpdate
from perijove.server.storage import filters, rows
from perijove.server.storage.tables import flows

_ORDER = {
    FlowSort.CREATED_DESC: flows.c.created.desc(),
    FlowSort.UPDATED_DESC: flows.c.updated.desc(),
    FlowSort.NAME_ASC: flows.c.name.asc(),
    FlowSort.NAME_DESC: flows.c.name.desc(),
}


def ensure(connection: Connection, flow: FlowCreate) -> tuple[Flow, bool]:
    """The flow of this name, and whether it had to be made."""
    known = connection.execute(select(flows).where(flows.c.name == flow.name)).one_or_none()
    if known is not None:
        return rows.model(Flow, known), False
    made = rows.add(connection, flows, {"name": flow.name, "tags": flow.tags, "labels": flow.labels or {}})
    return Flow.model_validate(made), True


def read(connection: Connection, flow_id: UUID) -> Flow:
    """The flow; raises NotFound."""
    return _one(connection, select(flows).where(flows.c.id == flow_id))


def read_by_name(connection: Connection, name: str) -> Flow:
    """The flow of this name; raises NotFound."""
    return _one(connection, select(flows).where(flows.c.name == name))


def search(connection: Connection, query: FlowQuery) -> list[Flow]:
    """A page of the flows that the query asks for."""
    limit, offset = filters.page(query)
    chosen = select(flows).where(filters.of_flows(query)).order_by(_ORDER[query.sort or FlowSort.NAME_ASC])
    return [rows.model(Flow, row) for row in connection.execute(chosen.limit(limit).offset(offset))]


def count(connection: Connection, query: FlowQuery) -> int:
    """How many flows the query asks for."""
    return connection.scalar(select(func.count()).select_from(flows).where(filters.of_flows(query))) or 0


def change(connection: Connection, flow_id: UUID, changes: FlowUpdate) -> None:
    """Change what was set in ``changes``; raises NotFound."""
    values = changes.model_dump(exclude_none=True)
    if not rows.change(connection, flows, flow_id, values):
        raise NotFound(404, "Flow not found")


def remove(connection: Connection, flow_id: UUID) -> None:
    """Delete the flow with all that hangs on it; raises NotFound."""
    if not connection.execute(delete(flows).where(flows.c.id == flow_id)).rowcount:
        raise NotFound(404, "Flow not found")


def _one(connection: Connection, query: Select[tuple[object, ...]]) -> Flow:
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(404, "Flow not found")
    return rows.model(Flow, row)

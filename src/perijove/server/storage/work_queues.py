"""Work queues in the database: every pool has at least its default one, and no two of the same priority."""

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, func, select, update

from perijove import clock
from perijove.errors import Invalid, NotFound
from perijove.schemas.filters import WorkQueueQuery
from perijove.schemas.states import ACTIVE
from perijove.schemas.work import WorkQueue, WorkQueueCreate, WorkQueueUpdate
from perijove.server.storage import filters, rows
from perijove.server.storage.tables import flow_runs, work_pools, work_queues

READY_FOR = 60.0
"""Seconds after which a queue that nobody asked for is no longer ready."""

_QUEUES = select(
    work_queues, work_pools.c.name.label("work_pool_name"), work_pools.c.default_queue_id.label("default_queue_id")
).join(work_pools, work_pools.c.id == work_queues.c.work_pool_id)
_OF_POOL = _QUEUES.where(work_queues.c.work_pool_id == bindparam("pool_id")).order_by(work_queues.c.priority)


def create(connection: Connection, pool_id: UUID, wanted: WorkQueueCreate) -> UUID:
    """A new queue of the pool; those of its priority and after give way. Raises Invalid (409) for a name in use."""
    taken = select(work_queues.c.id).where(work_queues.c.work_pool_id == pool_id, work_queues.c.name == wanted.name)
    if connection.execute(taken).first():
        raise Invalid(409, f"A work queue with the name {wanted.name!r} already exists.")
    priority = wanted.priority or _free(connection, pool_id)
    _give_way(connection, pool_id, priority)
    values = {**wanted.model_dump(exclude={"filter"}), "work_pool_id": pool_id, "priority": priority}
    row_id: UUID = rows.add(connection, work_queues, values)["id"]
    return row_id


def read(connection: Connection, queue_id: UUID) -> WorkQueue:
    """The queue; raises NotFound."""
    return _one(connection, work_queues.c.id == queue_id)


def read_by_name(connection: Connection, pool_name: str, name: str) -> WorkQueue:
    """The pool's queue of this name; raises NotFound."""
    return _one(connection, (work_pools.c.name == pool_name) & (work_queues.c.name == name))


def check_known(connection: Connection, pool_name: str, queue_names: Sequence[str]) -> None:
    """Raise NotFound for a name that none of the pool's queues has."""
    for name in queue_names:
        read_by_name(connection, pool_name, name)


def search(connection: Connection, query: WorkQueueQuery, *, pool_id: UUID | None = None) -> list[WorkQueue]:
    """A page of the queues that the query asks for: of one pool by their priority, of all by their name."""
    limit, offset = filters.page(query)
    chosen: Select[Any] = _QUEUES.where(filters.of_work_queues(query))
    if pool_id is not None:
        chosen = chosen.where(work_queues.c.work_pool_id == pool_id).order_by(work_queues.c.priority)
    page = chosen.order_by(work_queues.c.name).limit(limit).offset(offset)
    return [_model(connection, row) for row in connection.execute(page).all()]


def of_pool(connection: Connection, pool_id: UUID) -> list[WorkQueue]:
    """All queues of the pool, the most urgent first."""
    return [_model(connection, row) for row in connection.execute(_OF_POOL, {"pool_id": pool_id}).all()]


def change(connection: Connection, queue_id: UUID, changes: WorkQueueUpdate) -> None:
    """Change what was set in ``changes``; raises NotFound, and Invalid (409) for the default queue's name."""
    known = read(connection, queue_id)
    given = changes.model_dump(exclude_unset=True, exclude={"filter"})
    nullable = ("concurrency_limit", "description")
    values = {key: value for key, value in given.items() if value is not None or key in nullable}
    if values.get("priority", known.priority) != known.priority:
        _give_way(connection, known.work_pool_id, values["priority"])
    rows.change(connection, work_queues, queue_id, values)


def remove(connection: Connection, queue_id: UUID) -> None:
    """Delete the queue; raises NotFound, and Invalid (409) for a pool's default queue."""
    row = connection.execute(_QUEUES.where(work_queues.c.id == queue_id)).one_or_none()
    if row is None:
        raise _not_found()
    if row.default_queue_id == queue_id:
        raise Invalid(409, f"{row.name!r} is the default queue of the work pool {row.work_pool_name!r}; it stays.")
    connection.execute(delete(work_queues).where(work_queues.c.id == queue_id))


def note_poll(connection: Connection, queue_ids: Sequence[UUID]) -> None:
    """Note that a worker asks for these queues' runs."""
    if queue_ids:
        polled = update(work_queues).where(work_queues.c.id.in_(queue_ids))
        connection.execute(polled.values(last_polled=clock.now()))


def active(connection: Connection, *queue_ids: UUID) -> int:
    """How many runs of the queues have been taken and have not ended."""
    states = [state.value for state in ACTIVE]
    taken = select(func.count()).select_from(flow_runs)
    wanted = taken.where(flow_runs.c.work_queue_id.in_(queue_ids), flow_runs.c.state_type.in_(states))
    return connection.scalar(wanted) or 0


def _free(connection: Connection, pool_id: UUID) -> int:
    """The most urgent priority that no queue of the pool has."""
    taken = set(connection.scalars(select(work_queues.c.priority).where(work_queues.c.work_pool_id == pool_id)))
    return next(number for number in count(1) if number not in taken)


def _give_way(connection: Connection, pool_id: UUID, priority: int) -> None:
    """Free the priority: the queue that has it becomes less urgent by one, and so on to the first gap."""
    table = work_queues
    of_pool = table.c.work_pool_id == pool_id
    taken = set(connection.scalars(select(table.c.priority).where(of_pool)))
    gap = next(number for number in count(priority) if number not in taken)
    later = of_pool & (table.c.priority >= priority) & (table.c.priority < gap)
    connection.execute(update(table).where(later).values(priority=table.c.priority + 1))


def _one(connection: Connection, wanted: ColumnElement[bool]) -> WorkQueue:
    row = connection.execute(_QUEUES.where(wanted)).one_or_none()
    if row is None:
        raise _not_found()
    return _model(connection, row)


def _model(connection: Connection, row: Row[Any]) -> WorkQueue:
    polled = row.last_polled is not None and (clock.now() - row.last_polled).total_seconds() < READY_FOR
    status = "PAUSED" if row.is_paused else ("READY" if polled else "NOT_READY")
    taken = active(connection, row.id) if row.concurrency_limit is not None else None
    return rows.model(WorkQueue, row, status=status, active_slots=taken)


def _not_found() -> NotFound:
    return NotFound(404, "Work queue not found.")

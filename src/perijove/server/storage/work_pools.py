"""Work pools, their queues and workers in the database."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.dialects.sqlite import insert

from perijove import clock
from perijove.errors import Invalid, NotFound
from perijove.schemas.filters import WorkPoolQuery
from perijove.schemas.work import (
    Worker,
    WorkerHeartbeat,
    WorkPool,
    WorkPoolCreate,
    WorkPoolStatus,
    WorkPoolUpdate,
    WorkQueue,
)
from perijove.server.storage import filters, rows
from perijove.server.storage.tables import work_pools, work_queues, workers

DEFAULT_QUEUE = "default"
_DEFAULT_HEARTBEAT = 30.0
_MISSED_HEARTBEATS = 3


def create(connection: Connection, pool: WorkPoolCreate) -> WorkPool:
    """A new pool with its default queue; raises Invalid (409) when there is one of this name."""
    if connection.execute(select(work_pools.c.id).where(work_pools.c.name == pool.name)).first():
        raise Invalid(409, f"A work pool with the name {pool.name!r} already exists.")
    row = rows.add(connection, work_pools, pool.model_dump())
    queue = create_queue(connection, row["id"], DEFAULT_QUEUE, "The work pool's default queue.")
    rows.change(connection, work_pools, row["id"], {"default_queue_id": queue.id})
    return read(connection, pool.name)


def read(connection: Connection, name: str) -> WorkPool:
    """The pool of this name; raises NotFound."""
    row = connection.execute(select(work_pools).where(work_pools.c.name == name)).one_or_none()
    if row is None:
        raise NotFound(404, f'Work pool "{name}" not found.')
    return _pool(connection, row)


def search(connection: Connection, query: WorkPoolQuery) -> list[WorkPool]:
    """A page of the pools that the query asks for, by name."""
    limit, offset = filters.page(query)
    chosen = select(work_pools).where(filters.of_work_pools(query)).order_by(work_pools.c.name)
    return [_pool(connection, row) for row in connection.execute(chosen.limit(limit).offset(offset)).all()]


def change(connection: Connection, name: str, changes: WorkPoolUpdate) -> None:
    """Change what was set in ``changes``; raises NotFound."""
    pool = read(connection, name)
    given = changes.model_dump(exclude_unset=True)
    nullable = ("concurrency_limit", "description")
    values = {key: value for key, value in given.items() if value is not None or key in nullable}
    rows.change(connection, work_pools, pool.id, values)


def create_queue(connection: Connection, pool_id: UUID, name: str, description: str = "") -> WorkQueue:
    """A new queue, after those that the pool has."""
    last = connection.scalar(select(func.max(work_queues.c.priority)).where(work_queues.c.work_pool_id == pool_id))
    values = {"work_pool_id": pool_id, "name": name, "description": description, "is_paused": False}
    row = rows.add(connection, work_queues, {**values, "priority": (last or 0) + 1})
    return WorkQueue.model_validate(row)


def queue_for(connection: Connection, pool_name: str, queue_name: str | None) -> UUID:
    """The id of the pool's queue of this name, made if need be; its default queue when none is named."""
    pool = read(connection, pool_name)
    if queue_name is None and pool.default_queue_id is not None:
        return pool.default_queue_id
    name = queue_name or DEFAULT_QUEUE
    chosen = select(work_queues.c.id).where(work_queues.c.work_pool_id == pool.id, work_queues.c.name == name)
    found: UUID | None = connection.scalar(chosen)
    return found or create_queue(connection, pool.id, name).id


def queues(connection: Connection, pool_name: str) -> list[WorkQueue]:
    """The pool's queues, the most urgent first; raises NotFound for the pool."""
    return queues_of(connection, read(connection, pool_name))


def queues_of(connection: Connection, pool: WorkPool) -> list[WorkQueue]:
    """The pool's queues, the most urgent first."""
    chosen = select(work_queues).where(work_queues.c.work_pool_id == pool.id).order_by(work_queues.c.priority)
    return [rows.model(WorkQueue, row, work_pool_name=pool.name) for row in connection.execute(chosen)]


def heartbeat(connection: Connection, pool_name: str, beat: WorkerHeartbeat) -> None:
    """Note that a worker of the pool lives; raises NotFound for the pool."""
    pool = read(connection, pool_name)
    seen = {"last_heartbeat_time": clock.now(), "heartbeat_interval_seconds": beat.heartbeat_interval_seconds}
    row = rows.stamped({"work_pool_id": pool.id, "name": beat.name, **seen})
    statement = insert(workers).values(row)
    again = statement.on_conflict_do_update(
        index_elements=[workers.c.work_pool_id, workers.c.name], set_={**seen, "updated": row["updated"]}
    )
    connection.execute(again)


def pool_workers(connection: Connection, pool_name: str) -> list[Worker]:
    """Every worker that the pool has had, and whether it still beats; raises NotFound for the pool."""
    pool = read(connection, pool_name)
    chosen = select(workers).where(workers.c.work_pool_id == pool.id).order_by(workers.c.name)
    now = clock.now()
    return [
        rows.model(Worker, row, status="ONLINE" if _is_online(row, now) else "OFFLINE")
        for row in connection.execute(chosen)
    ]


def note_poll(connection: Connection, queue_ids: list[UUID]) -> None:
    """Note that a worker asks for these queues' runs, to some seconds."""
    polled = update(work_queues).where(work_queues.c.id.in_(queue_ids), rows.is_older(work_queues.c.last_polled))
    connection.execute(polled.values(last_polled=clock.now()))


def _pool(connection: Connection, row: Any) -> WorkPool:
    beats: Select[Any] = select(workers).where(workers.c.work_pool_id == row.id)
    now = clock.now()
    alive = any(_is_online(worker, now) for worker in connection.execute(beats))
    status = WorkPoolStatus.READY if alive else WorkPoolStatus.NOT_READY
    return rows.model(WorkPool, row, status=WorkPoolStatus.PAUSED if row.is_paused else status)


def _is_online(worker: Any, now: datetime) -> bool:
    interval = worker.heartbeat_interval_seconds or _DEFAULT_HEARTBEAT
    late: timedelta = now - worker.last_heartbeat_time
    return late.total_seconds() <= _MISSED_HEARTBEATS * interval

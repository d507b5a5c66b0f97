"""Work pools, their queues and workers in the database."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from perijove import clock
from perijove.errors import Invalid, NotFound
from perijove.schemas.filters import WorkPoolQuery
from perijove.schemas.work import (
    Worker,
    WorkerHeartbeat,
    WorkerQuery,
    WorkPool,
    WorkPoolCreate,
    WorkPoolStatus,
    WorkPoolUpdate,
    WorkQueueCreate,
)
from perijove.server.storage import filters, rows, work_queues
from perijove.server.storage.tables import work_pools, workers

DEFAULT_QUEUE = "default"
DEFAULT_HEARTBEAT = 30.0
"""Seconds between two heartbeats of a worker that doesn't say."""

MISSED_HEARTBEATS = 3
"""After so many a worker is offline."""

_UNWATCHED = "prefect-agent"
"""The type of pool whose workers don't tell that they live."""

_BY_NAME = select(work_pools).where(work_pools.c.name == bindparam("pool_name"))


def create(connection: Connection, pool: WorkPoolCreate) -> WorkPool:
    """A new pool with its default queue; raises Invalid (409) when there is one of this name."""
    if exists(connection, pool.name):
        raise Invalid(409, f"A work pool with the name {pool.name!r} already exists.")
    row = rows.add(connection, work_pools, pool.model_dump())
    default = WorkQueueCreate(name=DEFAULT_QUEUE, description="The work pool's default queue.", priority=1)
    queue_id = work_queues.create(connection, row["id"], default)
    rows.change(connection, work_pools, row["id"], {"default_queue_id": queue_id})
    return read(connection, pool.name)


def exists(connection: Connection, name: str) -> bool:
    """Whether there is a pool of this name."""
    return connection.execute(_BY_NAME, {"pool_name": name}).first() is not None


def read(connection: Connection, name: str) -> WorkPool:
    """The pool of this name; raises NotFound."""
    return _pool(connection, _row(connection, name))


def read_bare(connection: Connection, name: str) -> WorkPool:
    """The pool without its status, for which its workers would have to be asked for; raises NotFound."""
    return rows.model(WorkPool, _row(connection, name))


def read_by_id(connection: Connection, pool_id: UUID) -> WorkPool:
    """The pool of this id; raises NotFound."""
    name = connection.scalar(select(work_pools.c.name).where(work_pools.c.id == pool_id))
    return read(connection, name or str(pool_id))


def search(connection: Connection, query: WorkPoolQuery) -> list[WorkPool]:
    """A page of the pools that the query asks for, by name."""
    limit, offset = filters.page(query)
    chosen = select(work_pools).where(filters.of_work_pools(query)).order_by(work_pools.c.name)
    return [_pool(connection, row) for row in connection.execute(chosen.limit(limit).offset(offset)).all()]


def count(connection: Connection, query: WorkPoolQuery) -> int:
    """How many pools the query asks for."""
    return connection.scalar(select(func.count()).select_from(work_pools).where(filters.of_work_pools(query))) or 0


def change(connection: Connection, name: str, changes: WorkPoolUpdate) -> None:
    """Change what was set in ``changes``; raises NotFound."""
    pool = read(connection, name)
    given = changes.model_dump(exclude_unset=True)
    nullable = ("concurrency_limit", "description")
    values = {key: value for key, value in given.items() if value is not None or key in nullable}
    rows.change(connection, work_pools, pool.id, values)


def queue_for(connection: Connection, pool_name: str, queue_name: str | None) -> UUID:
    """The id of the pool's queue of this name, made if need be; its default queue when none is named."""
    pool = read(connection, pool_name)
    if queue_name is None and pool.default_queue_id is not None:
        return pool.default_queue_id
    name = queue_name or DEFAULT_QUEUE
    try:
        return work_queues.read_by_name(connection, pool_name, name).id
    except NotFound:
        return work_queues.create(connection, pool.id, WorkQueueCreate(name=name))


def remove(connection: Connection, name: str) -> None:
    """Delete the pool with its queues and workers; raises NotFound."""
    if not connection.execute(delete(work_pools).where(work_pools.c.name == name)).rowcount:
        raise _not_found(name)


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


def pool_workers(connection: Connection, pool_name: str, query: WorkerQuery) -> list[Worker]:
    """The pool's workers that the query asks for, by whether they still beat; raises NotFound for the pool."""
    pool = read(connection, pool_name)
    chosen = select(workers).where(workers.c.work_pool_id == pool.id).order_by(workers.c.name)
    now = clock.now()
    every = [
        rows.model(Worker, row, status="ONLINE" if _is_online(row, now) else "OFFLINE")
        for row in connection.execute(chosen)
    ]
    asked = query.workers.status.any_ if query.workers and query.workers.status else None
    limit, offset = filters.page(query)
    return [one for one in every if asked is None or one.status in asked][offset : offset + limit]


def remove_worker(connection: Connection, pool_name: str, name: str) -> None:
    """Forget the worker; raises NotFound."""
    pool_id = read(connection, pool_name).id
    doomed = delete(workers).where(workers.c.work_pool_id == pool_id, workers.c.name == name)
    if not connection.execute(doomed).rowcount:
        raise NotFound(404, "Worker not found.")


def gone_since(connection: Connection, pool_id: UUID, name: str) -> datetime | None:
    """When the worker was last heard from, if that was too long ago; None: it is well, or was never heard from."""
    chosen = select(workers).where(workers.c.work_pool_id == pool_id, workers.c.name == name)
    row = connection.execute(chosen).one_or_none()
    if row is None or _is_online(row, clock.now()):
        return None
    seen: datetime = row.last_heartbeat_time
    return seen


def _row(connection: Connection, name: str) -> Row[Any]:
    row = connection.execute(_BY_NAME, {"pool_name": name}).one_or_none()
    if row is None:
        raise _not_found(name)
    return row


def _pool(connection: Connection, row: Any) -> WorkPool:
    beats: Select[Any] = select(workers).where(workers.c.work_pool_id == row.id)
    now = clock.now()
    alive = any(_is_online(worker, now) for worker in connection.execute(beats))
    status = None if row.type == _UNWATCHED else WorkPoolStatus.READY if alive else WorkPoolStatus.NOT_READY
    limited = row.concurrency_limit is not None
    queue_ids = [one.id for one in work_queues.of_pool(connection, row.id)] if limited else []
    taken = work_queues.active(connection, *queue_ids) if limited else None
    return rows.model(WorkPool, row, status=WorkPoolStatus.PAUSED if row.is_paused else status, active_slots=taken)


def _is_online(worker: Any, now: datetime) -> bool:
    interval = worker.heartbeat_interval_seconds or DEFAULT_HEARTBEAT
    late: timedelta = now - worker.last_heartbeat_time
    return late.total_seconds() <= MISSED_HEARTBEATS * interval


def _not_found(name: str) -> NotFound:
    return NotFound(404, f'Work pool "{name}" not found.')

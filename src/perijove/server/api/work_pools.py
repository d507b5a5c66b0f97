"""Routes of work pools, their queues and workers, and of the runs that wait in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from fastapi import APIRouter, status
from sqlalchemy import Connection

from perijove import clock
from perijove.schemas.filters import WorkPoolQuery
from perijove.schemas.runs import FlowRun
from perijove.schemas.work import (
    ScheduledFlowRun,
    ScheduledRunsRequest,
    Worker,
    WorkerHeartbeat,
    WorkPool,
    WorkPoolCreate,
    WorkPoolUpdate,
    WorkQueue,
)
from perijove.server.api.backend import Injected
from perijove.server.api.waiting import Hold, Patience
from perijove.server.services.signals import RUNS, SLOTS
from perijove.server.storage import flow_runs, work_pools

MOST_RUNS = 200
"""Runs that are given out at once."""

router = APIRouter(prefix="/work_pools", tags=["work pools"])


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_work_pool(pool: WorkPoolCreate, backend: Injected) -> WorkPool:
    return await backend.write(partial(work_pools.create, pool=pool))


@router.post("/filter")
async def read_work_pools(query: WorkPoolQuery, backend: Injected) -> list[WorkPool]:
    return await backend.read(partial(work_pools.search, query=query))


@router.get("/{name}")
async def read_work_pool(name: str, backend: Injected) -> WorkPool:
    return await backend.read(partial(work_pools.read, name=name))


@router.patch("/{name}", status_code=status.HTTP_204_NO_CONTENT)
async def update_work_pool(name: str, changes: WorkPoolUpdate, backend: Injected) -> None:
    await backend.write(partial(work_pools.change, name=name, changes=changes), RUNS)


@router.post("/{name}/queues/filter")
async def read_work_queues(name: str, backend: Injected) -> list[WorkQueue]:
    return await backend.read(partial(work_pools.queues, pool_name=name))


@router.post("/{name}/workers/heartbeat", status_code=status.HTTP_204_NO_CONTENT)
async def heartbeat(name: str, beat: WorkerHeartbeat, backend: Injected) -> None:
    await backend.write(partial(work_pools.heartbeat, pool_name=name, beat=beat))


@router.post("/{name}/workers/filter")
async def read_workers(name: str, backend: Injected) -> list[Worker]:
    return await backend.read(partial(work_pools.pool_workers, pool_name=name))


@router.post("/{name}/get_scheduled_flow_runs")
async def get_scheduled_flow_runs(
    name: str, asked: ScheduledRunsRequest, backend: Injected, patience: Patience
) -> list[ScheduledFlowRun]:
    """The pool's runs that are due. A patient client is answered when there is one.

    They are not taken by being asked for: whoever gets a run into Pending has it.
    """
    hold = Hold(patience, backend.signals)
    await backend.write(partial(_note_poll, name=name, asked=asked))
    topics = [RUNS]
    while True:
        with backend.signals.listen(*topics) as changed:
            seen = await backend.read(partial(_look, name=name, asked=asked))
            if seen.due or hold.is_over:
                return seen.due
            if seen.is_limited == (SLOTS in topics):
                await hold.until_changed(changed, seen.next)
        topics = [RUNS, SLOTS] if seen.is_limited else [RUNS]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The runs that are due, when the next one will be (None: not known), and whether limits may keep runs waiting."""

    due: list[ScheduledFlowRun]
    next: datetime | None
    is_limited: bool


def _queues(connection: Connection, pool: WorkPool, asked: ScheduledRunsRequest) -> list[WorkQueue]:
    wanted = asked.work_queue_names
    return [queue for queue in work_pools.queues_of(connection, pool) if not wanted or queue.name in wanted]


def _note_poll(connection: Connection, name: str, asked: ScheduledRunsRequest) -> None:
    queues = _queues(connection, work_pools.read(connection, name), asked)
    work_pools.note_poll(connection, [queue.id for queue in queues])


def _look(connection: Connection, name: str, asked: ScheduledRunsRequest) -> _Seen:
    """See what there is for whoever asks: nothing from what is paused, and no more than the limits let run."""
    pool, now = work_pools.read(connection, name), clock.now()
    open_queues = [] if pool.is_paused else [one for one in _queues(connection, pool, asked) if not one.is_paused]
    ids = [queue.id for queue in open_queues]
    before = asked.scheduled_before or now
    most = MOST_RUNS if asked.limit is None else asked.limit
    found = flow_runs.due(connection, ids, before=before, after=asked.scheduled_after, limit=MOST_RUNS)
    due = list(_within_limits(connection, pool, open_queues, found))[:most]
    coming = None if due or asked.scheduled_before else flow_runs.next_due(connection, ids, after=now)
    return _Seen(due, coming, _is_limited(pool, open_queues))


def _is_limited(pool: WorkPool, queues: list[WorkQueue]) -> bool:
    limits = [pool.concurrency_limit, *(queue.concurrency_limit for queue in queues)]
    return any(limit is not None for limit in limits)


def _within_limits(
    connection: Connection, pool: WorkPool, queues: list[WorkQueue], found: list[FlowRun]
) -> Iterator[ScheduledFlowRun]:
    """Those of the found runs that the free slots of the pool and of their queues have room for."""
    limits = {queue.id: queue.concurrency_limit for queue in queues}
    limited = found and _is_limited(pool, queues)
    every_queue = [queue.id for queue in work_pools.queues_of(connection, pool)] if limited else []
    active = flow_runs.active(connection, every_queue) if every_queue else {}
    in_pool = sum(active.values())
    for run in found:
        queue_id = run.work_queue_id
        if queue_id is None or _is_full(pool.concurrency_limit, in_pool):
            continue
        if not _is_full(limits[queue_id], active.get(queue_id, 0)):
            active[queue_id] = active.get(queue_id, 0) + 1
            in_pool += 1
            yield ScheduledFlowRun(work_pool_id=pool.id, work_queue_id=queue_id, flow_run=run)


def _is_full(limit: int | None, active: int) -> bool:
    return limit is not None and active >= limit

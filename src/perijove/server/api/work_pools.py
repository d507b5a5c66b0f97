"""Routes of work pools, their queues and workers, and of the runs that wait in them."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from fastapi import APIRouter, status
from sqlalchemy import Connection

from perijove import clock
from perijove.schemas.filters import WorkPoolQuery
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
from perijove.server.api.backend import Backend, Injected
from perijove.server.api.waiting import Hold, Patience
from perijove.server.services.signals import RUNS
from perijove.server.storage import flow_runs, work_pools

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
    queues = await backend.write(partial(_asked_queues, pool_name=name, names=asked.work_queue_names))
    with backend.signals.listen(RUNS) as changed:
        while not (due := await _due(backend, queues, asked)) and not hold.is_over:
            first = await backend.read(partial(flow_runs.next_due, queue_ids=[queue.id for queue in queues]))
            await hold.until_changed(changed, first)
    return due


def _asked_queues(connection: Connection, pool_name: str, names: Sequence[str] | None) -> list[WorkQueue]:
    """The queues that are asked for and not paused; that they were asked for is noted."""
    pool = work_pools.read(connection, pool_name)
    asked = [queue for queue in work_pools.queues(connection, pool_name) if not names or queue.name in names]
    work_pools.note_poll(connection, [queue.id for queue in asked])
    return [queue for queue in asked if not (queue.is_paused or pool.is_paused)]


async def _due(backend: Backend, queues: list[WorkQueue], asked: ScheduledRunsRequest) -> list[ScheduledFlowRun]:
    pools: dict[UUID | None, UUID] = {queue.id: queue.work_pool_id for queue in queues}
    found = await backend.read(
        partial(
            flow_runs.due,
            queue_ids=[queue.id for queue in queues],
            before=asked.scheduled_before or clock.now(),
            after=asked.scheduled_after,
            limit=asked.limit or 200,
        )
    )
    return [
        ScheduledFlowRun(work_pool_id=pools[run.work_queue_id], work_queue_id=run.work_queue_id, flow_run=run)
        for run in found
        if run.work_queue_id is not None
    ]

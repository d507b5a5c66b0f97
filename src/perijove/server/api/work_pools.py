"""Routes of work pools, their workers, and of the runs that wait in them."""

from functools import partial

from fastapi import APIRouter, status
from sqlalchemy import Connection

from perijove.schemas.filters import WorkPoolQuery
from perijove.schemas.runs import FlowRun
from perijove.schemas.slot_holders import PoolSlots, PoolSlotsQuery
from perijove.schemas.work import (
    ScheduledFlowRun,
    ScheduledRunsRequest,
    Worker,
    WorkerHeartbeat,
    WorkerQuery,
    WorkPool,
    WorkPoolCreate,
    WorkPoolUpdate,
)
from perijove.server.api.backend import Injected
from perijove.server.api.waiting import EVER, Hold, Patience
from perijove.server.services import dispatch, pools, statuses
from perijove.server.services.signals import RUNS, SLOTS
from perijove.server.storage import slot_holders, work_pools, work_queues

router = APIRouter(prefix="/work_pools", tags=["work pools"])


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_work_pool(pool: WorkPoolCreate, backend: Injected) -> WorkPool:
    return await backend.write(partial(pools.create, wanted=pool))


@router.post("/filter")
async def read_work_pools(query: WorkPoolQuery, backend: Injected) -> list[WorkPool]:
    return await backend.read(partial(work_pools.search, query=query))


@router.post("/count")
async def count_work_pools(query: WorkPoolQuery, backend: Injected) -> int:
    return await backend.read(partial(work_pools.count, query=query))


@router.get("/{name}")
async def read_work_pool(name: str, backend: Injected) -> WorkPool:
    return await backend.read(partial(work_pools.read, name=name))


@router.patch("/{name}", status_code=status.HTTP_204_NO_CONTENT)
async def update_work_pool(name: str, changes: WorkPoolUpdate, backend: Injected) -> None:
    def work(connection: Connection) -> None:
        pools.change(connection, name, changes)
        statuses.tell(connection)

    await backend.write(work, RUNS)


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_work_pool(name: str, backend: Injected) -> None:
    """Delete the pool with its queues; the deployments and runs that were in it have none then."""
    await backend.write(partial(pools.remove, name=name), RUNS)


@router.post("/{name}/workers/heartbeat", status_code=status.HTTP_204_NO_CONTENT)
async def heartbeat(name: str, beat: WorkerHeartbeat, backend: Injected) -> None:
    await backend.write(partial(work_pools.heartbeat, pool_name=name, beat=beat))


@router.post("/{name}/workers/filter")
async def read_workers(name: str, backend: Injected, query: WorkerQuery | None = None) -> list[Worker]:
    return await backend.read(partial(work_pools.pool_workers, pool_name=name, query=query or WorkerQuery()))


@router.delete("/{name}/workers/{worker_name:path}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_worker(name: str, worker_name: str, backend: Injected) -> None:
    await backend.write(partial(work_pools.remove_worker, pool_name=name, name=worker_name))


@router.post("/{name}/concurrency_status")
async def read_slots_of_work_pool(name: str, backend: Injected, asked: PoolSlotsQuery) -> PoolSlots:
    """Who holds the pool's slots, by its queues."""
    return await backend.read(partial(slot_holders.of_pool, name=name, asked=asked))


@router.post("/{name}/get_scheduled_flow_runs")
async def get_scheduled_flow_runs(
    name: str, asked: ScheduledRunsRequest, backend: Injected, patience: Patience
) -> list[ScheduledFlowRun]:
    """The pool's runs that are scheduled for ``scheduled_before`` (None: for any time). A patient client that says none
    means now, and is answered when there is one.

    They are not taken by being asked for: whoever gets a run into Pending has it.
    """
    hold = Hold(patience, backend.signals)
    if asked.scheduled_before is None and not patience:
        asked = asked.model_copy(update={"scheduled_before": EVER})
    topics = [RUNS]
    if names := asked.work_queue_names:
        await backend.read(partial(work_queues.check_known, pool_name=name, queue_names=names))
    while True:
        with backend.signals.listen(*topics) as changed:
            seen = await backend.read(partial(dispatch.look_at_pool, pool_name=name, asked=asked))
            if seen.unnoted:
                await backend.write(partial(work_queues.note_poll, queue_ids=seen.unnoted))
            if seen.due or hold.is_over:
                return [_scheduled(run) for run in seen.due]
            if seen.is_limited == (SLOTS in topics):
                await hold.until_changed(changed, seen.next)
        topics = [RUNS, SLOTS] if seen.is_limited else [RUNS]


def _scheduled(run: FlowRun) -> ScheduledFlowRun:
    """The run, and beside it where it waits."""
    return ScheduledFlowRun.model_validate(
        {"work_pool_id": run.work_pool_id, "work_queue_id": run.work_queue_id, "flow_run": run}
    )

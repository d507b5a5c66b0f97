"""Routes of work queues: by their pool and name, and by their id."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, status
from sqlalchemy import Connection

from perijove.schemas.filters import WorkQueueQuery
from perijove.schemas.runs import FlowRun
from perijove.schemas.slot_holders import QueueSlots, QueueSlotsQuery
from perijove.schemas.work import (
    QueueRunsRequest,
    ScheduledRunsRequest,
    WorkQueue,
    WorkQueueCreate,
    WorkQueueHealth,
    WorkQueueUpdate,
)
from perijove.server.api.backend import Injected
from perijove.server.api.waiting import EVER
from perijove.server.local_pool import AGENT_POOL
from perijove.server.services import dispatch, pools, statuses
from perijove.server.services.signals import RUNS
from perijove.server.storage import flow_runs, slot_holders, work_pools, work_queues

router = APIRouter(tags=["work queues"])


@router.post("/work_pools/{pool_name}/queues", status_code=status.HTTP_201_CREATED)
async def create_work_queue(pool_name: str, queue: WorkQueueCreate, backend: Injected) -> WorkQueue:
    return await backend.write(partial(pools.create_queue, pool_name=pool_name, wanted=queue))


@router.post("/work_pools/{pool_name}/queues/filter")
async def read_work_queues_of_pool(
    pool_name: str, backend: Injected, query: WorkQueueQuery | None = None
) -> list[WorkQueue]:
    def work(connection: Connection) -> list[WorkQueue]:
        pool = work_pools.read(connection, pool_name)
        return work_queues.search(connection, query or WorkQueueQuery(), pool_id=pool.id)

    return await backend.read(work)


@router.get("/work_pools/{pool_name}/queues/{name:path}")
async def read_work_queue_of_pool(pool_name: str, name: str, backend: Injected) -> WorkQueue:
    return await backend.read(partial(work_queues.read_by_name, pool_name=pool_name, name=name))


@router.patch("/work_pools/{pool_name}/queues/{name:path}", status_code=status.HTTP_204_NO_CONTENT)
async def update_work_queue_of_pool(pool_name: str, name: str, changes: WorkQueueUpdate, backend: Injected) -> None:
    def work(connection: Connection) -> None:
        pools.change_queue(connection, work_queues.read_by_name(connection, pool_name, name).id, changes)
        statuses.tell(connection)

    await backend.write(work, RUNS)


@router.delete("/work_pools/{pool_name}/queues/{name:path}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_work_queue_of_pool(pool_name: str, name: str, backend: Injected) -> None:
    def work(connection: Connection) -> None:
        pools.remove_queue(connection, work_queues.read_by_name(connection, pool_name, name).id)

    await backend.write(work, RUNS)


@router.post("/work_queues/", status_code=status.HTTP_201_CREATED)
async def create_work_queue_of_agents(queue: WorkQueueCreate, backend: Injected) -> WorkQueue:
    """A queue for which no pool is named is one of the agents' pool."""

    def work(connection: Connection) -> WorkQueue:
        pools.ensure(connection, AGENT_POOL)
        return pools.create_queue(connection, AGENT_POOL.name, queue)

    return await backend.write(work)


@router.post("/work_queues/filter")
async def read_work_queues(query: WorkQueueQuery, backend: Injected) -> list[WorkQueue]:
    return await backend.read(partial(work_queues.search, query=query))


@router.get("/work_queues/name/{name:path}")
async def read_work_queue_by_name(name: str, backend: Injected) -> WorkQueue:
    return await read_work_queue_of_pool(AGENT_POOL.name, name, backend)


@router.get("/work_queues/{queue_id:uuid}")
async def read_work_queue(queue_id: UUID, backend: Injected) -> WorkQueue:
    return await backend.read(partial(work_queues.read, queue_id=queue_id))


@router.get("/work_queues/{queue_id:uuid}/status")
async def read_work_queue_status(queue_id: UUID, backend: Injected) -> WorkQueueHealth:
    def work(connection: Connection) -> WorkQueueHealth:
        queue = work_queues.read(connection, queue_id)
        late = flow_runs.late_in_queue(connection, queue_id)
        healthy = queue.status == "READY" and not late
        policy = {"maximum_late_runs": 0, "maximum_seconds_since_last_polled": work_queues.READY_FOR}
        return WorkQueueHealth(
            healthy=healthy, late_runs_count=late, last_polled=queue.last_polled, health_check_policy=policy
        )

    return await backend.read(work)


@router.post("/work_queues/{queue_id:uuid}/concurrency_status")
async def read_slots_of_work_queue(queue_id: UUID, backend: Injected, asked: QueueSlotsQuery) -> QueueSlots:
    """Who holds the queue's slots."""
    return await backend.read(partial(slot_holders.of_queue, queue_id=queue_id, asked=asked))


@router.post("/work_queues/{queue_id:uuid}/get_runs")
async def read_runs_of_work_queue(queue_id: UUID, asked: QueueRunsRequest, backend: Injected) -> list[FlowRun]:
    """The queue's runs that are scheduled for ``scheduled_before`` (None: for any time), as many as the limits let
    run."""

    def work(connection: Connection) -> list[FlowRun]:
        queue = work_queues.read(connection, queue_id)
        assert queue.work_pool_name is not None  # noqa: S101  (each queue is a pool's)
        wanted = ScheduledRunsRequest(
            work_queue_names=[queue.name], scheduled_before=asked.scheduled_before or EVER, limit=asked.limit
        )
        seen = dispatch.look_at_pool(connection, queue.work_pool_name, wanted)
        work_queues.note_poll(connection, seen.unnoted)
        return seen.due

    return await backend.write(work)


@router.patch("/work_queues/{queue_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_work_queue(queue_id: UUID, changes: WorkQueueUpdate, backend: Injected) -> None:
    def work(connection: Connection) -> None:
        pools.change_queue(connection, queue_id, changes)
        statuses.tell(connection)

    await backend.write(work, RUNS)


@router.delete("/work_queues/{queue_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_work_queue(queue_id: UUID, backend: Injected) -> None:
    await backend.write(partial(pools.remove_queue, queue_id=queue_id), RUNS)

"""Requests about work pools, their queues and workers."""

from uuid import UUID

from perijove.client.calls import Call, encode, endpoint, nothing
from perijove.client.endpoints.requests import delete, get, patch, post, quoted, waiting
from perijove.schemas.filters import WorkPoolQuery, WorkQueueQuery
from perijove.schemas.work import (
    ScheduledFlowRun,
    ScheduledRunsRequest,
    Worker,
    WorkerHeartbeat,
    WorkerQuery,
    WorkPool,
    WorkPoolCreate,
    WorkPoolUpdate,
    WorkQueue,
    WorkQueueCreate,
    WorkQueueHealth,
    WorkQueueUpdate,
)


class WorkPools:
    """Work pools, their queues and workers."""

    @endpoint
    def create_work_pool(self, pool: WorkPoolCreate) -> Call[WorkPool]:
        return post("/work_pools/", pool, WorkPool)

    @endpoint
    def read_work_pool(self, name: str) -> Call[WorkPool]:
        return get(f"/work_pools/{quoted(name)}", WorkPool)

    @endpoint
    def read_work_pools(self, query: WorkPoolQuery) -> Call[list[WorkPool]]:
        return post("/work_pools/filter", query, list[WorkPool])

    @endpoint
    def update_work_pool(self, name: str, changes: WorkPoolUpdate) -> Call[None]:
        return patch(f"/work_pools/{quoted(name)}", changes)

    @endpoint
    def send_worker_heartbeat(self, pool: str, heartbeat: WorkerHeartbeat) -> Call[None]:
        path = f"/work_pools/{quoted(pool)}/workers/heartbeat"
        return Call("POST", path, nothing, encode(heartbeat))

    @endpoint
    def get_scheduled_flow_runs(
        self, pool: str, request: ScheduledRunsRequest, *, wait: float = 0.0
    ) -> Call[list[ScheduledFlowRun]]:
        """The pool's runs that are scheduled for ``scheduled_before`` (None: for any time).

        With ``wait``, None is now, and a server that can holds its answer for so many seconds, until there is a run.
        """
        path = f"/work_pools/{quoted(pool)}/get_scheduled_flow_runs"
        return waiting(post(path, request, list[ScheduledFlowRun]), wait)

    @endpoint
    def count_work_pools(self, query: WorkPoolQuery) -> Call[int]:
        return post("/work_pools/count", query, int)

    @endpoint
    def delete_work_pool(self, name: str) -> Call[None]:
        return delete(f"/work_pools/{quoted(name)}")

    @endpoint
    def read_workers_for_work_pool(self, pool: str, query: WorkerQuery) -> Call[list[Worker]]:
        return post(f"/work_pools/{quoted(pool)}/workers/filter", query, list[Worker])

    @endpoint
    def delete_worker(self, pool: str, name: str) -> Call[None]:
        return delete(f"/work_pools/{quoted(pool)}/workers/{quoted(name)}")

    @endpoint
    def create_work_queue(self, pool: str, queue: WorkQueueCreate) -> Call[WorkQueue]:
        return post(f"/work_pools/{quoted(pool)}/queues", queue, WorkQueue)

    @endpoint
    def read_work_queue_by_name(self, pool: str, name: str) -> Call[WorkQueue]:
        return get(f"/work_pools/{quoted(pool)}/queues/{quoted(name)}", WorkQueue)

    @endpoint
    def read_work_queues_of_pool(self, pool: str, query: WorkQueueQuery) -> Call[list[WorkQueue]]:
        """The pool's queues, the most urgent first."""
        return post(f"/work_pools/{quoted(pool)}/queues/filter", query, list[WorkQueue])

    @endpoint
    def read_work_queues(self, query: WorkQueueQuery) -> Call[list[WorkQueue]]:
        return post("/work_queues/filter", query, list[WorkQueue])

    @endpoint
    def read_work_queue(self, queue_id: UUID) -> Call[WorkQueue]:
        return get(f"/work_queues/{queue_id}", WorkQueue)

    @endpoint
    def read_work_queue_status(self, queue_id: UUID) -> Call[WorkQueueHealth]:
        return get(f"/work_queues/{queue_id}/status", WorkQueueHealth)

    @endpoint
    def update_work_queue(self, queue_id: UUID, changes: WorkQueueUpdate) -> Call[None]:
        return patch(f"/work_queues/{queue_id}", changes)

    @endpoint
    def delete_work_queue(self, queue_id: UUID) -> Call[None]:
        return delete(f"/work_queues/{queue_id}")

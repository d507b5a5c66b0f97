"""One method an endpoint: Prefect's REST API, as far as deployments need it."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel

from perijove.client.calls import Call, T, encode, endpoint, nothing, returns
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate, DeploymentUpdate
from perijove.schemas.events import Event
from perijove.schemas.filters import DeploymentQuery, FlowQuery, FlowRunQuery, LogQuery, TaskRunQuery, WorkPoolQuery
from perijove.schemas.flows import Flow, FlowCreate
from perijove.schemas.leases import LeasedRun, LeaseRenewal, LeaseRequest
from perijove.schemas.logs import Log, LogCreate
from perijove.schemas.runs import (
    FlowRun,
    FlowRunCreate,
    FlowRunUpdate,
    OrchestrationResult,
    SetState,
    TaskRun,
    TaskRunCreate,
)
from perijove.schemas.schedules import DeploymentSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate
from perijove.schemas.states import State, StateCreate
from perijove.schemas.work import (
    ScheduledFlowRun,
    ScheduledRunsRequest,
    WorkerHeartbeat,
    WorkPool,
    WorkPoolCreate,
    WorkPoolUpdate,
)


def _get(path: str, shape: type[T]) -> Call[T]:
    return Call("GET", path, returns(shape))


def _post(path: str, body: BaseModel | list[Any] | Mapping[str, Any], shape: type[T]) -> Call[T]:
    return Call("POST", path, returns(shape), encode(body))


def _patch(path: str, body: BaseModel) -> Call[None]:
    return Call("PATCH", path, nothing, encode(body))


def _delete(path: str) -> Call[None]:
    return Call("DELETE", path, nothing)


def _waiting(call: Call[T], seconds: float, headers: Mapping[str, str] | None = None) -> Call[T]:
    """The call with a wish (RFC 7240) that the server hold its answer until there is one worth giving."""
    if not seconds:
        return call
    wishes = {"Prefer": f"wait={seconds:g}", **(headers or {})}
    return Call(call.method, call.path, call.read, call.body, wishes, wait=seconds)


class Api:
    """Every endpoint. The method's name is that of Prefect's client where it has one."""

    # -- the server -------------------------------------------------------------------------------------------------

    @endpoint
    def read_version(self) -> Call[str]:
        """The version of Prefect that the server speaks as."""
        return _get("/admin/version", str)

    # -- flows ------------------------------------------------------------------------------------------------------

    @endpoint
    def create_flow(self, flow: FlowCreate) -> Call[Flow]:
        """The flow of this name, made if there is none."""
        return _post("/flows/", flow, Flow)

    @endpoint
    def read_flow(self, flow_id: UUID) -> Call[Flow]:
        return _get(f"/flows/{flow_id}", Flow)

    @endpoint
    def read_flow_by_name(self, name: str) -> Call[Flow]:
        return _get(f"/flows/name/{quote(name, safe='')}", Flow)

    @endpoint
    def read_flows(self, query: FlowQuery) -> Call[list[Flow]]:
        return _post("/flows/filter", query, list[Flow])

    # -- deployments ------------------------------------------------------------------------------------------------

    @endpoint
    def create_deployment(self, deployment: DeploymentCreate) -> Call[Deployment]:
        """Create the deployment, or replace the one of the same flow and name."""
        return _post("/deployments/", deployment, Deployment)

    @endpoint
    def read_deployment(self, deployment_id: UUID) -> Call[Deployment]:
        return _get(f"/deployments/{deployment_id}", Deployment)

    @endpoint
    def read_deployment_by_name(self, name: str) -> Call[Deployment]:
        """``name`` is ``flow-name/deployment-name``."""
        flow, _, deployment = name.rpartition("/")
        return _get(f"/deployments/name/{quote(flow, safe='')}/{quote(deployment, safe='')}", Deployment)

    @endpoint
    def read_deployments(self, query: DeploymentQuery) -> Call[list[Deployment]]:
        return _post("/deployments/filter", query, list[Deployment])

    @endpoint
    def count_deployments(self, query: DeploymentQuery) -> Call[int]:
        return _post("/deployments/count", query, int)

    @endpoint
    def update_deployment(self, deployment_id: UUID, changes: DeploymentUpdate) -> Call[None]:
        return _patch(f"/deployments/{deployment_id}", changes)

    @endpoint
    def delete_deployment(self, deployment_id: UUID) -> Call[None]:
        return _delete(f"/deployments/{deployment_id}")

    @endpoint
    def pause_deployment(self, deployment_id: UUID) -> Call[None]:
        return Call("POST", f"/deployments/{deployment_id}/pause_deployment", nothing)

    @endpoint
    def resume_deployment(self, deployment_id: UUID) -> Call[None]:
        return Call("POST", f"/deployments/{deployment_id}/resume_deployment", nothing)

    @endpoint
    def read_deployment_schedules(self, deployment_id: UUID) -> Call[list[DeploymentSchedule]]:
        return _get(f"/deployments/{deployment_id}/schedules", list[DeploymentSchedule])

    @endpoint
    def create_deployment_schedules(
        self, deployment_id: UUID, schedules: Sequence[DeploymentScheduleCreate]
    ) -> Call[list[DeploymentSchedule]]:
        return _post(f"/deployments/{deployment_id}/schedules", list(schedules), list[DeploymentSchedule])

    @endpoint
    def update_deployment_schedule(
        self, deployment_id: UUID, schedule_id: UUID, changes: DeploymentScheduleUpdate
    ) -> Call[None]:
        return _patch(f"/deployments/{deployment_id}/schedules/{schedule_id}", changes)

    @endpoint
    def delete_deployment_schedule(self, deployment_id: UUID, schedule_id: UUID) -> Call[None]:
        return _delete(f"/deployments/{deployment_id}/schedules/{schedule_id}")

    @endpoint
    def create_flow_run_from_deployment(self, deployment_id: UUID, run: DeploymentFlowRunCreate) -> Call[FlowRun]:
        return _post(f"/deployments/{deployment_id}/create_flow_run", run, FlowRun)

    @endpoint
    def get_scheduled_flow_runs_for_deployments(
        self, deployment_ids: Sequence[UUID], *, limit: int | None = None, wait: float = 0.0
    ) -> Call[list[FlowRun]]:
        """The deployments' runs that are due; ``wait`` as in ``get_scheduled_flow_runs``."""
        body = {"deployment_ids": list(deployment_ids), "limit": limit}
        return _waiting(_post("/deployments/get_scheduled_flow_runs", body, list[FlowRun]), wait)

    # -- flow runs --------------------------------------------------------------------------------------------------

    @endpoint
    def create_flow_run(self, run: FlowRunCreate) -> Call[FlowRun]:
        return _post("/flow_runs/", run, FlowRun)

    @endpoint
    def read_flow_run(
        self, flow_run_id: UUID, *, wait: float = 0.0, unless: UUID | None = None, until_final: bool = False
    ) -> Call[FlowRun]:
        """The run. With ``wait``, a server that can holds its answer for so many seconds, while the run is still in
        the state ``unless``, or ``until_final``: while it has not ended. One that can't answers at once."""
        known = {"If-None-Match": f'"{unless}"'} if unless else None
        path = f"/flow_runs/{flow_run_id}{'?until=final' if until_final else ''}"
        return _waiting(_get(path, FlowRun), wait, known)

    @endpoint
    def read_flow_runs(self, query: FlowRunQuery) -> Call[list[FlowRun]]:
        return _post("/flow_runs/filter", query, list[FlowRun])

    @endpoint
    def count_flow_runs(self, query: FlowRunQuery) -> Call[int]:
        return _post("/flow_runs/count", query, int)

    @endpoint
    def update_flow_run(self, flow_run_id: UUID, changes: FlowRunUpdate) -> Call[None]:
        return _patch(f"/flow_runs/{flow_run_id}", changes)

    @endpoint
    def delete_flow_run(self, flow_run_id: UUID) -> Call[None]:
        return _delete(f"/flow_runs/{flow_run_id}")

    @endpoint
    def set_flow_run_state(
        self, flow_run_id: UUID, state: StateCreate, *, force: bool = False, lease: UUID | None = None
    ) -> Call[OrchestrationResult]:
        """Propose a state; the answer says what became of it. ``lease``: the holder on whose behalf."""
        body = SetState(state=state, force=force, **({"lease": lease} if lease else {}))
        return _post(f"/flow_runs/{flow_run_id}/set_state", body, OrchestrationResult)

    @endpoint
    def read_flow_run_states(self, flow_run_id: UUID) -> Call[list[State]]:
        """The run's history, oldest first."""
        return _get(f"/flow_run_states/?flow_run_id={flow_run_id}", list[State])

    # -- leases (ours) ----------------------------------------------------------------------------------------------

    @endpoint
    def take_leases(self, asked: LeaseRequest, *, wait: float = 0.0) -> Call[list[LeasedRun]]:
        """The runs that are due, Pending and the holder's; ``wait`` as in ``get_scheduled_flow_runs``. Raises NotFound
        where there are no leases, as on a Prefect server."""
        return _waiting(_post("/leases/take", asked, list[LeasedRun]), wait)

    @endpoint
    def renew_leases(self, renewal: LeaseRenewal) -> Call[None]:
        return Call("POST", "/leases/renew", nothing, encode(renewal))

    # -- task runs --------------------------------------------------------------------------------------------------

    @endpoint
    def create_task_run(self, run: TaskRunCreate) -> Call[TaskRun]:
        """The task run of this flow run, task key and dynamic key, made if there is none."""
        return _post("/task_runs/", run, TaskRun)

    @endpoint
    def read_task_run(self, task_run_id: UUID) -> Call[TaskRun]:
        return _get(f"/task_runs/{task_run_id}", TaskRun)

    @endpoint
    def read_task_runs(self, query: TaskRunQuery) -> Call[list[TaskRun]]:
        return _post("/task_runs/filter", query, list[TaskRun])

    @endpoint
    def set_task_run_state(
        self, task_run_id: UUID, state: StateCreate, *, force: bool = False
    ) -> Call[OrchestrationResult]:
        body = SetState(state=state, force=force)
        return _post(f"/task_runs/{task_run_id}/set_state", body, OrchestrationResult)

    # -- events and logs --------------------------------------------------------------------------------------------

    @endpoint
    def create_events(self, events: Sequence[Event]) -> Call[None]:
        """Tell what happened; ``prefect.task-run.*`` events are how task runs become known."""
        return Call("POST", "/events", nothing, encode(list(events)))

    @endpoint
    def create_logs(self, logs: Sequence[LogCreate]) -> Call[None]:
        return Call("POST", "/logs/", nothing, encode(list(logs)))

    @endpoint
    def read_logs(self, query: LogQuery) -> Call[list[Log]]:
        return _post("/logs/filter", query, list[Log])

    # -- work pools -------------------------------------------------------------------------------------------------

    @endpoint
    def create_work_pool(self, pool: WorkPoolCreate) -> Call[WorkPool]:
        return _post("/work_pools/", pool, WorkPool)

    @endpoint
    def read_work_pool(self, name: str) -> Call[WorkPool]:
        return _get(f"/work_pools/{quote(name, safe='')}", WorkPool)

    @endpoint
    def read_work_pools(self, query: WorkPoolQuery) -> Call[list[WorkPool]]:
        return _post("/work_pools/filter", query, list[WorkPool])

    @endpoint
    def update_work_pool(self, name: str, changes: WorkPoolUpdate) -> Call[None]:
        return _patch(f"/work_pools/{quote(name, safe='')}", changes)

    @endpoint
    def send_worker_heartbeat(self, pool: str, heartbeat: WorkerHeartbeat) -> Call[None]:
        path = f"/work_pools/{quote(pool, safe='')}/workers/heartbeat"
        return Call("POST", path, nothing, encode(heartbeat))

    @endpoint
    def get_scheduled_flow_runs(
        self, pool: str, request: ScheduledRunsRequest, *, wait: float = 0.0
    ) -> Call[list[ScheduledFlowRun]]:
        """The pool's runs that are due. With ``wait``, a server that can holds its answer for so many seconds, until
        there is one; one that can't answers at once."""
        path = f"/work_pools/{quote(pool, safe='')}/get_scheduled_flow_runs"
        return _waiting(_post(path, request, list[ScheduledFlowRun]), wait)

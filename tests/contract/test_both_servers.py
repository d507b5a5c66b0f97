"""Perijove's client against the embedded server and a real Prefect server: the same requests, the same answers."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from perijove.client import SyncClient
from perijove.errors import Invalid, NotFound
from perijove.schemas.artifacts import ArtifactCreate
from perijove.schemas.concurrency import ConcurrencyLimitCreate, LeasedSlotsRequest
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate, DeploymentUpdate
from perijove.schemas.filters import (
    Among,
    DeploymentFilter,
    DeploymentQuery,
    FlowRunFilter,
    FlowRunPages,
    FlowRunQuery,
    FlowRunSort,
    LogFilter,
    LogQuery,
    Tags,
    Text,
    WorkQueueQuery,
)
from perijove.schemas.flows import FlowCreate
from perijove.schemas.inputs import FlowRunInputCreate
from perijove.schemas.logs import LogCreate
from perijove.schemas.runs import FlowRun, FlowRunCreate, TaskRunCreate
from perijove.schemas.schedules import CronSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate
from perijove.schemas.states import State, StateCreate, StateDetails, StateType
from perijove.schemas.variables import VariableCreate
from perijove.schemas.work import ScheduledRunsRequest, WorkPoolCreate, WorkQueueCreate

from .conftest import prefect_server

pytestmark = pytest.mark.timeout(300)
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.fixture(scope="module", params=["embedded", pytest.param("prefect", marks=pytest.mark.full)])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncClient]:
    """A client of one server or the other."""
    if request.param == "embedded":
        yield request.getfixturevalue("ours")
        return
    with prefect_server(tmp_path_factory.mktemp("prefect")) as target, SyncClient(target) as client:
        yield client


def _deployment(api: SyncClient, **fields: object) -> Deployment:
    flow = api.create_flow(FlowCreate(name=f"report-{uuid4()}"))
    takes_nothing = {"parameter_openapi_schema": {"type": "object", "properties": {}}}  # older servers have no default
    return api.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, **{**takes_nothing, **fields}))


def _run(api: SyncClient, deployment: Deployment, **fields: object) -> FlowRun:
    return api.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate(**fields))


def _propose(api: SyncClient, run_id: UUID, *types: str) -> list[str]:
    return [api.set_flow_run_state(run_id, StateCreate(type=StateType(kind))).status.value for kind in types]


def test_a_run_goes_through_its_states(api: SyncClient) -> None:
    run = _run(api, _deployment(api))
    assert _propose(api, run.id, "PENDING", "PENDING", "RUNNING", "COMPLETED", "CRASHED") == [
        "ACCEPT",
        "ABORT",
        "ACCEPT",
        "ACCEPT",
        "ABORT",
    ]
    after = api.read_flow_run(run.id)
    assert (after.state_name, after.run_count) == ("Completed", 1)
    names = [state.name for state in api.read_flow_run_states(run.id)]
    assert names == ["Scheduled", "Pending", "Running", "Completed"]


def test_a_waiting_run_is_cancelled_at_once_and_an_early_one_told_to_wait(api: SyncClient) -> None:
    deployment = _deployment(api)
    assert _propose(api, _run(api, deployment).id, "CANCELLING") == ["REJECT"]
    later = StateCreate(type=StateType.SCHEDULED, state_details=StateDetails(scheduled_time="2100-01-01T00:00:00Z"))
    assert _propose(api, _run(api, deployment, state=later).id, "RUNNING") == ["WAIT"]


def test_parameters_are_merged_and_checked(api: SyncClient) -> None:
    deployment = _deployment(api, parameter_openapi_schema=SCHEMA, parameters={"n": 1})
    assert _run(api, deployment, parameters={"n": 2}).parameters == {"n": 2}
    with pytest.raises(Invalid, match="['\"]two['\"] is not of type ['\"]integer['\"]") as refused:
        _run(api, deployment, parameters={"n": "two"})
    assert refused.value.status == 409


def test_a_second_run_of_the_same_key_is_the_first(api: SyncClient) -> None:
    deployment = _deployment(api)
    assert _run(api, deployment, idempotency_key="k").id == _run(api, deployment, idempotency_key="k").id


def test_schedules_are_added_changed_and_removed(api: SyncClient) -> None:
    deployment = _deployment(api)
    daily = DeploymentScheduleCreate(schedule=CronSchedule(cron="0 8 * * *", timezone="Europe/Berlin"), slug="daily")
    (made,) = api.create_deployment_schedules(deployment.id, [daily])
    api.update_deployment_schedule(deployment.id, made.id, DeploymentScheduleUpdate(active=False))
    (after,) = api.read_deployment_schedules(deployment.id)
    assert (after.id, after.active, after.slug, after.schedule) == (made.id, False, "daily", daily.schedule)
    api.delete_deployment_schedule(deployment.id, made.id)
    assert api.read_deployment_schedules(deployment.id) == []


def test_deployments_are_found_paused_changed_and_deleted(api: SyncClient) -> None:
    tag = str(uuid4())
    deployment = _deployment(api, tags=[tag, "b"], description="d", version="1", concurrency_limit=2)
    assert deployment.global_concurrency_limit is not None
    assert deployment.global_concurrency_limit.limit == 2
    query = DeploymentQuery(deployments=DeploymentFilter(tags=Tags(all_=[tag]), name=Text(like_="pro")))
    assert [one.id for one in api.read_deployments(query)] == [deployment.id]
    assert api.count_deployments(query) == 1
    api.pause_deployment(deployment.id)
    api.update_deployment(deployment.id, DeploymentUpdate(description=None, tags=[tag]))
    after = api.read_deployment(deployment.id)
    assert (after.paused, after.description, after.tags, after.version) == (True, None, [tag], "1")
    api.delete_deployment(deployment.id)
    with pytest.raises(NotFound):
        api.read_deployment(deployment.id)


def test_runs_are_found_sorted_paged_and_counted(api: SyncClient) -> None:
    deployment = _deployment(api, tags=["d"])
    runs = [_run(api, deployment, name=name, tags=["r"]) for name in ("b", "a", "c")]
    mine = FlowRunFilter(deployment_id=Among(any_=[deployment.id]))
    found = api.read_flow_runs(FlowRunQuery(flow_runs=mine, sort=FlowRunSort.NAME_ASC, limit=2))
    assert [run.name for run in found] == ["a", "b"]
    assert set(found[0].tags) == {"d", "r"}
    assert api.count_flow_runs(FlowRunQuery(flow_runs=mine)) == 3
    page = api.paginate_flow_runs(FlowRunPages(flow_runs=mine, limit=2, page=2))
    assert (page.count, page.pages, len(page.results)) == (3, 2, 1)
    api.delete_flow_run(runs[0].id)
    assert api.count_flow_runs(FlowRunQuery(flow_runs=mine)) == 2


def test_pools_give_out_what_is_due_by_priority(api: SyncClient) -> None:
    pool = f"pool-{uuid4()}"
    api.create_work_pool(WorkPoolCreate(name=pool))
    api.create_work_queue(pool, WorkQueueCreate(name="urgent", priority=1))
    queues = api.read_work_queues_of_pool(pool, WorkQueueQuery())
    assert [(queue.name, queue.priority) for queue in queues] == [("urgent", 1), ("default", 2)]
    deployment = _deployment(api, work_pool_name=pool)
    runs = [_run(api, deployment), _run(api, deployment, work_queue_name="urgent")]
    due = api.get_scheduled_flow_runs(pool, ScheduledRunsRequest())
    assert [one.flow_run.id for one in due] == [runs[1].id, runs[0].id]


def test_logs_artifacts_variables_inputs_and_limits_are_kept(api: SyncClient) -> None:
    flow = api.create_flow(FlowCreate(name=f"report-{uuid4()}"))
    run = api.create_flow_run(FlowRunCreate(flow_id=flow.id, state=StateCreate(type=StateType.RUNNING)))
    now = State(type=StateType.RUNNING).timestamp
    api.create_logs([LogCreate(name="a", level=20, message="hello", timestamp=now, flow_run_id=run.id)])
    (line,) = api.read_logs(LogQuery(logs=LogFilter(flow_run_id=Among(any_=[run.id]))))
    assert (line.message, line.timestamp) == ("hello", now)
    key = f"k{uuid4()}"
    api.create_artifact(ArtifactCreate(key=key, type="markdown", data="# x", flow_run_id=run.id))
    assert api.read_latest_artifact(key).data == "# x"
    variable = key.replace("-", "_")
    api.create_variable(VariableCreate(name=variable, value={"a": 1}))
    assert api.read_variable_by_name(variable).value == {"a": 1}
    api.create_flow_run_input(run.id, FlowRunInputCreate(key="k", value='"x"'))
    assert api.read_flow_run_input(run.id, "k") == '"x"'
    api.create_global_concurrency_limit(ConcurrencyLimitCreate(name=key, limit=1))
    lease = api.increment_concurrency_slots_with_lease(LeasedSlotsRequest(names=[key], slots=1))
    assert api.read_global_concurrency_limit_by_name(key).active_slots == 1
    api.release_concurrency_slots_with_lease(lease.lease_id)
    assert api.read_global_concurrency_limit_by_name(key).active_slots == 0


def test_a_subflows_state_is_its_dummy_tasks_state(api: SyncClient) -> None:
    flow = api.create_flow(FlowCreate(name=f"report-{uuid4()}"))
    parent = api.create_flow_run(FlowRunCreate(flow_id=flow.id, state=StateCreate(type=StateType.RUNNING)))
    task = api.create_task_run(TaskRunCreate(flow_run_id=parent.id, task_key="child", dynamic_key="0"))
    child = _run(api, _deployment(api), parent_task_run_id=task.id)
    _propose(api, child.id, "PENDING", "RUNNING", "FAILED")
    assert api.read_task_run(task.id).state_name == "Failed"
    children = FlowRunFilter(parent_flow_run_id=Among(any_=[parent.id]))
    assert [run.id for run in api.read_flow_runs(FlowRunQuery(flow_runs=children))] == [child.id]

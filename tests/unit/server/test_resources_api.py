"""Variables, artifacts, inputs of runs, queues and history, over the wire."""

from datetime import UTC, datetime, timedelta

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from perijove.client import AsyncClient
from perijove.errors import ApiError, Invalid, NotFound
from perijove.schemas.artifacts import ArtifactCreate, ArtifactFilter, ArtifactQuery, ArtifactUpdate, KeyFilter
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate, DeploymentUpdate
from perijove.schemas.filters import Among, FlowRunFilter, FlowRunPages, FlowRunQuery, Text, WorkQueueQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.history import HistoryQuery
from perijove.schemas.inputs import FlowRunInputCreate, FlowRunInputQuery
from perijove.schemas.runs import FlowRun, FlowRunCreate, SetStateStatus
from perijove.schemas.schedules import CronSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate
from perijove.schemas.states import StateCreate, StateDetails, StateType
from perijove.schemas.variables import VariableCreate, VariableFilter, VariableQuery, VariableUpdate
from perijove.schemas.work import WorkPoolCreate, WorkQueueCreate, WorkQueueUpdate

pytestmark = pytest.mark.anyio


async def _running(client: AsyncClient, **fields: object) -> FlowRun:
    flow = await client.create_flow(FlowCreate(name="report"))
    return await client.create_flow_run(
        FlowRunCreate(flow_id=flow.id, state=StateCreate(type=StateType.RUNNING), **fields)
    )


async def _deployment(client: AsyncClient, **fields: object) -> Deployment:
    flow = await client.create_flow(FlowCreate(name="report"))
    return await client.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, **fields))


async def test_a_variable_holds_any_json_under_a_name_of_its_own(client: AsyncClient) -> None:
    await client.create_variable(VariableCreate(name="limits", value={"top": [1, None]}, tags=["a"]))
    with pytest.raises(Invalid):
        await client.create_variable(VariableCreate(name="limits", value=1))
    await client.update_variable("limits", VariableUpdate(value=None))
    found = await client.read_variables(VariableQuery(variables=VariableFilter(name=Text(like_="LIM"))))
    assert [(one.name, one.value, one.tags) for one in found] == [("limits", None, ["a"])]
    await client.delete_variable_by_name("limits")
    with pytest.raises(NotFound):
        await client.read_variable_by_name("limits")


async def test_the_newest_artifact_of_a_key_is_its_latest(client: AsyncClient) -> None:
    run = await _running(client)
    for number in range(3):
        await client.create_artifact(ArtifactCreate(key="rows", type="table", data=str(number), flow_run_id=run.id))
    await client.create_artifact(ArtifactCreate(type="progress", data=0.0))
    assert (await client.read_latest_artifact("rows")).data == "2"
    everything = ArtifactQuery(artifacts=ArtifactFilter(key=KeyFilter(exists_=True)))
    assert await client.count_artifacts(everything) == 3
    assert await client.count_artifacts(ArtifactQuery()) == 4
    latest = await client.read_latest_artifacts(ArtifactQuery())
    assert [(one.key, one.data) for one in latest] == [("rows", "2")]
    await client.delete_artifact(latest[0].latest_id)
    assert (await client.read_latest_artifact("rows")).data == "1"


async def test_a_progress_moves(client: AsyncClient) -> None:
    progress = await client.create_artifact(ArtifactCreate(type="progress", data=0.0))
    await client.update_artifact(progress.id, ArtifactUpdate(data=50.0))
    assert (await client.read_artifact(progress.id)).data == 50.0


async def test_a_paused_run_goes_on_with_the_input_that_fits_its_schema(client: AsyncClient) -> None:
    run = await _running(client)
    schema = '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}'
    await client.create_flow_run_input(run.id, FlowRunInputCreate(key="p-schema", value=schema))
    details = StateDetails(run_input_keyset={"schema": "p-schema", "response": "p-response"})
    await client.set_flow_run_state(run.id, StateCreate(type=StateType.PAUSED, state_details=details))
    refused = await client.resume_flow_run(run.id, {"n": "many"})
    assert refused.status is SetStateStatus.REJECT
    assert "not of type 'integer'" in refused.details["reason"]
    assert (await client.resume_flow_run(run.id, {"n": 3})).status is SetStateStatus.ACCEPT
    assert await client.read_flow_run_input(run.id, "p-response") == '{"n":3}'
    after = await client.read_flow_run(run.id)
    assert (after.state_name, after.run_count) == ("Running", 1)
    assert (await client.resume_flow_run(run.id)).status is SetStateStatus.ABORT


async def test_inputs_are_found_by_the_beginning_of_their_keys(client: AsyncClient) -> None:
    run = await _running(client)
    for key in ("a-1", "a-2", "b"):
        await client.create_flow_run_input(run.id, FlowRunInputCreate(key=key, value="{}"))
    with pytest.raises(Invalid):
        await client.create_flow_run_input(run.id, FlowRunInputCreate(key="b", value="{}"))
    query = FlowRunInputQuery(prefix="a", limit=5, exclude_keys=["a-1"])
    assert [one.key for one in await client.filter_flow_run_input(run.id, query)] == ["a-2"]
    await client.delete_flow_run_input(run.id, "b")
    with pytest.raises(NotFound):
        await client.read_flow_run_input(run.id, "b")


async def test_a_suspended_run_is_scheduled_again_and_counted_once(client: AsyncClient) -> None:
    deployment = await _deployment(client)
    run = await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    for kind in (StateType.PENDING, StateType.RUNNING):
        await client.set_flow_run_state(run.id, StateCreate(type=kind))
    suspended = StateCreate(type=StateType.PAUSED, name="Suspended", state_details=StateDetails(pause_reschedule=True))
    await client.set_flow_run_state(run.id, suspended)
    resumed = await client.resume_flow_run(run.id)
    assert resumed.state is not None
    assert resumed.state.name == "Resuming"
    for kind in (StateType.PENDING, StateType.RUNNING):
        await client.set_flow_run_state(run.id, StateCreate(type=kind))
    assert (await client.read_flow_run(run.id)).run_count == 1


async def test_labels_are_added_to_those_that_a_run_has(client: AsyncClient) -> None:
    run = await _running(client, labels={"a": 1})
    await client.update_flow_run_labels(run.id, {"b": True, "a": 2.5})
    labels = (await client.read_flow_run(run.id)).labels
    assert (labels["a"], labels["b"]) == (2.5, True)
    assert "prefect.flow.id" in labels


async def test_queues_of_a_pool_give_way_to_one_of_their_priority(client: AsyncClient) -> None:
    await client.create_work_pool(WorkPoolCreate(name="pool"))
    for name in ("q1", "q2"):
        await client.create_work_queue("pool", WorkQueueCreate(name=name, priority=1))
    found = await client.read_work_queues_of_pool("pool", WorkQueueQuery())
    assert [(queue.name, queue.priority) for queue in found] == [("q2", 1), ("q1", 2), ("default", 3)]
    await client.update_work_queue(found[1].id, WorkQueueUpdate(is_paused=True, concurrency_limit=4))
    changed = await client.read_work_queue_by_name("pool", "q1")
    assert (changed.status, changed.concurrency_limit) == ("PAUSED", 4)
    with pytest.raises(Invalid, match="default queue"):
        await client.delete_work_queue(found[2].id)
    await client.delete_work_queue(found[1].id)
    with pytest.raises(NotFound):
        await client.read_work_queue(found[1].id)


async def test_a_deleted_pool_takes_its_queues_along_and_leaves_the_deployment(client: AsyncClient) -> None:
    await client.create_work_pool(WorkPoolCreate(name="pool"))
    deployment = await _deployment(client, work_pool_name="pool", work_queue_name="urgent")
    await client.delete_work_pool("pool")
    assert (await client.read_deployment(deployment.id)).work_pool_name is None
    assert "urgent" not in [queue.name for queue in await client.read_work_queues(WorkQueueQuery())]


def test_a_pools_template_declares_what_it_uses() -> None:
    template = {"job_configuration": {"cmd": "{{ command }}"}, "variables": {"properties": {}}}
    with pytest.raises(ValidationError, match="command"):
        WorkPoolCreate(name="pool", base_job_template=template)


async def test_job_variables_are_checked_against_the_pools_template(client: AsyncClient) -> None:
    with pytest.raises(Invalid, match="stream_output"):
        await _deployment(client, work_pool_name="local", job_variables={"stream_output": 7})
    deployment = await _deployment(client, work_pool_name="local", job_variables={"env": {"A": "{{ $HOME }}"}})
    run = DeploymentFlowRunCreate(job_variables={"env": "none"})
    with pytest.raises(Invalid, match="env"):
        await client.create_flow_run_from_deployment(deployment.id, run)


async def test_names_of_pools_that_begin_with_prefect_are_reserved(client: AsyncClient) -> None:
    with pytest.raises(ApiError) as refused:
        await client.create_work_pool(WorkPoolCreate(name="Prefect-x"))
    assert refused.value.status == 403


async def test_schedules_that_have_slugs_are_patched_by_them(client: AsyncClient) -> None:
    def daily(hour: int, slug: str | None) -> DeploymentScheduleCreate:
        return DeploymentScheduleCreate(schedule=CronSchedule(cron=f"0 {hour} * * *"), slug=slug)

    deployment = await _deployment(client, schedules=[daily(1, "one"), daily(2, "two")])
    ids = {one.slug: one.id for one in deployment.schedules}
    changes = [DeploymentScheduleUpdate(slug="two", schedule=CronSchedule(cron="0 5 * * *"), active=False)]
    await client.update_deployment(deployment.id, DeploymentUpdate(schedules=changes))
    after = {one.slug: one for one in (await client.read_deployment(deployment.id)).schedules}
    assert {slug: one.id for slug, one in after.items()} == ids
    assert (after["two"].active, after["one"].active) == (False, True)
    renamed = DeploymentScheduleUpdate(slug="three", replaces="one", schedule=CronSchedule(cron="0 1 * * *"))
    await client.update_deployment(deployment.id, DeploymentUpdate(schedules=[renamed]))
    after = {one.slug: one for one in (await client.read_deployment(deployment.id)).schedules}
    assert {slug: one.id for slug, one in after.items()} == {"three": ids["one"], "two": ids["two"]}
    nameless = DeploymentUpdate(schedules=[DeploymentScheduleUpdate(schedule=CronSchedule(cron="0 6 * * *"))])
    with pytest.raises(Invalid, match="slug for each schedule"):
        await client.update_deployment(deployment.id, nameless)


async def test_runs_are_counted_by_state_in_each_interval(client: AsyncClient) -> None:
    for _ in range(2):
        await _running(client)
    now = datetime.now(UTC)
    query = HistoryQuery(
        history_start=now - timedelta(hours=2), history_end=now + timedelta(hours=1), history_interval_seconds=3600
    )
    history = await client.flow_run_history(query)
    assert len(history) == 3
    assert [state.count_runs for interval in history for state in interval.states] == [2]
    assert history[1].states[0].state_name == "Running"
    assert (await client.read_average_lateness(FlowRunQuery())) == pytest.approx(0, abs=1)


async def test_pages_are_counted(client: AsyncClient) -> None:
    for _ in range(3):
        await _running(client)
    page = await client.paginate_flow_runs(FlowRunPages(limit=2, page=2))
    assert (len(page.results), page.count, page.pages, page.page) == (1, 3, 2, 2)
    keep = page.results[0].id
    gone = await client.delete_flow_runs(FlowRunQuery(flow_runs=FlowRunFilter(id=Among(not_any_=[keep]))))
    assert len(gone.deleted) == 2
    assert [run.id for run in await client.read_flow_runs(FlowRunQuery())] == [keep]


async def test_of_several_runs_one_that_is_refused_keeps_no_other_back(client: AsyncClient) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    deployment = await _deployment(client, parameter_openapi_schema=schema)
    wanted = [DeploymentFlowRunCreate(parameters={"n": n}) for n in (1, "x", 2)]
    made = await client.create_flow_runs_from_deployment(deployment.id, wanted)
    assert [one.status for one in made.results] == ["CREATED", "FAILED", "CREATED"]
    assert "'x' is not of type" in (made.results[1].error or "")


async def test_a_search_without_a_body_asks_for_everything(api: FastAPI, client: AsyncClient) -> None:
    run = await _running(client)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://127.0.0.1/api") as plain:
        found = await plain.post("/flow_runs/filter")
        assert [one["id"] for one in found.json()] == [str(run.id)]
        assert (await plain.post("/flow_runs/count")).json() == 1


async def test_slots_are_counted_where_there_is_a_limit(client: AsyncClient) -> None:
    await client.create_work_pool(WorkPoolCreate(name="pool", concurrency_limit=2))
    deployment = await _deployment(client, work_pool_name="pool")
    run = await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    await client.set_flow_run_state(run.id, StateCreate(type=StateType.PENDING))
    assert (await client.read_work_pool("pool")).active_slots == 1
    assert (await client.read_work_queue_by_name("pool", "default")).active_slots is None

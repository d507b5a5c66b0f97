"""Deployments and their schedules, over the wire."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from perijove.client import AsyncClient
from perijove.errors import Invalid, NotFound
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate, DeploymentUpdate
from perijove.schemas.filters import Among, DeploymentFilter, DeploymentQuery, FlowRunFilter, FlowRunQuery, Text
from perijove.schemas.flows import FlowCreate
from perijove.schemas.runs import FlowRun
from perijove.schemas.schedules import (
    CronSchedule,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    IntervalSchedule,
)
from perijove.schemas.states import StateCreate, StateDetails, StateType

pytestmark = pytest.mark.anyio

DAILY = DeploymentScheduleCreate(schedule=CronSchedule(cron="0 8 * * *", timezone="Europe/Berlin"))
SCHEMA = {
    "type": "object",
    "properties": {"region": {"type": "string"}, "top": {"type": "integer", "default": 10}},
    "required": ["region"],
}


async def _deploy(client: AsyncClient, name: str = "prod", **fields: Any) -> Deployment:
    flow = await client.create_flow(FlowCreate(name="daily-report"))
    return await client.create_deployment(DeploymentCreate(name=name, flow_id=flow.id, **fields))


async def _runs(client: AsyncClient, deployment: Deployment) -> list[FlowRun]:
    chosen = FlowRunFilter(deployment_id=Among(any_=[deployment.id]))
    return await client.read_flow_runs(FlowRunQuery(flow_runs=chosen, sort="EXPECTED_START_TIME_ASC"))


async def test_a_deployment_comes_back_as_it_was_sent(client: AsyncClient) -> None:
    fields: dict[str, Any] = {
        "version": "1",
        "description": "# Report",
        "tags": ["finance"],
        "parameters": {"region": "EU"},
        "parameter_openapi_schema": SCHEMA,
        "path": "/data",
        "entrypoint": "report.py:daily_report",
        "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": "/data"}}],
        "job_variables": {"env": {"A": "1"}},
        "work_pool_name": "local",
    }
    made = await _deploy(client, **fields)
    read = await client.read_deployment_by_name("daily-report/prod")
    assert read == made
    assert {key: getattr(read, key) for key in fields} == fields
    assert read.work_queue_name == "default"


async def test_deploying_again_replaces_what_was_there(client: AsyncClient) -> None:
    first = await _deploy(client, schedules=[DAILY])
    second = await _deploy(client, version="2", schedules=[DAILY])
    assert second.id == first.id
    assert second.version == "2"
    assert [one.id for one in second.schedules] == [one.id for one in first.schedules]


async def test_a_redeploy_keeps_an_intervals_phase(client: AsyncClient) -> None:
    hourly = DeploymentScheduleCreate(schedule=IntervalSchedule(interval=timedelta(hours=1)))
    with time_machine.travel(datetime(2026, 1, 1, 6, 17, tzinfo=UTC), tick=False):
        first = await _deploy(client, schedules=[hourly])
    with time_machine.travel(datetime(2026, 1, 1, 6, 40, tzinfo=UTC), tick=False):
        second = await _deploy(client, schedules=[hourly])
        runs = await _runs(client, second)
    assert second.schedules[0].schedule == first.schedules[0].schedule
    assert {run.expected_start_time.minute for run in runs if run.expected_start_time} == {17}


async def test_three_runs_are_made_ahead_for_a_rare_schedule_and_an_hours_worth_for_a_frequent_one(
    client: AsyncClient,
) -> None:
    with time_machine.travel(datetime(2026, 1, 1, 6, 2, tzinfo=UTC), tick=False):
        daily = await _deploy(client, "daily", schedules=[DAILY])
        every_five = DeploymentScheduleCreate(schedule=CronSchedule(cron="*/5 * * * *"))
        often = await _deploy(client, "often", schedules=[every_five])
        assert [len(await _runs(client, one)) for one in (daily, often)] == [3, 13]


async def test_a_scheduled_run_carries_what_its_deployment_and_schedule_say(client: AsyncClient) -> None:
    schedule = DeploymentScheduleCreate(schedule=DAILY.schedule, parameters={"top": 3}, slug="mornings")
    deployment = await _deploy(client, parameters={"region": "EU", "top": 10}, tags=["finance"], schedules=[schedule])
    run = (await _runs(client, deployment))[0]
    assert run.parameters == {"region": "EU", "top": 3}
    assert run.tags == ["auto-scheduled", "finance"]
    assert run.auto_scheduled
    assert run.created_by is not None
    assert run.created_by.display_value == "mornings"


async def test_pausing_removes_the_scheduled_runs_and_leaves_those_that_a_person_made(client: AsyncClient) -> None:
    deployment = await _deploy(client, schedules=[DAILY])
    later = StateDetails(scheduled_time=datetime.now(UTC) + timedelta(days=2))
    by_hand = DeploymentFlowRunCreate(state=StateCreate(type=StateType.SCHEDULED, state_details=later))
    run = await client.create_flow_run_from_deployment(deployment.id, by_hand)
    await client.pause_deployment(deployment.id)
    assert [one.id for one in await _runs(client, deployment)] == [run.id]
    await client.resume_deployment(deployment.id)
    assert len(await _runs(client, deployment)) == 4


async def test_an_edited_schedule_is_in_force_at_once(client: AsyncClient) -> None:
    deployment = await _deploy(client, schedules=[DAILY])
    evening = DeploymentScheduleUpdate(schedule=CronSchedule(cron="30 20 * * *"))
    await client.update_deployment_schedule(deployment.id, deployment.schedules[0].id, evening)
    instants = [run.expected_start_time for run in await _runs(client, deployment)]
    assert [(instant.hour, instant.minute) for instant in instants if instant] == [(20, 30)] * 3


async def test_a_paused_schedule_has_no_runs(client: AsyncClient) -> None:
    deployment = await _deploy(client, schedules=[DAILY])
    paused = DeploymentScheduleUpdate(active=False)
    await client.update_deployment_schedule(deployment.id, deployment.schedules[0].id, paused)
    assert await _runs(client, deployment) == []


async def test_what_was_paused_stays_so_when_deployed_again(client: AsyncClient) -> None:
    deployment = await _deploy(client, schedules=[DAILY])
    await client.update_deployment_schedule(
        deployment.id, deployment.schedules[0].id, DeploymentScheduleUpdate(active=False)
    )
    again = await _deploy(client, schedules=[DeploymentScheduleCreate(schedule=DAILY.schedule)])
    assert [one.active for one in again.schedules] == [False]


async def test_adding_the_same_schedule_twice_does_not_double_a_run(client: AsyncClient) -> None:
    deployment = await _deploy(client, schedules=[DAILY])
    await client.create_deployment_schedules(deployment.id, [DAILY])
    assert len(await _runs(client, deployment)) == 3


async def test_deleting_a_deployment_removes_all_runs_that_have_not_begun(client: AsyncClient) -> None:
    deployment = await _deploy(client, schedules=[DAILY])
    await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    await client.delete_deployment(deployment.id)
    assert await client.read_flow_runs(FlowRunQuery()) == []
    with pytest.raises(NotFound):
        await client.read_deployment(deployment.id)


async def test_a_patch_changes_what_it_names_and_nothing_else(client: AsyncClient) -> None:
    deployment = await _deploy(client, description="kept", work_pool_name="local", tags=["a"])
    await client.update_deployment(deployment.id, DeploymentUpdate(tags=["b"], work_pool_name=None))
    after = await client.read_deployment(deployment.id)
    assert (after.description, after.tags, after.work_pool_name) == ("kept", ["b"], None)


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        (CronSchedule(cron="0 0 8 * * 1"), "five"),
        (CronSchedule(cron="0 8 * * *", timezone="Europe/Berlni"), "Europe/Berlin"),
        (CronSchedule(cron="61 * * * *"), "61"),
    ],
)
async def test_a_schedule_that_means_nothing_is_refused_and_nothing_is_changed(
    client: AsyncClient, schedule: CronSchedule, reason: str
) -> None:
    deployment = await _deploy(client, version="1", schedules=[DAILY])
    with pytest.raises(Invalid, match=reason):
        await _deploy(client, version="2", schedules=[DeploymentScheduleCreate(schedule=schedule)])
    assert await client.read_deployment(deployment.id) == deployment


async def test_parameters_that_break_the_schema_are_refused_by_field(client: AsyncClient) -> None:
    unfit = {"parameters": {"top": "ten"}, "parameter_openapi_schema": SCHEMA}
    with pytest.raises(Invalid, match="top.*'ten' is not of type 'integer'"):
        await _deploy(client, **unfit, enforce_parameter_schema=True)
    assert (await _deploy(client, **unfit)).enforce_parameter_schema  # unsaid, it is for runs, as Prefect has it
    deployment = await _deploy(client, parameter_openapi_schema=SCHEMA)
    with pytest.raises(Invalid, match="'region' is a required property") as refusal:
        await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    assert refusal.value.status == 409


async def test_a_run_gets_the_deployments_parameters_under_its_own(client: AsyncClient) -> None:
    deployment = await _deploy(client, parameters={"region": "EU", "top": 1}, tags=["a"])
    wanted = DeploymentFlowRunCreate(parameters={"top": 5}, tags=["b"], name="mine")
    run = await client.create_flow_run_from_deployment(deployment.id, wanted)
    assert (run.name, run.parameters, run.tags) == ("mine", {"region": "EU", "top": 5}, ["a", "b"])


async def test_one_idempotency_key_makes_one_run(client: AsyncClient) -> None:
    deployment = await _deploy(client)
    wanted = DeploymentFlowRunCreate(idempotency_key="once")
    first = await client.create_flow_run_from_deployment(deployment.id, wanted)
    assert (await client.create_flow_run_from_deployment(deployment.id, wanted)).id == first.id


@pytest.mark.parametrize("name", ["a/b", "", "a%b"])
async def test_a_name_that_cannot_stand_in_an_address_is_refused(client: AsyncClient, name: str) -> None:
    flow = await client.create_flow(FlowCreate(name="daily-report"))
    sent = DeploymentCreate.model_construct({"name", "flow_id"}, name=name, flow_id=flow.id)
    with pytest.raises(Invalid, match="name"):
        await client.create_deployment(sent)


async def test_an_unknown_pool_is_named_in_the_refusal(client: AsyncClient) -> None:
    with pytest.raises(NotFound, match='Work pool "nowhere" not found'):
        await _deploy(client, work_pool_name="nowhere")


async def test_deployments_are_found_by_what_they_are_and_belong_to(client: AsyncClient) -> None:
    await _deploy(client, "prod", tags=["a"])
    await _deploy(client, "test", tags=["b"])

    async def names(**criteria: Any) -> list[str]:
        return [one.name for one in await client.read_deployments(DeploymentQuery(**criteria))]

    assert await names() == ["prod", "test"]
    assert await names(deployments={"name": {"like_": "RO"}}) == ["prod"]
    assert await names(deployments={"tags": {"all_": ["b"]}}) == ["test"]
    assert await names(flows={"name": {"any_": ["other"]}}) == []
    assert await names(deployments=DeploymentFilter(flow_or_deployment_name=Text(like_="daily"))) == ["prod", "test"]
    assert await names(deployments={"id": {"any_": []}}) == []
    assert await names(limit=1, offset=1) == ["test"]

"""What must not bring the server down, fill it up or open it."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, text

from perijove.client import AsyncClient
from perijove.errors import Invalid, NotFound
from perijove.schemas.deployments import DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import FlowRunQuery, LogQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.logs import LogCreate
from perijove.schemas.runs import FlowRun, SetStateStatus, TaskRunCreate
from perijove.schemas.schedules import CronSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate
from perijove.schemas.states import StateCreate, StateType
from perijove.schemas.work import ScheduledRunsRequest, WorkPoolUpdate
from perijove.server.services.keeping import keep_running
from perijove.server.storage.database import Database

pytestmark = pytest.mark.anyio


async def _run(client: AsyncClient, **fields: Any) -> FlowRun:
    flow = await client.create_flow(FlowCreate(name="report"))
    deployment = await client.create_deployment(DeploymentCreate(name="x", flow_id=flow.id, work_pool_name="local"))
    return await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate(**fields))


async def _enter(client: AsyncClient, run: FlowRun, *types: str) -> None:
    for kind in types:
        await client.set_flow_run_state(run.id, StateCreate(type=StateType(kind)))


async def test_a_service_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perijove.server.services.keeping.PAUSE", 0.0)
    twice = asyncio.Event()

    class Service:
        failures = 0

        async def run(self) -> None:
            if self.failures:
                twice.set()
                await asyncio.Event().wait()
            self.failures += 1
            raise sqlite3.OperationalError("disk full")

    keeping = asyncio.create_task(keep_running(Service()))
    async with asyncio.timeout(5):
        await twice.wait()
    keeping.cancel()


async def test_a_subflow_outlives_its_deleted_parent(client: AsyncClient) -> None:
    parent = await _run(client)
    stand_in = await client.create_task_run(TaskRunCreate(flow_run_id=parent.id, task_key="c", dynamic_key="0"))
    child = await _run(client, parent_task_run_id=stand_in.id)
    await client.delete_flow_run(parent.id)
    answer = await client.set_flow_run_state(child.id, StateCreate(type=StateType.PENDING))
    assert answer.status is SetStateStatus.ACCEPT


async def test_values_nested_too_deep_to_be_read_again_are_refused(client: AsyncClient) -> None:
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"x": deep}
    with pytest.raises(Invalid, match="nested deeper"):
        await _run(client, parameters=deep)
    assert await client.read_flow_runs(FlowRunQuery()) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "http://127.0.0.1:9/x"},
        {"$ref": "file:///etc/hostname"},
        {"$ref": "#/definitions/nowhere"},
        {"properties": {"x": {"pattern": "("}}},
        {"type": "nosuch"},
        {"properties": 5},
    ],
)
async def test_a_schema_that_is_none_or_points_elsewhere_is_refused(
    client: AsyncClient, schema: dict[str, Any]
) -> None:
    flow = await client.create_flow(FlowCreate(name="report"))
    said = {"parameter_openapi_schema": schema, "parameters": {"x": "a"}, "enforce_parameter_schema": True}
    with pytest.raises(Invalid):
        await client.create_deployment(DeploymentCreate(name="x", flow_id=flow.id, **said))


async def test_a_run_that_was_retried_in_its_process_can_be_scheduled_again(client: AsyncClient) -> None:
    run = await _run(client, empirical_policy={"retries": 1, "retry_delay": 0})
    await _enter(client, run, "PENDING", "RUNNING", "FAILED", "RUNNING", "FAILED")
    assert (await client.read_flow_run(run.id)).state_name == "Failed"
    await _enter(client, run, "SCHEDULED")
    due = await client.get_scheduled_flow_runs("local", ScheduledRunsRequest())
    assert [one.flow_run.id for one in due] == [run.id]
    await _enter(client, run, "CANCELLING")
    assert (await client.read_flow_run(run.id)).state_name == "Cancelled"


async def test_a_pool_gives_out_no_more_than_its_limit_lets_run(client: AsyncClient) -> None:
    runs = [await _run(client) for _ in range(3)]
    await client.update_work_pool("local", WorkPoolUpdate(concurrency_limit=2))
    due = await client.get_scheduled_flow_runs("local", ScheduledRunsRequest())
    assert len(due) == 2
    await _enter(client, runs[0], "PENDING")
    await _enter(client, runs[1], "PENDING", "RUNNING")
    assert await client.get_scheduled_flow_runs("local", ScheduledRunsRequest()) == []
    await _enter(client, runs[1], "COMPLETED")
    assert len(await client.get_scheduled_flow_runs("local", ScheduledRunsRequest())) == 1


async def test_a_worker_that_waits_for_room_is_answered_when_a_run_ends(client: AsyncClient) -> None:
    running, waiting_run = await _run(client), await _run(client)
    await _enter(client, running, "PENDING", "RUNNING")
    await client.update_work_pool("local", WorkPoolUpdate(concurrency_limit=1))
    waiting = asyncio.create_task(client.get_scheduled_flow_runs("local", ScheduledRunsRequest(), wait=30))
    await asyncio.sleep(0.05)  # so that it waits
    assert not waiting.done()
    await _enter(client, running, "COMPLETED")
    async with asyncio.timeout(5):
        assert [one.flow_run.id for one in await waiting] == [waiting_run.id]


async def test_a_pool_that_is_paused_while_a_worker_waits_gives_it_nothing(client: AsyncClient) -> None:
    waiting = asyncio.create_task(client.get_scheduled_flow_runs("local", ScheduledRunsRequest(), wait=0.5))
    await asyncio.sleep(0.05)  # so that it waits
    await client.update_work_pool("local", WorkPoolUpdate(is_paused=True))
    await _run(client)
    async with asyncio.timeout(5):
        assert await waiting == []


async def test_an_or_filter_matches_what_one_of_its_criteria_matches(client: AsyncClient) -> None:
    run = await _run(client, name="mine", tags=["a"])
    await _run(client, name="other")

    async def found(**criteria: Any) -> list[str]:
        query = FlowRunQuery.model_validate({"flow_runs": {"operator": "or_", **criteria}})
        return sorted(one.name for one in await client.read_flow_runs(query))

    assert await found(name={"any_": ["nosuch"]}) == []
    assert await found(name={"any_": ["nosuch"]}, id={"any_": [str(run.id)]}) == ["mine"]
    assert await found() == ["mine", "other"]


async def test_a_schedule_is_changed_through_its_own_deployment_only(client: AsyncClient) -> None:
    flow = await client.create_flow(FlowCreate(name="report"))
    schedule = DeploymentScheduleCreate(schedule=CronSchedule(cron="0 8 * * *"), slug="mornings")
    mine = await client.create_deployment(DeploymentCreate(name="mine", flow_id=flow.id, schedules=[schedule]))
    other = await client.create_deployment(DeploymentCreate(name="other", flow_id=flow.id))
    changes = DeploymentScheduleUpdate(schedule=CronSchedule(cron="30 7 * * *"))
    with pytest.raises(NotFound):
        await client.update_deployment_schedule(other.id, mine.schedules[0].id, changes)
    assert (await client.read_deployment(mine.id)).schedules == mine.schedules


async def test_a_runs_log_goes_with_it(client: AsyncClient) -> None:
    run = await _run(client)
    line = LogCreate(name="x", level=20, message="secret", timestamp=datetime.now(UTC), flow_run_id=run.id)
    await client.create_logs([line])
    await client.delete_flow_run(run.id)
    assert await client.read_logs(LogQuery()) == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/flow_runs/{run}", {"name": None, "tags": None, "parameters": None, "empirical_policy": None}),
        ("PATCH", "/work_pools/local", {"is_paused": None, "base_job_template": None}),
        ("POST", "/flow_runs/filter", {"offset": 2**70}),
        ("POST", "/flow_runs/filter", {"flow_runs": {"expected_start_time": {"after_": "0001-01-01T00:00:00+05:00"}}}),
        ("POST", "/flow_runs/filter", {"sort": "NO_SUCH"}),
        ("POST", "/flow_runs/", {"flow_id": "{flow}", "deployment_id": "00000000-0000-0000-0000-000000000000"}),
        ("POST", "/flows/filter", {"deployments": {"work_queue_name": {"any_": ["default"]}}}),
        ("POST", "/logs/", [{"name": "x", "level": 2**70, "message": "m", "timestamp": "2026-01-01T00:00:00Z"}]),
        ("POST", "/work_pools/local/get_scheduled_flow_runs", {"scheduled_before": "2026-11-23 01:02:26.863656+00:00"}),
        ("POST", "/deployments/get_scheduled_flow_runs", {"deployment_ids": [], "limit": None}),
    ],
)
async def test_odd_requests_are_answered_and_never_with_500(
    api: FastAPI, client: AsyncClient, method: str, path: str, body: Any
) -> None:
    run = await _run(client)
    place = path.format(run=run.id)
    content = json.dumps(body).replace("{flow}", str(run.flow_id))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://127.0.0.1/api") as raw:
        answer = await raw.request(method, place, content=content, headers={"content-type": "application/json"})
    assert answer.status_code < 500, answer.text


async def test_a_body_that_is_no_number_json_knows_is_told_so(api: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://127.0.0.1/api") as raw:
        answer = await raw.post("/flows/", content='{"name": NaN}', headers={"content-type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "flow_runs WHERE state_name = 'Scheduled' AND next_scheduled_start_time <= 1 LIMIT 9",
        "flow_runs WHERE state_type = 'SCHEDULED' AND work_queue_id IN ('a') AND next_scheduled_start_time <= 1",
        "flow_runs WHERE state_type = 'SCHEDULED' AND deployment_id IN ('a') AND next_scheduled_start_time <= 1",
        "flow_runs WHERE state_type IN ('PENDING', 'RUNNING')",
        "deployment_schedules WHERE refill_at <= 1",
    ],
)
def test_what_is_asked_all_the_time_reads_no_finished_runs(connection: Connection, query: str) -> None:
    plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN SELECT * FROM {query}"))]
    assert all("SEARCH" in step or "TEMP" in step for step in plan), plan


async def test_nothing_can_be_written_to_a_closed_database(database: Database) -> None:
    database.close()
    with pytest.raises(RuntimeError, match="closed"):
        await database.write(lambda _: None)


async def test_a_hold_ends_when_the_clock_is_set_back(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await _run(client)
    monkeypatch.setattr("perijove.clock.now", lambda: datetime.now(UTC) - timedelta(hours=1))
    async with asyncio.timeout(5):
        await client.read_flow_run(run.id, wait=0.2, unless=run.state_id)


async def test_a_request_need_not_say_that_it_is_json(api: FastAPI) -> None:
    transport = httpx.ASGITransport(app=api)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/api") as http:
        made = await http.post("/flows/", content=b'{"name": "report"}')
    assert (made.status_code, made.json()["name"]) == (201, "report")

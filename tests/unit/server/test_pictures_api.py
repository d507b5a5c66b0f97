"""What Prefect's user interface asks for beside the runs themselves: their picture, their log, who holds slots."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from perijove.client import AsyncClient
from perijove.schemas.artifacts import ArtifactCreate
from perijove.schemas.deployments import DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.flows import FlowCreate
from perijove.schemas.logs import LogCreate
from perijove.schemas.runs import FlowRun, FlowRunCreate, TaskRunCreate
from perijove.schemas.states import StateCreate, StateDetails, StateType
from perijove.schemas.work import ScheduledRunsRequest
from perijove.server.api import log_files

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
async def http(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=api)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/api") as opened:
        yield opened


async def _run(client: AsyncClient, **fields: Any) -> FlowRun:
    flow = await client.create_flow(FlowCreate(name="report"))
    return await client.create_flow_run(FlowRunCreate(flow_id=flow.id, **fields))


async def _task(client: AsyncClient, run: FlowRun, key: str, **needs: list[UUID]) -> UUID:
    inputs = {name: [{"input_type": "task_run", "id": str(one)} for one in ids] for name, ids in needs.items()}
    wanted = TaskRunCreate(flow_run_id=run.id, task_key=key, dynamic_key="0", name=key, task_inputs=inputs)
    return (await client.create_task_run(wanted)).id


async def test_a_picture_joins_each_task_to_those_whose_results_it_takes(
    client: AsyncClient, http: httpx.AsyncClient
) -> None:
    run = await _run(client)
    fetch = await _task(client, run, "fetch")
    clean = await _task(client, run, "clean", data=[fetch, fetch])
    caller = await _task(client, run, "caller", __parents__=[clean])
    sub = await _run(client, name="sub", parent_task_run_id=caller)
    await client.create_artifact(ArtifactCreate(key="table", type="table", data="[]", flow_run_id=run.id))
    graph = (await http.get(f"/flow_runs/{run.id}/graph-v2")).json()
    nodes = dict(graph["nodes"])
    assert list(nodes) == [str(fetch), str(clean), str(sub.id)]
    assert nodes[str(fetch)]["children"] == [{"id": str(clean)}]
    assert nodes[str(clean)]["parents"] == [{"id": str(fetch)}]
    assert nodes[str(sub.id)]["encapsulating"] == [{"id": str(clean)}]
    assert (nodes[str(sub.id)]["kind"], nodes[str(sub.id)]["label"]) == ("flow-run", "report / sub")
    assert graph["root_node_ids"] == [str(fetch), str(sub.id)]
    assert [one["key"] for one in graph["artifacts"]] == ["table"]
    assert [one["type"] for one in graph["states"]] == ["PENDING"]


async def test_a_picture_can_be_of_what_has_changed_since(client: AsyncClient, http: httpx.AsyncClient) -> None:
    run = await _run(client)
    done, going = await _task(client, run, "done"), await _task(client, run, "going")
    for kind in (StateType.RUNNING, StateType.COMPLETED):
        await client.set_task_run_state(done, StateCreate(type=kind))
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    graph = (await http.get(f"/flow_runs/{run.id}/graph-v2", params={"since": later})).json()
    assert [key for key, _ in graph["nodes"]] == [str(going)]


async def test_the_older_picture_names_the_inputs_of_each_task(client: AsyncClient, http: httpx.AsyncClient) -> None:
    run = await _run(client)
    fetch = await _task(client, run, "fetch")
    await _task(client, run, "clean", data=[fetch])
    tasks = (await http.get(f"/flow_runs/{run.id}/graph")).json()
    assert {one["name"]: [up["id"] for up in one["upstream_dependencies"]] for one in tasks} == {
        "fetch": [],
        "clean": [str(fetch)],
    }


async def test_a_log_is_written_as_a_file_in_the_order_of_time(
    client: AsyncClient, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_files, "LINES", 2)
    run = await _run(client, name="größe")
    minutes = [3, 1, 1, 1, 0]
    lines = [
        LogCreate(name="x", level=20, message=f'{i}, "so"\n', timestamp=NOON + timedelta(minutes=m), flow_run_id=run.id)
        for i, m in enumerate(minutes)
    ]
    await client.create_logs(lines)
    answer = await http.get(f"/flow_runs/{run.id}/logs/download")
    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''gr%C3%B6%C3%9Fe-logs.csv")
    told = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [line["message"][0] for line in told] == ["4", "1", "2", "3", "0"]
    assert told[0]["message"] == '4, "so"\n'
    assert (told[0]["timestamp"], told[0]["task_run_id"]) == ("2026-06-01 12:00:00+00:00", "")


async def test_a_pool_and_its_queue_tell_who_holds_their_slots(client: AsyncClient, http: httpx.AsyncClient) -> None:
    flow = await client.create_flow(FlowCreate(name="report"))
    wanted = DeploymentCreate(name="prod", flow_id=flow.id, work_pool_name="local")
    deployment = await client.create_deployment(wanted)
    runs = [
        await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate(name=name))
        for name in ("first", "second", "waiting")
    ]
    for run in runs[:2]:
        await client.set_flow_run_state(run.id, StateCreate(type=StateType.PENDING))
    pool = (await http.post("/work_pools/local/concurrency_status")).json()
    assert (pool["active_slots"], pool["queues"][0]["flow_run_count"]) == (2, 2)
    page = {"page": 2, "limit": 1}
    queue = (await http.post(f"/work_queues/{deployment.work_queue_id}/concurrency_status", json=page)).json()
    assert [one["name"] for one in queue["flow_runs"]] == ["second"]
    assert (queue["count"], queue["pages"], queue["active_slots"]) == (2, 2, 2)
    assert queue["flow_runs"][0]["time_in_current_state"] >= 0


async def test_who_names_no_time_is_shown_the_runs_of_next_week_too(client: AsyncClient) -> None:
    flow = await client.create_flow(FlowCreate(name="report"))
    wanted = DeploymentCreate(name="prod", flow_id=flow.id, work_pool_name="local")
    deployment = await client.create_deployment(wanted)
    week = datetime.now(UTC) + timedelta(days=7)
    later = StateCreate(type=StateType.SCHEDULED, state_details=StateDetails(scheduled_time=week))
    run = await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate(state=later))
    preview = await client.get_scheduled_flow_runs("local", ScheduledRunsRequest())
    assert [one.flow_run.id for one in preview] == [run.id]
    assert [one.id for one in await client.get_scheduled_flow_runs_for_deployments([deployment.id])] == [run.id]
    now = datetime.now(UTC)
    assert await client.get_scheduled_flow_runs("local", ScheduledRunsRequest(scheduled_before=now)) == []
    assert await client.get_scheduled_flow_runs("local", ScheduledRunsRequest(), wait=0.1) == []


async def test_a_suspended_run_that_nobody_would_start_is_not_resumed(client: AsyncClient) -> None:
    details = StateDetails(pause_reschedule=True)
    run = await _run(client, state=StateCreate(type=StateType.PAUSED, name="Suspended", state_details=details))
    answer = await client.resume_flow_run(run.id)
    assert "without a deployment" in answer.details["reason"]
    assert (await client.read_flow_run(run.id)).state_name == "Suspended"

"""Flow runs, task runs, logs and the pools that runs wait in, over the wire."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine

from perijove import clock
from perijove.client import AsyncClient
from perijove.errors import NotFound
from perijove.schemas.deployments import DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.events import Event
from perijove.schemas.filters import (
    Among,
    FlowRunFilter,
    FlowRunQuery,
    LogFilter,
    LogQuery,
    StateFilter,
    TaskRunFilter,
    TaskRunQuery,
)
from perijove.schemas.flows import FlowCreate
from perijove.schemas.logs import LogCreate
from perijove.schemas.runs import FlowRun, FlowRunCreate, SetStateStatus, TaskRunCreate
from perijove.schemas.states import StateCreate, StateDetails, StateType
from perijove.schemas.work import ScheduledRunsRequest, WorkPoolUpdate
from perijove.server.services import old_runs
from perijove.server.storage.database import Database

PATIENCE = 20.0

pytestmark = pytest.mark.anyio


async def _run(client: AsyncClient, **fields: object) -> FlowRun:
    flow = await client.create_flow(FlowCreate(name="report"))
    wanted = DeploymentCreate(name="prod", flow_id=flow.id, work_pool_name="local")
    deployment = await client.create_deployment(wanted)
    return await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate(**fields))


async def _enter(client: AsyncClient, run: UUID, *types: StateType) -> None:
    for kind in types:
        answer = await client.set_flow_run_state(run, StateCreate(type=kind))
        assert answer.status is SetStateStatus.ACCEPT


async def test_a_run_counts_times_and_remembers_its_states(client: AsyncClient) -> None:
    run = await _run(client)
    await _enter(client, run.id, StateType.PENDING, StateType.RUNNING, StateType.COMPLETED)
    after = await client.read_flow_run(run.id)
    assert after.run_count == 1
    assert after.start_time is not None
    assert after.end_time is not None
    assert after.total_run_time == after.end_time - after.start_time
    assert after.next_scheduled_start_time is None
    names = [state.name for state in await client.read_flow_run_states(run.id)]
    assert names == ["Scheduled", "Pending", "Running", "Completed"]


async def test_two_proposers_of_pending_get_the_run_once(client: AsyncClient) -> None:
    run = await _run(client)
    claim = StateCreate(type=StateType.PENDING)
    answers = await asyncio.gather(*(client.set_flow_run_state(run.id, claim) for _ in range(8)))
    assert [one.status for one in answers].count(SetStateStatus.ACCEPT) == 1


async def test_a_patient_reader_is_answered_when_the_state_changes(client: AsyncClient) -> None:
    run = await _run(client)
    waiting = asyncio.create_task(client.read_flow_run(run.id, wait=30, unless=run.state_id))
    await asyncio.sleep(0.05)  # so that it waits, rather than finds the change already made
    assert not waiting.done()
    await _enter(client, run.id, StateType.PENDING)
    async with asyncio.timeout(5):
        assert (await waiting).state_type is StateType.PENDING


async def test_who_waits_for_the_end_is_not_woken_before_it(client: AsyncClient) -> None:
    run = await _run(client)
    waiting = asyncio.create_task(client.read_flow_run(run.id, wait=30, until_final=True))
    await _enter(client, run.id, StateType.PENDING, StateType.RUNNING)
    assert not waiting.done()
    await _enter(client, run.id, StateType.COMPLETED)
    async with asyncio.timeout(5):
        assert (await waiting).state_type is StateType.COMPLETED


async def test_a_patient_reader_gets_the_unchanged_run_after_its_patience(client: AsyncClient) -> None:
    run = await _run(client)
    async with asyncio.timeout(5):
        assert (await client.read_flow_run(run.id, wait=0.1, unless=run.state_id)).state_id == run.state_id


async def test_a_patient_worker_is_answered_when_a_run_is_made(client: AsyncClient) -> None:
    waiting = asyncio.create_task(client.get_scheduled_flow_runs("local", ScheduledRunsRequest(), wait=30))
    await asyncio.sleep(0.05)  # as above
    run = await _run(client)
    async with asyncio.timeout(5):
        assert [one.flow_run.id for one in await waiting] == [run.id]


async def test_a_patient_worker_is_answered_when_a_run_falls_due(client: AsyncClient) -> None:
    due = datetime.now(UTC) + timedelta(seconds=0.4)
    details = StateDetails(scheduled_time=due)
    run = await _run(client, state=StateCreate(type=StateType.SCHEDULED, state_details=details))
    async with asyncio.timeout(5):
        answer = await client.get_scheduled_flow_runs("local", ScheduledRunsRequest(), wait=30)
    assert [one.flow_run.id for one in answer] == [run.id]
    assert datetime.now(UTC) >= due


async def test_whoever_serves_a_deployment_is_answered_when_a_run_of_it_falls_due(client: AsyncClient) -> None:
    due = datetime.now(UTC) + timedelta(seconds=0.4)
    details = StateDetails(scheduled_time=due)
    run = await _run(client, state=StateCreate(type=StateType.SCHEDULED, state_details=details))
    assert run.deployment_id is not None
    async with asyncio.timeout(5):
        answer = await client.get_scheduled_flow_runs_for_deployments([run.deployment_id], wait=30)
    assert [one.id for one in answer] == [run.id]
    assert datetime.now(UTC) >= due


async def test_whoever_serves_other_deployments_is_not_given_the_run(client: AsyncClient) -> None:
    await _run(client)
    assert await client.get_scheduled_flow_runs_for_deployments([uuid4()], wait=0.2) == []


async def test_a_paused_pool_gives_no_runs(client: AsyncClient) -> None:
    await _run(client)
    await client.update_work_pool("local", WorkPoolUpdate(is_paused=True))
    assert await client.get_scheduled_flow_runs("local", ScheduledRunsRequest()) == []


async def test_a_run_that_its_own_process_retries_is_nobody_elses(client: AsyncClient) -> None:
    run = await _run(client, empirical_policy={"retries": 1, "retry_delay": 0})
    await _enter(client, run.id, StateType.PENDING, StateType.RUNNING)
    answer = await client.set_flow_run_state(run.id, StateCreate(type=StateType.FAILED))
    assert answer.state is not None
    assert answer.state.name == "AwaitingRetry"
    assert await client.get_scheduled_flow_runs("local", ScheduledRunsRequest()) == []


async def test_a_subflow_shows_its_state_in_its_parent(client: AsyncClient) -> None:
    parent = await _run(client)
    stand_in = await client.create_task_run(TaskRunCreate(flow_run_id=parent.id, task_key="child", dynamic_key="0"))
    child = await _run(client, parent_task_run_id=stand_in.id)
    await _enter(client, child.id, StateType.PENDING, StateType.RUNNING, StateType.COMPLETED)
    after = await client.read_task_run(stand_in.id)
    assert after.state is not None
    assert (after.state_type, after.state.state_details.child_flow_run_id) == (StateType.COMPLETED, child.id)
    children = FlowRunQuery(flow_runs=FlowRunFilter(parent_flow_run_id=Among(any_=[parent.id])))
    assert [one.id for one in await client.read_flow_runs(children)] == [child.id]


async def test_the_same_task_key_and_dynamic_key_is_the_same_task_run(client: AsyncClient) -> None:
    run = await _run(client)
    wanted = TaskRunCreate(flow_run_id=run.id, task_key="load", dynamic_key="0")
    assert (await client.create_task_run(wanted)).id == (await client.create_task_run(wanted)).id


def _task_event(run: UUID, task_run: UUID, kind: StateType, at: datetime) -> Event:
    return Event(
        occurred=at,
        event=f"prefect.task-run.{kind.value.capitalize()}",
        resource={"prefect.resource.id": f"prefect.task-run.{task_run}", "prefect.orchestration": "client"},
        related=[{"prefect.resource.id": f"prefect.flow-run.{run}", "prefect.resource.role": "flow-run"}],
        payload={
            "task_run": {"name": "load-0", "task_key": "load", "dynamic_key": "0", "run_count": 1},
            "validated_state": {"type": kind.value, "name": kind.value.capitalize()},
        },
    )


async def test_task_runs_are_made_from_events_in_whatever_order_and_however_often_they_come(
    client: AsyncClient,
) -> None:
    run, task_run, start = await _run(client), uuid4(), datetime.now(UTC)
    running = _task_event(run.id, task_run, StateType.RUNNING, start)
    completed = _task_event(run.id, task_run, StateType.COMPLETED, start + timedelta(seconds=1))
    await client.create_events([completed, running, completed])
    known = await client.read_task_runs(TaskRunQuery(task_runs=TaskRunFilter(flow_run_id=Among(any_=[run.id]))))
    assert [(one.id, one.state_name) for one in known] == [(task_run, "Completed")]


async def test_events_of_unknown_runs_and_of_other_things_are_passed_over(client: AsyncClient) -> None:
    stranger = _task_event(uuid4(), uuid4(), StateType.RUNNING, datetime.now(UTC))
    await client.create_events([stranger, Event(event="anything", resource={"prefect.resource.id": "x"})])
    assert await client.read_task_runs(TaskRunQuery()) == []


async def test_log_lines_of_one_instant_keep_their_order(client: AsyncClient) -> None:
    run, now = await _run(client), datetime.now(UTC)
    lines = [LogCreate(name="x", level=20, message=str(n), timestamp=now, flow_run_id=run.id) for n in range(20)]
    await client.create_logs(lines)
    query = LogQuery(logs=LogFilter(flow_run_id=Among(any_=[run.id])), sort="TIMESTAMP_ASC")
    assert [line.message for line in await client.read_logs(query)] == [str(n) for n in range(20)]


async def test_runs_are_counted_and_found_by_state(client: AsyncClient) -> None:
    first, _ = await _run(client), await _run(client)
    await _enter(client, first.id, StateType.PENDING, StateType.RUNNING)
    running = FlowRunFilter(state=StateFilter(type=Among(any_=[StateType.RUNNING])))
    assert [one.id for one in await client.read_flow_runs(FlowRunQuery(flow_runs=running))] == [first.id]
    assert await client.count_flow_runs(FlowRunQuery(flow_runs=running)) == 1
    assert await client.count_flow_runs(FlowRunQuery()) == 2


async def test_a_run_by_itself_needs_no_deployment(client: AsyncClient) -> None:
    flow = await client.create_flow(FlowCreate(name="loose"))
    run = await client.create_flow_run(FlowRunCreate(flow_id=flow.id, parameters={"x": 1}))
    assert (run.deployment_id, run.state_name, run.parameters) == (None, "Pending", {"x": 1})


async def test_an_unknown_run_is_not_found(client: AsyncClient) -> None:
    with pytest.raises(NotFound):
        await client.set_flow_run_state(uuid4(), StateCreate(type=StateType.RUNNING))


async def test_runs_that_ended_long_ago_are_deleted_with_their_logs_and_no_others(
    database: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_runs, "PIECE", 1)
    ended = (StateType.PENDING, StateType.RUNNING, StateType.COMPLETED)
    with time_machine.travel(datetime.now(UTC) - timedelta(days=8)):
        old = [await _run(client) for _ in range(2)]
        for run in old:
            await _enter(client, run.id, *ended)
        await client.create_logs(
            [LogCreate(name="x", level=20, message="x", timestamp=clock.now(), flow_run_id=old[0].id)]
        )
        on_since_then = await _run(client)
        await _enter(client, on_since_then.id, *ended[:2])
    new = await _run(client)
    await _enter(client, new.id, *ended)
    deleting = asyncio.create_task(old_runs.OldRuns(database, timedelta(days=7)).run())
    async with asyncio.timeout(PATIENCE):
        while len(await client.read_flow_runs(FlowRunQuery())) > 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    deleting.cancel()
    await asyncio.gather(deleting, return_exceptions=True)
    assert {run.id for run in await client.read_flow_runs(FlowRunQuery())} == {on_since_then.id, new.id}
    logs = LogQuery(logs=LogFilter(flow_run_id=Among(any_=[old[0].id])))
    assert await client.read_logs(logs) == []

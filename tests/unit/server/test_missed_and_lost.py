"""What becomes of runs that nobody could run: those missed while no server was there, those that lost their worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx
import pytest
import time_machine
from sqlalchemy import Connection

from perijove.client import AsyncClient, Target
from perijove.errors import NotFound
from perijove.schemas.deployments import DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import FlowRunQuery, FlowRunSort
from perijove.schemas.flows import FlowCreate
from perijove.schemas.runs import FlowRun
from perijove.schemas.schedules import Catchup, DeploymentScheduleCreate, IntervalSchedule
from perijove.schemas.states import StateCreate, StateType
from perijove.schemas.work import WorkerHeartbeat, WorkPoolCreate
from perijove.server.app import create_api
from perijove.server.rules.lost import Signs, verdict
from perijove.server.services import lost_runs, running
from perijove.server.services.signals import Signals
from perijove.server.storage.database import Database

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@asynccontextmanager
async def _served(path: Path, **options: object) -> AsyncIterator[AsyncClient]:
    """A server over the database in ``path``, for as long as the block lasts."""
    database = Database(path)
    app = create_api(database, Signals(), **options)
    try:
        async with app.router.lifespan_context(app):
            target = Target("http://127.0.0.1/api", "embedded")
            async with AsyncClient(target, transport=httpx.ASGITransport(app=app)) as client:
                yield client
    finally:
        database.close()


async def _scheduled(client: AsyncClient) -> list[datetime]:
    runs = await client.read_flow_runs(FlowRunQuery(sort=FlowRunSort.EXPECTED_START_TIME_ASC))
    return [run.expected_start_time for run in runs if run.expected_start_time]


@pytest.mark.parametrize(("catchup", "missed"), [("latest", [15]), ("all", list(range(1, 16))), ("none", [])])
async def test_after_a_time_without_a_server_a_schedule_catches_up_as_it_says(
    tmp_path: Path, catchup: str, missed: list[int]
) -> None:
    hourly = IntervalSchedule(interval=timedelta(hours=1), anchor_date=NOON)
    with time_machine.travel(NOON, tick=False) as time:
        async with _served(tmp_path / "p.db") as client:
            flow = await client.create_flow(FlowCreate(name="report"))
            schedule = DeploymentScheduleCreate(schedule=hourly, catchup=Catchup(catchup))
            await client.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, schedules=[schedule]))
            assert len(await _scheduled(client)) == 3
        time.shift(timedelta(hours=15, minutes=30))
        async with _served(tmp_path / "p.db") as client:
            found = await _scheduled(client)
    assert found == [NOON + timedelta(hours=hour) for hour in (*missed, 16, 17, 18)]


async def test_catching_up_with_a_year_of_seconds_is_no_work(tmp_path: Path) -> None:
    with time_machine.travel(NOON, tick=False) as time:
        every_second = DeploymentScheduleCreate(schedule=IntervalSchedule(interval=timedelta(seconds=1)))
        async with _served(tmp_path / "p.db") as client:
            flow = await client.create_flow(FlowCreate(name="report"))
            wanted = DeploymentCreate(name="prod", flow_id=flow.id, schedules=[every_second])
            await client.create_deployment(wanted)
        time.shift(timedelta(days=365))
        async with _served(tmp_path / "p.db") as client:
            first = (await _scheduled(client))[0]
    assert first == NOON + timedelta(days=365)


async def test_a_server_without_its_scheduler_makes_no_runs(tmp_path: Path) -> None:
    hourly = DeploymentScheduleCreate(schedule=IntervalSchedule(interval=timedelta(hours=1)))
    with time_machine.travel(NOON, tick=False) as time:
        async with _served(tmp_path / "p.db", off={"scheduler"}) as client:
            flow = await client.create_flow(FlowCreate(name="report"))
            await client.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, schedules=[hourly]))
            before = await _scheduled(client)
        time.shift(timedelta(hours=15))
        async with _served(tmp_path / "p.db", off={"scheduler"}) as client:
            assert await _scheduled(client) == before


async def _claimed(client: AsyncClient) -> FlowRun:
    """A run that a worker of Prefect's has taken: Running, with the worker's labels."""
    await client.create_work_pool(WorkPoolCreate(name="machines"))
    await client.send_worker_heartbeat("machines", WorkerHeartbeat(name="w1", heartbeat_interval_seconds=30))
    flow = await client.create_flow(FlowCreate(name="report"))
    wanted = DeploymentCreate(name="prod", flow_id=flow.id, work_pool_name="machines")
    deployment = await client.create_deployment(wanted)
    run = await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    await client.update_flow_run_labels(run.id, {"prefect.worker.name": "w1"})
    for kind in (StateType.PENDING, StateType.RUNNING):
        await client.set_flow_run_state(run.id, StateCreate(type=kind))
    return run


async def test_a_run_whose_worker_is_gone_crashes_with_the_reason(client: AsyncClient, database: Database) -> None:
    with time_machine.travel(NOON, tick=False) as time:
        run = await _claimed(client)
        time.shift(timedelta(minutes=4))
        assert await database.write(lost_runs.bury) == []
        time.shift(timedelta(minutes=2))
        assert [one.id for one in await database.write(lost_runs.bury)] == [run.id]
    state = (await client.read_flow_run(run.id)).state
    assert state is not None
    assert (state.type, "'w1' was last heard from at 2026-03-02 12:00:00 UTC" in (state.message or "")) == (
        StateType.CRASHED,
        True,
    )


async def test_a_run_whose_worker_lives_is_left_alone(client: AsyncClient, database: Database) -> None:
    with time_machine.travel(NOON, tick=False) as time:
        await _claimed(client)
        time.shift(timedelta(hours=6))
        await client.send_worker_heartbeat("machines", WorkerHeartbeat(name="w1", heartbeat_interval_seconds=30))
        assert await database.write(lost_runs.bury) == []


async def test_a_lost_run_is_found_behind_any_number_that_live(client: AsyncClient, database: Database) -> None:
    with time_machine.travel(NOON, tick=False) as time:
        deployment_id = (await _claimed(client)).deployment_id
        assert deployment_id is not None

        def begin(connection: Connection, kind: StateType) -> FlowRun:
            wanted = DeploymentFlowRunCreate(state=StateCreate(type=kind))
            return running.of_deployment(connection, deployment_id, wanted)[0]

        await database.write(lambda connection: [begin(connection, StateType.RUNNING) for _ in range(100)])
        time.shift(timedelta(seconds=1))
        never_begun = await database.write(lambda connection: begin(connection, StateType.PENDING))
        time.shift(timedelta(hours=1))
        await client.send_worker_heartbeat("machines", WorkerHeartbeat(name="w1", heartbeat_interval_seconds=30))
        assert [one.id for one in await database.write(lost_runs.bury)] == [never_begun.id]


@pytest.mark.parametrize(
    ("state", "minutes", "becomes"),
    [
        ("PENDING", 14, None),
        ("PENDING", 16, StateType.CRASHED),
        ("RUNNING", 10_000, None),
        ("CANCELLING", 4, None),
        ("CANCELLING", 6, StateType.CANCELLED),
    ],
)
def test_a_run_without_a_worker_is_lost_when_it_stays_where_none_stays(
    state: str, minutes: int, becomes: StateType | None
) -> None:
    found = verdict(Signs(StateType(state), NOON, NOON, None, None), NOON + timedelta(minutes=minutes))
    assert (found.type if found else None) == becomes


async def test_only_a_server_for_tests_can_be_cleared(tmp_path: Path) -> None:
    for options in ({}, {"for_tests": True}):
        async with _served(tmp_path / "p.db", **options) as client:
            await client.create_flow(FlowCreate(name="report"))
            if not options:
                with pytest.raises(NotFound):
                    await client.clear_database()
                continue
            await client.clear_database()
            with pytest.raises(NotFound):
                await client.read_flow_by_name("report")
            assert (await client.read_work_pool("local")).type == "process"

"""A server that does without some of its services: what a test suite has to itself."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2 as httpx
import pytest

from perijove.client import AsyncClient, Target
from perijove.schemas.deployments import Deployment, DeploymentCreate
from perijove.schemas.filters import FlowRunQuery, WorkPoolQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.schedules import CronSchedule, DeploymentScheduleCreate
from perijove.server.app import create_api
from perijove.server.services.signals import Signals
from perijove.server.storage.database import Database

pytestmark = pytest.mark.anyio

DAILY = DeploymentScheduleCreate(schedule=CronSchedule(cron="0 8 * * *"))
TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
async def http(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = create_api(database, Signals(), off={"scheduler", "worker"}, for_tests=True)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1/api") as opened,
    ):
        yield opened


@pytest.fixture
async def client(http: httpx.AsyncClient) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(Target("http://127.0.0.1/api", "embedded"), transport=http._transport) as opened:
        yield opened


async def _daily(client: AsyncClient, **fields: object) -> Deployment:
    flow = await client.create_flow(FlowCreate(name="report"))
    wanted = {"name": "prod", "flow_id": flow.id, "schedules": [DAILY], **fields}
    return await client.create_deployment(DeploymentCreate.model_validate(wanted))


async def _instants(client: AsyncClient) -> list[datetime | None]:
    runs = await client.read_flow_runs(FlowRunQuery(sort="EXPECTED_START_TIME_ASC"))
    return [run.expected_start_time for run in runs]


async def test_without_a_scheduler_runs_are_made_only_when_they_are_asked_for(
    client: AsyncClient, http: httpx.AsyncClient
) -> None:
    deployment = await _daily(client)
    assert await _instants(client) == []
    assert (await http.post(f"/deployments/{deployment.id}/schedule")).status_code == 200
    assert len(await _instants(client)) == 3


async def test_runs_of_a_span_in_the_past_are_made_once(client: AsyncClient, http: httpx.AsyncClient) -> None:
    deployment = await _daily(client, paused=True)
    start, end = TODAY - timedelta(days=20), TODAY
    span = {"start_time": start.isoformat(), "end_time": end.isoformat(), "min_runs": 100}
    for _ in range(2):
        await http.post(f"/deployments/{deployment.id}/schedule", json=span)
    made = await _instants(client)
    assert made == [start.replace(hour=8) + timedelta(days=day) for day in range(1, 21)]


async def test_without_a_worker_there_is_no_pool_and_clearing_makes_none(
    client: AsyncClient, http: httpx.AsyncClient
) -> None:
    assert await client.read_work_pools(WorkPoolQuery()) == []
    await http.post("/admin/database/clear", json={"confirm": True})
    assert await client.read_work_pools(WorkPoolQuery()) == []


async def test_a_queue_without_a_pool_is_one_of_the_agents(client: AsyncClient, http: httpx.AsyncClient) -> None:
    deployment = await _daily(client, work_queue_name="fast")
    assert (deployment.work_pool_name, deployment.work_queue_name) == ("default-agent-pool", "fast")
    queue = (await http.get("/work_queues/name/fast")).json()
    assert queue["id"] == str(deployment.work_queue_id)

"""That deployments, work queues and work pools are ready, or are not any more, is told as it changes, and once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from perijove.client import AsyncClient
from perijove.schemas.deployments import DeploymentCreate
from perijove.schemas.events import ID, EventFilter, EventNameFilter
from perijove.schemas.flows import FlowCreate
from perijove.schemas.work import ScheduledRunsRequest, WorkerHeartbeat, WorkPoolCreate, WorkPoolUpdate, WorkQueueUpdate
from perijove.server.services import statuses
from perijove.server.storage import events
from perijove.server.storage.database import Database

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOLD = EventFilter(event=EventNameFilter(prefix=["prefect.work-pool.", "prefect.work-queue.", "prefect.deployment."]))


async def _told(database: Database, since: set[object]) -> dict[str, int]:
    """How often each event was told, but for those that were before."""
    await database.write(statuses.tell)
    found = await database.read(lambda connection: events.search(connection, TOLD))
    names = [one.event.removeprefix("prefect.") for one in found if one.id not in since]
    since.update(one.id for one in found)
    return {name: names.count(name) for name in sorted(names)}


async def test_what_is_polled_is_told_as_ready_and_as_not_ready_when_it_is_not_any_more(
    client: AsyncClient, database: Database
) -> None:
    seen: set[object] = set()
    with time_machine.travel(NOON, tick=False) as time:
        await client.create_work_pool(WorkPoolCreate(name="machines"))
        flow = await client.create_flow(FlowCreate(name="report"))
        await client.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, work_pool_name="machines"))
        begun = await _told(database, seen)
        assert begun == {"deployment.created": 1, "work-pool.created": 1, "work-pool.not-ready": 1}
        for _ in range(3):
            await client.send_worker_heartbeat("machines", WorkerHeartbeat(name="w", heartbeat_interval_seconds=10))
            await client.get_scheduled_flow_runs("machines", ScheduledRunsRequest())
            time.shift(10)
        assert await _told(database, seen) == {"deployment.ready": 1, "work-pool.ready": 1, "work-queue.ready": 1}
        time.shift(timedelta(seconds=70))
        gone = {"deployment.not-ready": 1, "work-pool.not-ready": 1, "work-queue.not-ready": 1}
        assert await _told(database, seen) == gone
        assert await _told(database, seen) == {}


async def test_a_pause_is_told_at_once_with_what_it_is_of(client: AsyncClient, database: Database) -> None:
    pool = await client.create_work_pool(WorkPoolCreate(name="machines"))
    await client.update_work_pool("machines", WorkPoolUpdate(is_paused=True, concurrency_limit=3))
    assert pool.default_queue_id is not None
    await client.update_work_queue(pool.default_queue_id, WorkQueueUpdate(is_paused=True))
    found = await database.read(lambda connection: events.search(connection, TOLD))
    queue_paused, pool_paused, updated, *_ = found
    assert [one.event for one in found[:3]] == [
        "prefect.work-queue.paused",
        "prefect.work-pool.paused",
        "prefect.work-pool.updated",
    ]
    assert pool_paused.resource[ID] == f"prefect.work-pool.{pool.id}"
    assert [one[ID] for one in queue_paused.related] == [f"prefect.work-pool.{pool.id}"]
    assert updated.payload["updates"] == {"concurrency_limit": {"from": None, "to": 3}}

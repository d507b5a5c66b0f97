"""Events over REST: told, looked up, counted and forgotten."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select

from perijove import clock
from perijove.client import AsyncClient
from perijove.client.calls import Call, encode, nothing, returns
from perijove.errors import Invalid, NotAuthenticated
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.events import (
    Event,
    EventCount,
    EventCountQuery,
    EventFilter,
    EventPage,
    EventQuery,
    Occurred,
    ReceivedEvent,
    TimeUnit,
)
from perijove.schemas.flows import FlowCreate
from perijove.schemas.states import StateCreate, StateType
from perijove.server.rules import matching
from perijove.server.services import retention
from perijove.server.storage import events
from perijove.server.storage.database import Database
from perijove.server.storage.tables import event_resources

pytestmark = pytest.mark.anyio
PATIENCE = 10.0


async def _deploy(client: AsyncClient) -> Deployment:
    flow = await client.create_flow(FlowCreate(name="daily-report", tags=["nightly"]))
    wanted = DeploymentCreate(name="prod", flow_id=flow.id, tags=["finance"], work_pool_name="local")
    return await client.create_deployment(wanted)


async def _run_to_its_end(client: AsyncClient, deployment: Deployment) -> UUID:
    run = await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate(name="mine"))
    for state in (StateType.PENDING, StateType.RUNNING, StateType.COMPLETED):
        await client.set_flow_run_state(run.id, StateCreate(type=state))
    return run.id


def _thing_happened(name: str = "thing.happened", **fields: Any) -> Event:
    return Event(event=name, resource={"prefect.resource.id": "thing.1", "color": "red"}, **fields)


async def _found(client: AsyncClient, **asked: Any) -> list[ReceivedEvent]:
    return (await client.read_events(EventQuery(filter=EventFilter.model_validate(asked)))).events


async def test_each_state_of_a_run_is_an_event_with_all_that_the_run_belongs_to(client: AsyncClient) -> None:
    deployment = await _deploy(client)
    run_id = await _run_to_its_end(client, deployment)
    about = {"resource": {"id": [f"prefect.flow-run.{run_id}"]}, "order": "ASC"}
    found = await _found(client, **about)
    names = ["Scheduled", "Pending", "Running", "Completed"]
    assert [one.event for one in found] == [f"prefect.flow-run.{name}" for name in names]
    states = await client.read_flow_run_states(run_id)
    assert [one.id for one in found] == [state.id for state in states]
    assert [one.follows for one in found] == [None, *(state.id for state in states[:-1])]
    roles = [one["prefect.resource.role"] for one in found[-1].related]
    assert roles == ["flow", "deployment", "work-queue", "work-pool", "tag", "tag"]
    assert found[-1].resource["prefect.state-type"] == "COMPLETED"
    assert found[-1].resource["prefect.run-count"] == "1"
    assert found[-1].payload["intended"] == {"from": "RUNNING", "to": "COMPLETED"}


async def test_a_refused_state_is_no_event(client: AsyncClient) -> None:
    run_id = await _run_to_its_end(client, await _deploy(client))
    before = len(await _found(client))
    await client.set_flow_run_state(run_id, StateCreate(type=StateType.RUNNING))
    assert len(await _found(client)) == before


FILTERS: list[tuple[dict[str, Any], bool]] = [
    ({"event": {"prefix": ["thing."]}}, True),
    ({"event": {"prefix": ["Thing."]}}, False),
    ({"event": {"exclude_prefix": ["thing"]}}, False),
    ({"event": {"name": ["thing.happened"], "exclude_name": ["x"]}}, True),
    ({"resource": {"id": ["thing.1"]}}, True),
    ({"resource": {"id_prefix": ["thing."]}}, True),
    ({"resource": {"labels": {"color": ["blue", "r*"]}}}, True),
    ({"resource": {"labels": {"color": "!red"}}}, False),
    ({"resource": {"labels": {"co'lor\"": "*"}}}, False),
    ({"related": {"id": ["owner.1"]}}, True),
    ({"related": {"id": ["thing.1"]}}, False),
    ({"related": [{"role": ["owner"]}, {"role": ["tag"]}]}, True),
    ({"related": {"id": ["owner.1"], "role": ["tag"]}}, False),
    ({"related": {"resources_in_roles": [["owner.1", "owner"]]}}, True),
    ({"related": {"role": ["owner"], "labels": {"size": "1*"}}}, True),
    ({"related": {"role": ["tag"], "labels": {"size": "1*"}}}, False),
    ({"any_resource": {"id": ["owner.1"]}}, True),
    ({"any_resource": {"labels": {"color": "red"}}}, True),
    ({"any_resource": {"id_prefix": ["owner"], "labels": {"color": "red"}}}, False),
    ({"occurred": {"since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}}, True),
    ({"occurred": {"since": "2026-01-01T00:00:01Z"}}, False),
    ({"id": {"id": ["00000000-0000-4000-8000-000000000001"]}}, True),
    ({"id": {"id": ["00000000-0000-4000-8000-000000000002"]}}, False),
]


async def test_a_filter_means_the_same_of_past_events_and_of_those_that_happen(client: AsyncClient) -> None:
    related = [
        {"prefect.resource.id": "owner.1", "prefect.resource.role": "owner", "size": "12"},
        {"prefect.resource.id": "prefect.tag.a", "prefect.resource.role": "tag"},
    ]
    event = _thing_happened(
        id=UUID("00000000-0000-4000-8000-000000000001"), occurred=datetime(2026, 1, 1, tzinfo=UTC), related=related
    )
    await client.create_events([event])
    for asked, is_found in FILTERS:
        assert ([one.id for one in await _found(client, **asked)] == [event.id]) is is_found, asked
        assert matching.includes(EventFilter.model_validate(asked), event) is is_found, asked


async def test_an_event_that_is_told_twice_is_recorded_once(client: AsyncClient) -> None:
    event = _thing_happened()
    await client.create_events([event, event])
    await client.create_events([event])
    assert [one.id for one in await _found(client)] == [event.id]


async def test_pages_follow_each_other_and_hold_every_event_once(client: AsyncClient) -> None:
    told = [_thing_happened(f"thing.{number}") for number in range(7)]
    await client.create_events(told)
    page = await client.read_events(EventQuery(limit=3))
    found = page.events
    while page.next_page:
        await client.create_events([_thing_happened()])  # what happens meanwhile moves nothing
        page = await client.send(Call("GET", page.next_page.partition("/api")[2], returns(EventPage)))
        found = [*found, *page.events]
    assert [one.id for one in found] == [one.id for one in reversed(told)]
    assert page.total == 7


@pytest.mark.parametrize("token", ["", "nonsense", "bm9uc2Vuc2U="])
async def test_a_made_up_page_token_is_refused(client: AsyncClient, token: str) -> None:
    with pytest.raises(NotAuthenticated):
        await client.send(Call("GET", f"/events/filter/next?page-token={token}", returns(EventPage)))


async def test_events_are_counted_by_name_resource_and_time(client: AsyncClient) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    at = [start + timedelta(hours=hours) for hours in (1, 2, 2, 30)]
    await client.create_events([_thing_happened(f"thing.{when.hour}", occurred=when) for when in at])
    asked = EventFilter(occurred=Occurred(since=start, until=start + timedelta(days=2)))

    async def counts(by: str) -> list[EventCount]:
        return await client.send(Call("POST", f"/events/count-by/{by}", returns(list[EventCount]), encode(query)))

    query = EventCountQuery(filter=asked)
    assert [(one.value, one.count) for one in await counts("event")] == [
        ("thing.2", 2),
        ("thing.1", 1),
        ("thing.6", 1),
    ]
    assert [(one.value, one.count) for one in await counts("resource")] == [("thing.1", 4)]
    assert [(one.label, one.count) for one in await counts("day")] == [
        ("2026-01-01T00:00:00+00:00", 3),
        ("2026-01-02T00:00:00+00:00", 1),
    ]
    query = EventCountQuery(filter=asked, time_unit=TimeUnit.SECOND)
    with pytest.raises(Invalid, match="spans of time"):
        await counts("time")


@pytest.mark.parametrize(
    "event",
    [
        {"event": "x", "resource": {}},
        {"event": "x" * 1025, "resource": {"prefect.resource.id": "a"}},
        {"event": "x", "resource": {"prefect.resource.id": "a", **{str(n): "" for n in range(500)}}},
        {"event": "x", "resource": {"prefect.resource.id": "a"}, "related": [{"prefect.resource.id": "b"}]},
    ],
)
async def test_what_is_no_event_is_refused(client: AsyncClient, event: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await client.send(Call("POST", "/events", nothing, encode([event])))


async def test_old_events_are_forgotten_in_pieces_and_new_ones_stay(
    database: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PIECE", 2)
    with time_machine.travel(datetime.now(UTC) - timedelta(days=8)):
        await client.create_events([_thing_happened(f"old.{number}") for number in range(5)])
    await client.create_events([_thing_happened("new")])
    forgetting = asyncio.create_task(retention.Retention(database).run())
    async with asyncio.timeout(PATIENCE):
        while len(await _found(client)) > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    forgetting.cancel()
    await asyncio.gather(forgetting, return_exceptions=True)
    assert [one.event for one in await _found(client)] == ["new"]
    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(event_resources))) == 1


async def test_positions_go_on_after_everything_was_forgotten(database: Database) -> None:
    await database.write(lambda connection: events.record(connection, [_thing_happened()]))
    await database.write(lambda connection: events.forget(connection, clock.now() + timedelta(days=1), 10))
    await database.write(lambda connection: events.record(connection, [_thing_happened()]))
    assert [one.position for one in await database.read(lambda c: events.after(c, 0, 10))] == [2]

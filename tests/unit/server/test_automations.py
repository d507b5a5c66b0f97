"""Automations over the wire: kept, triggered once by what happens, and stopped before they go round in circles."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2 as httpx
import pytest

from perijove import clock
from perijove.client import AsyncClient, Target
from perijove.client.calls import Call, encode, nothing
from perijove.errors import Invalid, NotFound
from perijove.schemas.automations import Automation, AutomationCreate, AutomationQuery, CompoundTrigger
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.events import Event, EventFilter, EventNameFilter, EventQuery, ReceivedEvent
from perijove.schemas.filters import Among, FlowRunFilter, FlowRunQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import StateCreate, StateType
from perijove.schemas.work import WorkPoolCreate
from perijove.server.app import create_api
from perijove.server.rules import pace
from perijove.server.services import triggers
from perijove.server.services.signals import Signals
from perijove.server.storage import events
from perijove.server.storage import triggers as stored_triggers
from perijove.server.storage.database import Database

pytestmark = pytest.mark.anyio
PATIENCE = 15.0


@asynccontextmanager
async def _server(path: Path) -> AsyncIterator[AsyncClient]:
    """A server over a file, in this process; its client."""
    database = Database(path)
    api = create_api(database, Signals())
    target, transport = Target("http://127.0.0.1/api", "embedded"), httpx.ASGITransport(app=api)
    async with api.router.lifespan_context(api), AsyncClient(target, transport=transport) as client:
        yield client
    database.close()


async def _deploy(client: AsyncClient, name: str = "prod", **fields: Any) -> Deployment:
    flow = await client.create_flow(FlowCreate(name="etl"))
    return await client.create_deployment(DeploymentCreate(name=name, flow_id=flow.id, **fields))


async def _automate(client: AsyncClient, trigger: dict[str, Any], *actions: dict[str, Any], **more: Any) -> Automation:
    said = {"name": "mine", "trigger": {"type": "event", **trigger}, "actions": list(actions), **more}
    return await client.create_automation(AutomationCreate.model_validate(said))


def _run_it(deployment: Deployment, **fields: Any) -> dict[str, Any]:
    return {"type": "run-deployment", "deployment_id": str(deployment.id), **fields}


def _ping(name: str = "ping", **payload: Any) -> Event:
    return Event(event=name, resource={"prefect.resource.id": "thing.1", "color": "red"}, payload=payload)


async def _runs(client: AsyncClient, deployment: Deployment) -> list[FlowRun]:
    chosen = FlowRunFilter(deployment_id=Among(any_=[deployment.id]))
    return await client.read_flow_runs(FlowRunQuery(flow_runs=chosen, sort="EXPECTED_START_TIME_ASC"))


async def _told(client: AsyncClient, name: str) -> list[ReceivedEvent]:
    asked = EventFilter(event=EventNameFilter(name=[f"prefect.automation.{name}"]))
    return (await client.read_events(EventQuery(filter=asked))).events


async def _until(holds: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110  (it is the server's state that is waited for)
            await asyncio.sleep(0.02)


async def _until_seen(client: AsyncClient) -> None:
    """Until triggers have seen all that happened before: a marker's automation fires after everything before it."""
    marker = await _automate(client, {"expect": ["marker"]}, {"type": "do-nothing"}, name="marker")
    await client.create_events([_ping("marker")])

    async def fired() -> bool:
        told = await _told(client, "triggered")
        return any(one.resource["prefect.resource.id"].endswith(str(marker.id)) for one in told)

    await _until(fired)
    await client.delete_automation(marker.id)


async def test_an_automation_comes_back_as_it_was_sent_and_can_be_changed_and_deleted(client: AsyncClient) -> None:
    deployment = await _deploy(client)
    owner = f"prefect.deployment.{deployment.id}"
    made = await _automate(client, {"expect": ["ping"]}, _run_it(deployment), owner_resource=owner, tags=["a"])
    assert await client.read_automation(made.id) == made
    assert await client.read_automations(AutomationQuery()) == [made]
    assert await client.read_resource_related_automations(owner) == [made]
    await client.pause_automation(made.id)
    assert not (await client.read_automation(made.id)).enabled
    await client.delete_resource_owned_automations(owner)
    with pytest.raises(NotFound):
        await client.read_automation(made.id)


async def test_a_deployment_takes_its_automations_along(client: AsyncClient) -> None:
    deployment = await _deploy(client)
    owner = f"prefect.deployment.{deployment.id}"
    await _automate(client, {"expect": ["ping"]}, _run_it(deployment), owner_resource=owner)
    await client.delete_deployment(deployment.id)
    assert await client.read_automations(AutomationQuery()) == []


@pytest.mark.parametrize(
    ("trigger", "action", "reason"),
    [
        ({"type": "metric"}, {"type": "do-nothing"}, "metric"),
        ({"posture": "Proactive", "within": 3}, {"type": "do-nothing"}, "10 seconds"),
        ({"type": "compound", "triggers": [{"type": "event"}], "require": 2}, {"type": "do-nothing"}, "require"),
        ({}, {"type": "call-webhook", "block_document_id": "x"}, "call-webhook"),
        ({}, {"type": "run-deployment"}, "deployment_id"),
        ({}, {"type": "run-deployment", "source": "inferred", "parameters": {"a": "{{ x"}}, "no template"),
    ],
)
async def test_what_cannot_be_done_here_is_refused_when_it_is_asked_for(
    client: AsyncClient, trigger: dict[str, Any], action: dict[str, Any], reason: str
) -> None:
    said = {"name": "mine", "trigger": {"type": "event", **trigger}, "actions": [action]}
    with pytest.raises(Invalid, match=reason):
        await client.send(Call("POST", "/automations/", nothing, encode(said)))


async def test_an_event_runs_a_deployment_with_values_that_it_holds(client: AsyncClient) -> None:
    deployment = await _deploy(client, parameters={"region": "EU", "rows": 0})
    wanted = {"rows": "{{ event.payload.rows }}", "why": "{{ event.resource.id }} is {{ event.resource['color'] }}"}
    made = await _automate(
        client, {"expect": ["ping"], "match": {"color": "red"}}, _run_it(deployment, parameters=wanted)
    )
    await client.create_events([_ping(rows=7), _ping("pong")])
    await _until(lambda: _runs(client, deployment))
    (run,) = await _runs(client, deployment)
    assert run.parameters == {"region": "EU", "rows": 7, "why": "thing.1 is red"}
    assert run.created_by is not None
    assert (run.created_by.type, run.created_by.id) == ("AUTOMATION", made.id)
    (executed,) = await _told(client, "action.executed")
    assert f"prefect.flow-run.{run.id}" in [one["prefect.resource.id"] for one in executed.related]


async def test_a_run_that_completes_sets_off_another_deployment_once(client: AsyncClient) -> None:
    first, second = await _deploy(client, "first"), await _deploy(client, "second")
    match = {"prefect.resource.id": f"prefect.deployment.{first.id}"}
    await _automate(client, {"expect": ["prefect.flow-run.Completed"], "match_related": match}, _run_it(second))
    run = await client.create_flow_run_from_deployment(first.id, DeploymentFlowRunCreate())
    for state in (StateType.PENDING, StateType.RUNNING, StateType.COMPLETED):
        await client.set_flow_run_state(run.id, StateCreate(type=state))
    await _until_seen(client)
    assert len(await _runs(client, second)) == 1


async def test_an_action_that_fails_says_why_and_harms_nothing(client: AsyncClient) -> None:
    schema = {"type": "object", "properties": {"rows": {"type": "integer"}}}
    deployment = await _deploy(client, parameter_openapi_schema=schema)
    bad = _run_it(deployment, parameters={"rows": "{{ event.resource.id }}"})
    await _automate(client, {"expect": ["ping"]}, bad, _run_it(deployment), {"type": "cancel-flow-run"})
    await client.create_events([_ping()])
    await _until_seen(client)
    reasons = {one.payload["action_index"]: one.payload["reason"] for one in await _told(client, "action.failed")}
    assert "not of type 'integer'" in reasons[0]
    assert "No flow-run could be inferred" in reasons[2]
    assert len(await _runs(client, deployment)) == 1


async def test_an_automation_can_pause_and_resume_and_cancel(client: AsyncClient) -> None:
    deployment = await _deploy(client)
    other = await _automate(client, {"expect": ["never"]}, {"type": "do-nothing"}, name="other")
    named = {"deployment_id": str(deployment.id)}
    await _automate(client, {"expect": ["rest"]}, {"type": "pause-deployment", **named})
    await _automate(client, {"expect": ["rest"]}, {"type": "pause-automation", "automation_id": str(other.id)})
    await _automate(client, {"expect": ["stop"]}, {"type": "cancel-flow-run"})
    run = await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    await client.create_events(
        [_ping("rest"), Event(event="stop", resource={"prefect.resource.id": f"prefect.flow-run.{run.id}"})]
    )
    await _until_seen(client)
    assert (await client.read_deployment(deployment.id)).paused
    assert not (await client.read_automation(other.id)).enabled
    assert (await client.read_flow_run(run.id)).state_type is StateType.CANCELLED


async def test_an_automation_pauses_and_resumes_the_pool_and_the_queue_of_an_event(client: AsyncClient) -> None:
    pool = await client.create_work_pool(WorkPoolCreate(name="machines"))
    assert pool.default_queue_id is not None
    queue = {"work_queue_id": str(pool.default_queue_id), "source": "selected"}
    on_pool = {"expect": ["halt"], "match": {"prefect.resource.id": "prefect.work-pool.*"}}
    pause = {"type": "pause-work-pool", "source": "inferred"}
    await _automate(client, on_pool, pause, {"type": "pause-work-queue", **queue})
    await _automate(client, {"expect": ["go"]}, {"type": "resume-work-pool", "work_pool_id": str(pool.id)})
    await client.create_events([Event(event="halt", resource={"prefect.resource.id": f"prefect.work-pool.{pool.id}"})])
    await _until_seen(client)
    assert (await client.read_work_pool("machines")).is_paused
    assert (await client.read_work_queue(pool.default_queue_id)).is_paused
    await client.create_events([_ping("go")])
    await _until_seen(client)
    assert not (await client.read_work_pool("machines")).is_paused


async def test_an_automation_suspends_resumes_and_deletes_the_run_of_an_event(client: AsyncClient) -> None:
    deployment = await _deploy(client)
    run = await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    for kind in ("suspend", "resume", "delete"):
        await _automate(client, {"expect": [kind]}, {"type": f"{kind}-flow-run"}, name=kind)
    await client.set_flow_run_state(run.id, StateCreate(type=StateType.RUNNING))
    about = {"prefect.resource.id": f"prefect.flow-run.{run.id}"}
    for kind, becomes in (("suspend", "Suspended"), ("resume", "Resuming")):
        await client.create_events([Event(event=kind, resource=about)])
        await _until_seen(client)
        assert (await client.read_flow_run(run.id)).state_name == becomes
    await client.create_events([Event(event="suspend", resource=about), Event(event="delete", resource=about)])
    await _until_seen(client)
    (failed,) = await _told(client, "action.failed")
    assert failed.payload["reason"] == "Cannot suspend flows that are not currently running."
    with pytest.raises(NotFound):
        await client.read_flow_run(run.id)


async def test_what_happened_while_it_was_paused_does_not_concern_it(client: AsyncClient) -> None:
    deployment = await _deploy(client)
    await client.create_events([_ping()])
    made = await _automate(client, {"expect": ["ping"]}, _run_it(deployment))
    await client.pause_automation(made.id)
    await client.create_events([_ping()])
    await client.resume_automation(made.id)
    await _until_seen(client)
    assert await _runs(client, deployment) == []


async def test_each_part_of_a_composite_trigger_must_fire_before_it_does(client: AsyncClient) -> None:
    deployment = await _deploy(client)
    parts = [{"type": "event", "expect": [name]} for name in ("one", "two")]
    await _automate(client, {"type": "sequence", "triggers": parts}, _run_it(deployment))
    for name in ("two", "one", "one"):
        await client.create_events([_ping(name)])
    await _until_seen(client)
    assert await _runs(client, deployment) == []
    await client.create_events([_ping("two")])
    await _until_seen(client)
    assert len(await _runs(client, deployment)) == 1


async def test_an_automation_that_sets_itself_off_stops_at_a_depth_and_says_so(client: AsyncClient) -> None:
    """B-21."""
    await _automate(client, {"expect": ["ping", "prefect.automation.triggered"]}, {"type": "do-nothing"})
    await client.create_events([_ping()])
    await _until(lambda: _told(client, "action.failed"))
    await asyncio.sleep(0.2)  # a circle would go on
    assert len(await _told(client, "action.executed")) == triggers.DEEPEST
    stopped = await _told(client, "action.failed")
    assert {"have set off one another" in one.payload["reason"] for one in stopped} == {True}


async def test_a_deployment_that_its_own_runs_set_off_stops_at_a_depth(client: AsyncClient) -> None:
    """B-21, through runs: what a run that an automation made sets off is one deeper."""
    deployment = await _deploy(client)
    await _automate(client, {"expect": ["prefect.flow-run.Scheduled"]}, _run_it(deployment))
    await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    await _until(lambda: _told(client, "action.failed"))
    assert len(await _runs(client, deployment)) == 1 + triggers.DEEPEST


async def test_a_storm_of_events_fires_once_for_each_and_starts_runs_at_a_pace(client: AsyncClient) -> None:
    """B-21, at a small size; the full one is by command."""
    deployment = await _deploy(client)
    await _automate(client, {"expect": ["ping"]}, _run_it(deployment))
    storm = [_ping() for _ in range(pace.BURST + 20)]
    await client.create_events(storm)
    await client.create_events(storm)
    await _until_seen(client)
    runs = await _runs(client, deployment)
    assert len(runs) == len(storm)
    last = runs[-1].expected_start_time
    assert last is not None
    assert last - runs[0].created > timedelta(seconds=1)


async def test_what_a_trigger_has_counted_survives_the_server(tmp_path: Path) -> None:
    path = tmp_path / "perijove.db"
    async with _server(path) as client:
        made = await _automate(client, {"expect": ["ping"], "threshold": 3, "within": 3600}, {"type": "do-nothing"})
        await client.create_events([_ping(), _ping()])
        await _until_seen(client)
    async with _server(path) as client:
        await client.create_events([_ping()])
        await _until_seen(client)
        fired = [one for one in await _told(client, "triggered") if str(made.id) in one.resource["prefect.resource.id"]]
        assert len(fired) == 1


async def test_what_happened_before_a_sudden_end_is_evaluated_after_it_and_once(tmp_path: Path) -> None:
    """B-21: an event whose consequences were not written when the server ended has them when it is back."""
    path = tmp_path / "perijove.db"
    async with _server(path) as client:
        await _automate(client, {"expect": ["ping"]}, {"type": "do-nothing"})
        await client.create_events([_ping()])
        await _until_seen(client)
    database = Database(path)
    await database.write(partial(events.record, happened=[_ping(), _ping()]))  # by a server that saw no more
    database.close()
    async with _server(path) as client:
        await _until_seen(client)
        fired = [one for one in await _told(client, "triggered") if one.resource["prefect.resource.name"] == "mine"]
        assert len(fired) == 3


async def test_an_absence_is_noticed_when_its_time_is_over(client: AsyncClient) -> None:
    deployment = await _deploy(client)
    missing = {"expect": ["pong"], "after": ["ping"], "posture": "Proactive", "within": 10}
    await _automate(client, missing, _run_it(deployment))
    ping = _ping()
    ping.occurred = clock.now() - timedelta(seconds=9.5)
    await client.create_events([ping])
    await _until(lambda: _runs(client, deployment))


async def test_what_triggers_fired_for_is_forgotten_in_pieces(database: Database) -> None:
    noted = [partial(stored_triggers.note_firing, trigger_id=uuid4(), event_id=uuid4()) for _ in range(5)]
    for work in noted:
        assert await database.write(work)
    assert not await database.write(noted[0])
    forget = partial(stored_triggers.forget_firings, before=clock.now() + timedelta(days=1), limit=2)
    assert [await database.write(forget) for _ in range(4)] == [2, 2, 1, 0]


async def test_triggers_sent_twice_under_the_same_ids_count_by_themselves(client: AsyncClient) -> None:
    part = {"type": "event", "id": str(uuid4()), "expect": ["ping"]}
    whole = {"type": "compound", "id": str(uuid4()), "require": "any", "within": 60, "triggers": [part]}
    made = [await _automate(client, whole, {"type": "do-nothing"}, name=name) for name in ("one", "other")]
    triggers = [one.trigger for one in made]
    ids = {one.id for one in triggers} | {one.triggers[0].id for one in triggers if isinstance(one, CompoundTrigger)}
    assert len(ids) == 4
    assert UUID(part["id"]) not in ids

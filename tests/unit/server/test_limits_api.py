"""Limits of concurrency: of deployments, of schedules whose runs overlap, of names and of task runs' tags."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2 as httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import update

from perijove import clock
from perijove.client import AsyncClient
from perijove.errors import ApiError, Invalid, NotFound
from perijove.schemas.concurrency import (
    ConcurrencyLimitCreate,
    ConcurrencyLimitUpdate,
    LeasedSlotsRequest,
    LeaseHolder,
    LeaseRenewal,
    SlotsRequest,
    TagLimitCreate,
)
from perijove.schemas.deployments import (
    CollisionStrategy,
    ConcurrencyOptions,
    Deployment,
    DeploymentCreate,
    DeploymentFlowRunCreate,
    DeploymentUpdate,
)
from perijove.schemas.filters import Among, FlowRunFilter, FlowRunQuery, FlowRunSort
from perijove.schemas.flows import FlowCreate
from perijove.schemas.runs import FlowRun, FlowRunPolicy, FlowRunUpdate, OrchestrationResult, SetStateStatus
from perijove.schemas.schedules import DeploymentScheduleCreate, IntervalSchedule, Overlap
from perijove.schemas.states import StateCreate, StateType
from perijove.server.services import waiting_runs
from perijove.server.storage.database import Database
from perijove.server.storage.tables import flow_runs

pytestmark = pytest.mark.anyio
ACCEPT, REJECT, ABORT, WAIT = SetStateStatus


async def _deployment(client: AsyncClient, **fields: object) -> Deployment:
    flow = await client.create_flow(FlowCreate(name="report"))
    return await client.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, **fields))


async def _run(client: AsyncClient, deployment: Deployment) -> FlowRun:
    return await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())


async def _enter(client: AsyncClient, run: FlowRun, kind: str) -> OrchestrationResult:
    return await client.set_flow_run_state(run.id, StateCreate(type=StateType(kind)))


async def test_a_run_beyond_the_deployments_limit_waits_and_is_called_when_a_slot_is_free(client: AsyncClient) -> None:
    deployment = await _deployment(client, concurrency_limit=1)
    first, second = await _run(client, deployment), await _run(client, deployment)
    assert (await _enter(client, first, "PENDING")).status is ACCEPT
    refused = await _enter(client, second, "PENDING")
    assert refused.state is not None
    assert (refused.status, refused.state.name) == (REJECT, "AwaitingConcurrencySlot")
    await _enter(client, first, "CRASHED")
    called = await client.read_flow_run(second.id, wait=5, unless=refused.state.id)
    assert called.next_scheduled_start_time is not None
    assert called.next_scheduled_start_time <= datetime.now(UTC)
    assert (await _enter(client, second, "PENDING")).status is ACCEPT


async def test_a_run_that_waits_for_long_stays_in_its_state_and_out_of_reach(
    client: AsyncClient, database: Database
) -> None:
    deployment = await _deployment(client, concurrency_limit=1)
    first, second = await _run(client, deployment), await _run(client, deployment)
    await _enter(client, first, "PENDING")
    began = clock.now()
    with time_machine.travel(began, tick=False) as time:
        waiting = (await _enter(client, second, "PENDING")).state
        for _ in range(30):
            time.shift(10)
            assert await database.write(waiting_runs.call) == []
            due = (await client.read_flow_run(second.id)).next_scheduled_start_time
            assert due is not None
            assert due > clock.now() + timedelta(seconds=10), "Prefect's workers fetch what is due within ten seconds"
    assert waiting is not None
    assert [state.name for state in await client.read_flow_run_states(second.id)] == ["Scheduled", waiting.name]


@pytest.mark.parametrize("what", ["the limit is raised", "the deployment is given a wider one", "the other waits"])
async def test_a_run_beyond_the_limit_is_called_whatever_makes_room(client: AsyncClient, what: str) -> None:
    deployment = await _deployment(client, concurrency_limit=1)
    first, second = await _run(client, deployment), await _run(client, deployment)
    await _enter(client, first, "PENDING")
    waiting = (await _enter(client, second, "PENDING")).state
    assert waiting is not None
    assert deployment.global_concurrency_limit is not None
    match what:
        case "the limit is raised":
            limit = deployment.global_concurrency_limit.name
            await client.update_global_concurrency_limit(limit, ConcurrencyLimitUpdate(limit=2))
        case "the deployment is given a wider one":
            await client.update_deployment(deployment.id, DeploymentUpdate(concurrency_limit=2))
        case _:
            await _enter(client, first, "SCHEDULED")
    called = await client.read_flow_run(second.id, wait=5, unless=waiting.id)
    assert called.state_id != waiting.id


async def test_a_run_beyond_the_limit_is_cancelled_where_the_deployment_says_so(client: AsyncClient) -> None:
    options = ConcurrencyOptions(collision_strategy=CollisionStrategy.CANCEL_NEW)
    deployment = await _deployment(client, concurrency_limit=1, concurrency_options=options)
    first, second = await _run(client, deployment), await _run(client, deployment)
    await _enter(client, first, "PENDING")
    refused = await _enter(client, second, "PENDING")
    assert refused.state is not None
    assert (refused.status, refused.state.type) == (REJECT, StateType.CANCELLED)


async def test_a_deployments_limit_is_shown_changed_removed_and_goes_with_it(client: AsyncClient) -> None:
    deployment = await _deployment(client, concurrency_limit=2)
    limit = deployment.global_concurrency_limit
    assert limit is not None
    assert (limit.name, limit.limit, limit.active_slots) == (f"deployment:{deployment.id}", 2, 0)
    await client.update_deployment(deployment.id, DeploymentUpdate(concurrency_limit=5))
    changed = (await client.read_deployment(deployment.id)).global_concurrency_limit
    assert changed is not None
    assert changed.limit == 5
    await client.update_deployment(deployment.id, DeploymentUpdate(paused=True))
    assert (await client.read_deployment(deployment.id)).global_concurrency_limit is not None
    await client.update_deployment(deployment.id, DeploymentUpdate(concurrency_limit=None))
    assert (await client.read_deployment(deployment.id)).global_concurrency_limit is None
    await client.update_deployment(deployment.id, DeploymentUpdate(concurrency_limit=1))
    await client.delete_deployment(deployment.id)
    with pytest.raises(NotFound):
        await client.read_global_concurrency_limit_by_name(limit.name)


async def test_deployments_can_share_a_limit(client: AsyncClient) -> None:
    shared = await client.create_global_concurrency_limit(ConcurrencyLimitCreate(name="machine", limit=1))
    flow = await client.create_flow(FlowCreate(name="report"))
    both = [
        await client.create_deployment(
            DeploymentCreate(name=name, flow_id=flow.id, global_concurrency_limit_id=shared.id)
        )
        for name in ("a", "b")
    ]
    runs = [await _run(client, deployment) for deployment in both]
    answers = [(await _enter(client, run, "PENDING")).status for run in runs]
    assert answers == [ACCEPT, REJECT]
    assert (await client.read_global_concurrency_limit_by_name("machine")).active_slots == 1


@pytest.mark.parametrize(("overlap", "becomes"), [("skip", "Cancelled"), ("queue", "AwaitingConcurrencySlot")])
@pytest.mark.parametrize("then", [None, "PAUSED", "FAILED"], ids=["goes on", "rests", "retries"])
async def test_a_schedules_run_whose_predecessor_is_not_over_is_skipped_or_queued(
    client: AsyncClient, database: Database, overlap: str, becomes: str, then: str | None
) -> None:
    every_minute = IntervalSchedule(interval=timedelta(minutes=1))
    schedule = DeploymentScheduleCreate(schedule=every_minute, overlap=Overlap(overlap))
    deployment = await _deployment(client, schedules=[schedule])
    query = FlowRunQuery(
        flow_runs=FlowRunFilter(deployment_id=Among(any_=[deployment.id])), sort=FlowRunSort.EXPECTED_START_TIME_ASC
    )
    first, second, *_ = await client.read_flow_runs(query)
    await client.update_flow_run(first.id, FlowRunUpdate(empirical_policy=FlowRunPolicy(retries=1)))
    await database.write(
        lambda connection: connection.execute(update(flow_runs).values(next_scheduled_start_time=datetime.now(UTC)))
    )
    assert (await _enter(client, first, "PENDING")).status is ACCEPT
    if then:
        await client.set_flow_run_state(first.id, StateCreate(type=StateType.RUNNING), force=True)
        await _enter(client, first, then)
    refused = await _enter(client, second, "PENDING")
    assert refused.state is not None
    assert refused.state.name == becomes
    assert (await _enter(client, first, "RUNNING")).status is not REJECT, "it waits for none that came after it"


async def test_slots_are_taken_of_every_limit_or_of_none(client: AsyncClient) -> None:
    await client.create_global_concurrency_limit(ConcurrencyLimitCreate(name="wide", limit=5))
    await client.create_global_concurrency_limit(ConcurrencyLimitCreate(name="narrow", limit=1))
    wanted = LeasedSlotsRequest(names=["wide", "narrow", "unheard of"], slots=1)
    lease = await client.increment_concurrency_slots_with_lease(wanted)
    assert {one.name for one in lease.limits} == {"wide", "narrow"}
    with pytest.raises(ApiError) as refused:
        await client.increment_concurrency_slots_with_lease(wanted)
    assert refused.value.status == 423
    assert (await client.read_global_concurrency_limit_by_name("wide")).active_slots == 1
    await client.release_concurrency_slots_with_lease(lease.lease_id)
    assert (await client.read_global_concurrency_limit_by_name("narrow")).active_slots == 0


async def test_a_lease_that_nobody_renews_gives_its_slots_back(client: AsyncClient) -> None:
    await client.create_global_concurrency_limit(ConcurrencyLimitCreate(name="db", limit=1))
    wanted = LeasedSlotsRequest(names=["db"], slots=1, lease_duration=60)
    lease = await client.increment_concurrency_slots_with_lease(wanted)
    await client.renew_concurrency_lease(lease.lease_id, LeaseRenewal(lease_duration=120))
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=90)):
        assert (await client.read_global_concurrency_limit_by_name("db")).active_slots == 1
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=121)):
        with pytest.raises(ApiError) as ended:
            await client.renew_concurrency_lease(lease.lease_id, LeaseRenewal())
        assert ended.value.status == 410
        await client.increment_concurrency_slots_with_lease(wanted)


async def test_slots_of_a_rate_come_back_by_themselves(client: AsyncClient) -> None:
    limit = ConcurrencyLimitCreate(name="calls", limit=2, slot_decay_per_second=0.5)
    await client.create_global_concurrency_limit(limit)
    wanted = SlotsRequest(names=["calls"], slots=2, mode="rate_limit")
    await client.increment_concurrency_slots(wanted)
    with pytest.raises(ApiError):
        await client.increment_concurrency_slots(wanted)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=4)):
        await client.increment_concurrency_slots(wanted)


async def test_more_slots_than_the_limit_has_are_refused(client: AsyncClient) -> None:
    await client.create_global_concurrency_limit(ConcurrencyLimitCreate(name="db", limit=1))
    with pytest.raises(Invalid, match="greater than the limit"):
        await client.increment_concurrency_slots(SlotsRequest(names=["db"], slots=2))
    await client.update_global_concurrency_limit("db", ConcurrencyLimitUpdate(limit=2))
    await client.increment_concurrency_slots(SlotsRequest(names=["db"], slots=2))


@pytest.mark.parametrize("tag", ["database", "team/a & b>c%"])
async def test_a_tags_limit_is_the_limit_named_after_it(client: AsyncClient, tag: str) -> None:
    await client.create_concurrency_limit(TagLimitCreate(tag=tag, concurrency_limit=1))
    holder = LeaseHolder(type="task_run", id=uuid4())
    await client.increment_concurrency_slots_with_lease(
        LeasedSlotsRequest(names=[f"tag:{tag}"], slots=1, holder=holder)
    )
    limit = await client.read_concurrency_limit_by_tag(tag)
    assert limit.active_slots == [holder.id]
    await client.delete_concurrency_limit_by_tag(tag)
    with pytest.raises(NotFound):
        await client.read_concurrency_limit_by_tag(tag)


async def test_a_tag_that_lets_nothing_run_asks_nobody_to_try_again(client: AsyncClient, api: FastAPI) -> None:
    await client.create_concurrency_limit(TagLimitCreate(tag="off", concurrency_limit=0))
    wanted = {"names": ["off"], "task_run_id": str(uuid4())}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://127.0.0.1/api") as http:
        answer = await http.post("/concurrency_limits/increment", json=wanted)
    assert (answer.status_code, "retry-after" in answer.headers) == (423, False)
    assert "is 0 and will deadlock" in answer.json()["detail"]


async def test_a_limit_is_found_changed_and_deleted_by_its_id_as_by_its_name(client: AsyncClient, api: FastAPI) -> None:
    await client.create_global_concurrency_limit(ConcurrencyLimitCreate(name="db", limit=1))
    limit = await client.read_global_concurrency_limit_by_name("db")
    path = f"/v2/concurrency_limits/{limit.id}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url="http://127.0.0.1/api") as http:
        assert (await http.patch(path, json={"limit": 2})).status_code == 204
        assert (await http.get(path)).json()["limit"] == 2
        assert (await http.delete(path)).status_code == 204
    with pytest.raises(NotFound):
        await client.read_global_concurrency_limit_by_name("db")

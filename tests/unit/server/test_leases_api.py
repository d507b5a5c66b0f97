"""Runs are leased to whoever takes them, and lost by whoever is not heard from."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from perijove import clock
from perijove.client import AsyncClient
from perijove.errors import Invalid, NotFound
from perijove.schemas.concurrency import ConcurrencyLimitCreate
from perijove.schemas.deployments import DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.flows import FlowCreate
from perijove.schemas.leases import LeasedRun, LeaseRenewal, LeaseRequest
from perijove.schemas.runs import FlowRun, FlowRunUpdate, SetStateStatus
from perijove.schemas.states import StateCreate, StateType
from perijove.schemas.work import WorkPoolUpdate, WorkQueueCreate
from perijove.server.services import dispatch
from perijove.server.services.leases import TERM, Leases
from perijove.server.services.signals import Signals
from perijove.server.storage.database import Database

pytestmark = pytest.mark.anyio

Advance = Callable[[float], None]


@pytest.fixture
def advance(api: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Advance:
    """Let so many seconds pass on the monotonic clock and the wall clock, and wake the loop that watches the leases."""
    passed = 0.0
    monotonic = clock.monotonic
    monkeypatch.setattr("perijove.clock.monotonic", lambda: monotonic() + passed)
    monkeypatch.setattr("perijove.clock.now", lambda: datetime.now(UTC) + timedelta(seconds=passed))

    def pass_by(seconds: float) -> None:
        nonlocal passed
        passed += seconds
        api.state.backend.leases.wake()

    return pass_by


async def _run(client: AsyncClient, pool: str | None = "local", name: str = "prod", **fields: Any) -> FlowRun:
    flow = await client.create_flow(FlowCreate(name="report"))
    wanted = DeploymentCreate(name=name, flow_id=flow.id, **({"work_pool_name": pool} if pool else {}), **fields)
    deployment = await client.create_deployment(wanted)
    return await client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())


async def _take(client: AsyncClient, holder: UUID, *, limit: int = 10, wait: float = 0.0) -> list[LeasedRun]:
    return await client.take_leases(LeaseRequest(holder=holder, work_pool="local", limit=limit), wait=wait)


async def _enter(client: AsyncClient, run: UUID, state: StateType, lease: UUID | None) -> SetStateStatus:
    return (await client.set_flow_run_state(run, StateCreate(type=state), lease=lease)).status


async def _until(client: AsyncClient, run: UUID, state: StateType) -> FlowRun:
    found = await client.read_flow_run(run)
    async with asyncio.timeout(10):
        while found.state_type is not state:
            found = await client.read_flow_run(run, wait=10, unless=found.state_id)
    return found


async def test_a_due_run_comes_pending_with_its_deployment_and_to_one_alone(client: AsyncClient) -> None:
    run = await _run(client)
    first, second = await asyncio.gather(_take(client, uuid4()), _take(client, uuid4()))
    taken = [*first, *second]
    assert [each.flow_run.id for each in taken] == [run.id]
    assert taken[0].flow_run.state_type is StateType.PENDING
    assert taken[0].deployment is not None
    assert taken[0].deployment.id == run.deployment_id
    assert (await client.read_flow_run(run.id)).state_id == taken[0].flow_run.state_id


async def test_who_waits_is_answered_when_a_run_becomes_due(client: AsyncClient) -> None:
    waiting = asyncio.create_task(_take(client, uuid4(), wait=20))
    run = await _run(client)
    async with asyncio.timeout(10):
        assert [each.flow_run.id for each in await waiting] == [run.id]


async def test_a_pools_limit_bounds_what_is_given(client: AsyncClient) -> None:
    await client.update_work_pool("local", WorkPoolUpdate(concurrency_limit=1))
    await _run(client)
    await _run(client)
    holder = uuid4()
    [only] = await _take(client, holder)
    assert await _take(client, holder) == []
    assert await _enter(client, only.flow_run.id, StateType.CANCELLED, holder) is SetStateStatus.ACCEPT
    assert len(await _take(client, holder)) == 1


@pytest.mark.parametrize("pools_limit", [None, 2])
async def test_runs_that_have_to_wait_keep_none_waiting_that_stand_behind_them(
    client: AsyncClient, pools_limit: int | None
) -> None:
    await client.update_work_pool("local", WorkPoolUpdate(concurrency_limit=pools_limit))
    [first, *waiting] = [await _run(client, concurrency_limit=1) for _ in range(3)]
    behind = await _run(client, name="other")
    holder = uuid4()
    assert [each.flow_run.id for each in await _take(client, holder, limit=1)] == [first.id]
    assert [each.flow_run.id for each in await _take(client, holder, limit=1)] == [behind.id]
    states = [(await client.read_flow_run(run.id)).state_name for run in waiting]
    assert states == ["AwaitingConcurrencySlot", "AwaitingConcurrencySlot"]


async def test_runs_that_may_never_begin_keep_none_waiting_that_stand_behind_them(client: AsyncClient) -> None:
    none = await client.create_global_concurrency_limit(ConcurrencyLimitCreate(name="none", limit=0))
    await _run(client, global_concurrency_limit_id=none.id)
    behind = await _run(client, name="other")
    assert [each.flow_run.id for each in await _take(client, uuid4(), limit=1)] == [behind.id]


async def test_who_waits_for_a_run_hears_at_once_that_its_limit_cancelled_it(client: AsyncClient, api: FastAPI) -> None:
    options = {"collision_strategy": "CANCEL_NEW"}
    await _run(client, concurrency_limit=1, concurrency_options=options)
    second = await _run(client, concurrency_limit=1, concurrency_options=options)
    waiting = asyncio.create_task(client.read_flow_run(second.id, wait=50, unless=second.state_id))
    async with asyncio.timeout(10):
        while second.id not in api.state.backend.signals._listeners:  # noqa: ASYNC110  (no event tells)
            await asyncio.sleep(0.01)
        await _take(client, uuid4())
        assert (await waiting).state_type is StateType.CANCELLED


async def test_a_queue_that_is_full_keeps_no_other_waiting(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "MOST_RUNS", 1)
    await client.create_work_queue("local", WorkQueueCreate(name="first", priority=1, concurrency_limit=1))
    [begun, _] = [await _run(client, work_queue_name="first") for _ in range(2)]
    behind = await _run(client, name="other")
    assert [each.flow_run.id for each in await _take(client, uuid4())] == [begun.id]
    assert [each.flow_run.id for each in await _take(client, uuid4())] == [behind.id]


async def test_runs_of_deployments_without_a_pool_are_leased_by_the_deployments(client: AsyncClient) -> None:
    run = await _run(client, pool=None)
    assert run.deployment_id is not None
    wanted = LeaseRequest(holder=uuid4(), deployment_ids=[run.deployment_id])
    assert [each.flow_run.id for each in await client.take_leases(wanted)] == [run.id]


async def test_a_pool_that_is_not_there_and_two_sources_at_once_are_refused(client: AsyncClient) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        await client.take_leases(LeaseRequest(holder=uuid4(), work_pool="nowhere"))
    both = LeaseRequest.model_construct(holder=uuid4(), work_pool="local", deployment_ids=[uuid4()], limit=1)
    with pytest.raises(Invalid, match="work_pool or deployment_ids"):
        await client.take_leases(both)


async def test_an_unheard_holder_loses_what_runs_as_crashed_and_what_waits_to_another(
    client: AsyncClient, advance: Advance
) -> None:
    holder = uuid4()
    await _run(client)
    await _run(client)
    begun, waiting = [each.flow_run.id for each in await _take(client, holder)]
    await _enter(client, begun, StateType.RUNNING, holder)
    advance(TERM - 1)
    assert (await client.read_flow_run(begun)).state_type is StateType.RUNNING
    advance(2)
    crashed = await _until(client, begun, StateType.CRASHED)
    assert crashed.state is not None
    assert "not heard from" in (crashed.state.message or "")
    await _until(client, waiting, StateType.SCHEDULED)
    assert [each.flow_run.id for each in await _take(client, uuid4())] == [waiting]


async def test_who_renews_keeps_his_runs(client: AsyncClient, advance: Advance) -> None:
    holder = uuid4()
    run = await _run(client)
    await _take(client, holder)
    for _ in range(3):
        advance(TERM - 5)
        await client.renew_leases(LeaseRenewal(holder=holder, flow_run_ids=[run.id]))
    assert (await client.read_flow_run(run.id)).state_type is StateType.PENDING
    assert await _enter(client, run.id, StateType.RUNNING, holder) is SetStateStatus.ACCEPT


async def test_a_holder_who_lost_his_run_has_no_more_say(client: AsyncClient, advance: Advance) -> None:
    late, other = uuid4(), uuid4()
    run = await _run(client)
    await _take(client, late)
    advance(TERM + 1)
    await _until(client, run.id, StateType.SCHEDULED)
    assert await _enter(client, run.id, StateType.RUNNING, late) is SetStateStatus.ABORT
    assert len(await _take(client, other)) == 1
    assert await _enter(client, run.id, StateType.RUNNING, late) is SetStateStatus.ABORT
    assert await _enter(client, run.id, StateType.RUNNING, other) is SetStateStatus.ACCEPT


async def test_a_run_whose_answer_was_lost_is_put_back_but_not_while_it_may_be_on_its_way(
    client: AsyncClient, advance: Advance
) -> None:
    holder = uuid4()
    run = await _run(client)
    await _take(client, holder)
    none = LeaseRenewal(holder=holder, flow_run_ids=[])
    await client.renew_leases(none)
    assert (await client.read_flow_run(run.id)).state_type is StateType.PENDING
    advance(11)
    await client.renew_leases(none)
    assert (await client.read_flow_run(run.id)).state_type is StateType.SCHEDULED


async def test_who_leaves_gives_back_at_once_what_he_does_not_name(client: AsyncClient) -> None:
    holder = uuid4()
    await _run(client)
    await _run(client)
    kept, dropped = [each.flow_run.id for each in await _take(client, holder)]
    await client.renew_leases(LeaseRenewal(holder=holder, flow_run_ids=[kept], is_leaving=True))
    assert (await client.read_flow_run(kept)).state_type is StateType.PENDING
    assert (await client.read_flow_run(dropped)).state_type is StateType.SCHEDULED


async def test_a_run_that_was_asked_to_cancel_is_cancelled_when_its_holder_is_gone(
    client: AsyncClient, advance: Advance
) -> None:
    holder = uuid4()
    run = await _run(client)
    await _take(client, holder)
    await _enter(client, run.id, StateType.RUNNING, holder)
    await _enter(client, run.id, StateType.CANCELLING, None)
    advance(TERM + 1)
    await _until(client, run.id, StateType.CANCELLED)


async def test_a_server_that_starts_gives_every_holder_a_new_term(
    client: AsyncClient, database: Database, advance: Advance
) -> None:
    holder = uuid4()
    run = await _run(client)
    await _take(client, holder)
    advance(TERM - 1)
    started = Leases(database, Signals())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(started.run(), 0.5)
    assert started.holders == {holder}
    assert (await client.read_flow_run(run.id)).state_type is StateType.PENDING


async def test_what_changes_with_a_state_changes_only_if_that_is_accepted(client: AsyncClient) -> None:
    holder = uuid4()
    run = await _run(client)
    await _take(client, holder)
    running, version = StateCreate(type=StateType.RUNNING), FlowRunUpdate(flow_version="v2")
    refused = await client.set_flow_run_state(run.id, running, lease=uuid4(), changes=version)
    assert refused.status is SetStateStatus.ABORT
    assert (await client.read_flow_run(run.id)).flow_version is None
    await client.set_flow_run_state(run.id, running, lease=holder, changes=version)
    assert (await client.read_flow_run(run.id)).flow_version == "v2"


async def test_who_is_heard_from_while_his_old_leases_end_is_watched_anew(database: Database) -> None:
    holder, leases = uuid4(), Leases(database, Signals())
    leases.heard(holder)
    ending = asyncio.create_task(leases._end(holder))
    await asyncio.sleep(0)
    leases.heard(holder)
    await ending
    assert leases.holders == {holder}


async def test_who_asks_in_vain_is_heard_from_all_the_same(client: AsyncClient, api: FastAPI) -> None:
    holder = uuid4()
    assert await _take(client, holder) == []
    assert api.state.backend.leases.holders == {holder}

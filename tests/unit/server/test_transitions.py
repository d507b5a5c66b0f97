"""The rules of what state may follow which, as Prefect's server has them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from perijove.schemas.runs import FlowRunPolicy, SetStateStatus
from perijove.schemas.states import FINAL, State, StateCreate, StateDetails, StateType
from perijove.server.rules.transitions import decide
from perijove.server.rules.verdicts import Facts, Queue, Verdict

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCEPT, REJECT, ABORT, WAIT = SetStateStatus


def _decide(
    before: str | None, proposed: StateCreate | str, *, due: datetime | None = None, **facts: object
) -> Verdict:
    name, _, sub_name = (before or "").partition(":")
    state = before and State(type=StateType(name), name=sub_name, state_details=StateDetails(scheduled_time=due))
    known = {
        "run_count": 1,
        "policy": FlowRunPolicy(),
        "is_lost": False,
        "has_process": False,
        "deployed": True,
        "now": NOW,
        **facts,
    }
    wanted = StateCreate(type=StateType(proposed)) if isinstance(proposed, str) else proposed
    return decide(Facts(state=state or None, **known), wanted)


@pytest.mark.parametrize(
    ("before", "proposed", "status"),
    [
        (None, "SCHEDULED", ACCEPT),
        (None, "PENDING", ACCEPT),
        ("SCHEDULED", "PENDING", ACCEPT),
        ("PENDING", "RUNNING", ACCEPT),
        ("PENDING", "PENDING", ABORT),
        ("RUNNING", "PENDING", ABORT),
        ("CANCELLING", "PENDING", REJECT),
        ("CANCELLED", "PENDING", ABORT),
        ("RUNNING", "COMPLETED", ACCEPT),
        ("RUNNING", "FAILED", ACCEPT),
        ("RUNNING", "CRASHED", ACCEPT),
        ("RUNNING", "CANCELLING", ACCEPT),
        ("CANCELLING", "COMPLETED", REJECT),
        ("CANCELLING", "CANCELLED", ACCEPT),
        ("COMPLETED", "CRASHED", ABORT),
        ("COMPLETED", "RUNNING", ABORT),
        ("FAILED", "CANCELLING", ABORT),
        ("COMPLETED", "SCHEDULED", ACCEPT),
        ("PENDING", "PAUSED", REJECT),
        ("RUNNING", "PAUSED", ACCEPT),
    ],
)
def test_each_proposal_gets_prefects_verdict(before: str | None, proposed: str, status: SetStateStatus) -> None:
    assert _decide(before, proposed).status is status


@pytest.mark.parametrize("before", sorted(FINAL))
@pytest.mark.parametrize("proposed", sorted(set(StateType) - {StateType.SCHEDULED}))
def test_a_run_that_is_over_stays_so(before: StateType, proposed: StateType) -> None:
    verdict = _decide(before.value, proposed.value)
    assert (verdict.status, verdict.state) == (ABORT, None)


def test_only_a_deployed_run_can_be_scheduled_again() -> None:
    assert _decide("FAILED", "SCHEDULED", deployed=False).status is ABORT


def test_a_pending_run_may_say_more_of_itself() -> None:
    assert _decide("PENDING", StateCreate(type=StateType.PENDING, name="Submitting")).status is ACCEPT


def test_a_run_does_not_begin_before_its_time() -> None:
    verdict = _decide("SCHEDULED", "RUNNING", due=NOW + timedelta(seconds=90))
    assert (verdict.status, verdict.details["delay_seconds"]) == (WAIT, 90)


def test_a_claimed_run_remembers_when_it_was_due() -> None:
    state = _decide("SCHEDULED", "PENDING", due=NOW).state
    assert state is not None
    assert state.state_details.scheduled_time == NOW


def test_cancelling_a_run_that_has_no_process_cancels_it_at_once() -> None:
    verdict = _decide("SCHEDULED", "CANCELLING")
    assert verdict.status is REJECT
    assert verdict.state is not None
    assert verdict.state.type is StateType.CANCELLED


def test_a_failure_with_retries_left_becomes_a_retry_after_the_delay() -> None:
    policy = FlowRunPolicy(retries=2, retry_delay=30)
    verdict = _decide("RUNNING", "FAILED", run_count=2, policy=policy)
    assert verdict.status is REJECT
    assert verdict.state is not None
    assert verdict.state.name == "AwaitingRetry"
    assert verdict.state.state_details.scheduled_time == NOW + timedelta(seconds=30)
    assert verdict.policy["retry_type"] == "in_process"


def test_a_failure_after_the_last_retry_is_a_failure() -> None:
    assert _decide("RUNNING", "FAILED", run_count=3, policy=FlowRunPolicy(retries=2)).status is ACCEPT


def test_a_run_that_was_cancelled_before_it_began_does_not_begin() -> None:
    assert _decide("CANCELLED", "RUNNING", deployed=False).status is ABORT


def test_who_lost_his_lease_changes_nothing_but_an_ended_run_says_first_that_it_is_over() -> None:
    for state in ("SCHEDULED", "PENDING", "RUNNING", "CANCELLING"):
        verdict = _decide(state, "COMPLETED", is_lost=True)
        assert verdict.status is ABORT
        assert "lease" in verdict.details["reason"]
    assert "terminal" in _decide("CRASHED", "COMPLETED", is_lost=True).details["reason"]


def test_a_transition_that_was_made_is_not_made_again() -> None:
    details = StateDetails(transition_id=uuid4())
    facts = Facts(State(type=StateType.RUNNING, state_details=details), False, 1, FlowRunPolicy(), True, True, NOW)
    verdict = decide(facts, StateCreate(type=StateType.RUNNING, state_details=details))
    assert (verdict.status, verdict.state) == (REJECT, None)


def test_force_asks_no_rule() -> None:
    facts = Facts(State(type=StateType.COMPLETED), False, 1, FlowRunPolicy(), True, True, NOW)
    assert decide(facts, StateCreate(type=StateType.RUNNING), force=True).status is ACCEPT


@pytest.mark.parametrize(
    ("queue", "status", "becomes"),
    [
        (Queue("full"), REJECT, "AwaitingConcurrencySlot"),
        (Queue("full", cancels=True), REJECT, None),
        (Queue("zero", never=True), ABORT, "nothing"),
    ],
)
def test_a_run_that_finds_its_limit_full_waits_or_is_cancelled(
    queue: Queue, status: SetStateStatus, becomes: str | None
) -> None:
    verdict = _decide("SCHEDULED", "PENDING", queue=queue)
    assert verdict.status is status
    assert (verdict.state.name if verdict.state else "nothing") == becomes


def test_a_run_that_has_its_slot_is_not_asked_again() -> None:
    submitting = StateCreate(type=StateType.PENDING, name="Submitting")
    assert _decide("PENDING", submitting, queue=Queue("full")).status is ACCEPT


def test_a_pause_of_a_key_happens_once() -> None:
    pause = StateCreate(type=StateType.PAUSED, state_details=StateDetails(pause_key="k"))
    assert _decide("RUNNING", pause).policy == {"pause_keys": {"k"}}
    assert _decide("RUNNING", pause, policy=FlowRunPolicy(pause_keys={"k"})).status is REJECT


def test_a_run_without_a_deployment_cannot_be_suspended() -> None:
    suspend = StateCreate(type=StateType.PAUSED, name="Suspended", state_details=StateDetails(pause_reschedule=True))
    assert _decide("RUNNING", suspend).status is ACCEPT
    assert _decide("RUNNING", suspend, deployed=False).status is ABORT
    assert _decide("RUNNING", suspend, is_subflow=True).status is ABORT


def test_a_pause_that_lasted_too_long_ends_in_failure() -> None:
    paused = State(type=StateType.PAUSED, state_details=StateDetails(pause_timeout=NOW - timedelta(seconds=1)))
    verdict = decide(Facts(paused, False, 1, FlowRunPolicy(), True, True, NOW), StateCreate(type=StateType.RUNNING))
    assert verdict.state is not None
    assert (verdict.status, verdict.state.type) == (REJECT, StateType.FAILED)


def test_a_run_of_nobodys_making_may_begin_again() -> None:
    assert _decide("FAILED", "RUNNING", deployed=False).status is ACCEPT


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("kept", [{"type": "json", "storage_key": "k"}, {"serializer": {"type": "json"}}])
def test_a_kept_result_is_not_overwritten_by_none(force: bool, kept: dict[str, object]) -> None:
    done = State(type=StateType.COMPLETED, data=kept)
    facts = Facts(done, False, 1, FlowRunPolicy(), True, False, NOW)
    assert decide(facts, StateCreate(type=StateType.COMPLETED), force=force).status is REJECT
    assert decide(facts, StateCreate(type=StateType.RUNNING)).status is REJECT

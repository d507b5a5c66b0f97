"""Which state may follow which: Prefect's orchestration rules for flow runs, as pure functions.

Each rule looks at the run and at the proposed state, and either gives a verdict or leaves the matter to the next.
``ACCEPT`` takes the proposal; ``REJECT`` puts another state (or the present one) in its place; ``ABORT`` tells the
proposer to stop; ``WAIT`` tells it to come back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from perijove.schemas.runs import FlowRunPolicy, SetStateStatus
from perijove.schemas.states import FINAL, State, StateCreate, StateDetails, StateName, StateType

LONGEST_RETRY_DELAY = 365 * 86_400
"""Seconds that a retry waits at most."""

_NO_WAY_TO_PENDING = {StateType.RUNNING, StateType.CANCELLING, StateType.CANCELLED}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a run. ``state`` None: it has none yet; ``is_lost``: the proposer had it once."""

    state: State | None
    is_lost: bool
    run_count: int
    policy: FlowRunPolicy
    has_process: bool
    deployed: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """``state`` is what the run's state becomes; None leaves it as it is. ``policy``: the retry policy's changes."""

    status: SetStateStatus
    state: StateCreate | None = None
    details: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)


Rule = Callable[[Facts, StateCreate], Verdict | None]


def decide(facts: Facts, proposed: StateCreate, *, force: bool = False) -> Verdict:
    """The verdict of the first rule that has one; with ``force`` no rule is asked."""
    for rule in () if force else _RULES:
        if verdict := rule(facts, proposed):
            return verdict
    return Verdict(SetStateStatus.ACCEPT, _with_scheduled_time(facts, proposed), {"type": "accept_details"})


def _abort(reason: str) -> Verdict:
    return Verdict(SetStateStatus.ABORT, None, {"type": "abort_details", "reason": reason})


def _reject(reason: str, state: StateCreate | None = None, **policy: Any) -> Verdict:
    return Verdict(SetStateStatus.REJECT, state, {"type": "reject_details", "reason": reason}, policy)


def _wait(until: datetime, now: datetime) -> Verdict:
    details = {"type": "wait_details", "delay_seconds": max(1, ceil((until - now).total_seconds()))}
    return Verdict(SetStateStatus.WAIT, None, {**details, "reason": "Scheduled time is in the future"})


def _same_transition_twice(facts: Facts, proposed: StateCreate) -> Verdict | None:
    """A client that lost the answer asks again."""
    asked = proposed.state_details.transition_id
    if asked is not None and facts.state is not None and facts.state.state_details.transition_id == asked:
        return _reject("This run has already made this state transition.")
    return None


def _over_is_over(facts: Facts, proposed: StateCreate) -> Verdict | None:
    """A run that ended stays so, unless it is scheduled again by hand, which only a deployed one can be."""
    if facts.state is None or facts.state.type not in FINAL:
        return None
    if proposed.type is StateType.SCHEDULED and facts.deployed:
        anew = {"retry_type": "reschedule"}  # whichever process retried it before is gone
        return Verdict(SetStateStatus.ACCEPT, proposed, {"type": "accept_details"}, anew)
    return _abort(f"Run is already in terminal state {facts.state.type.value}.")


def _lost_is_lost(facts: Facts, _: StateCreate) -> Verdict | None:
    """Whoever was not heard from for too long may not undo what was decided in his absence."""
    return _abort("The lease of this run is over: its worker was not heard from in time.") if facts.is_lost else None


def _cancelling_ends_in_cancelled(facts: Facts, proposed: StateCreate) -> Verdict | None:
    if facts.state is None or facts.state.type is not StateType.CANCELLING:
        return None
    if proposed.type is StateType.CANCELLED:
        return None
    return _reject("This run is cancelling.")


def _nothing_to_stop(facts: Facts, proposed: StateCreate) -> Verdict | None:
    """A run that has no process yet, or none any more, is cancelled at once."""
    idle = facts.state is not None and (
        facts.state.type is StateType.SCHEDULED or facts.state.name == StateName.SUSPENDED
    )
    if proposed.type is not StateType.CANCELLING or not idle or facts.has_process:
        return None
    return _reject("The run has no process to stop.", StateCreate(type=StateType.CANCELLED, message=proposed.message))


def _pending_once(facts: Facts, proposed: StateCreate) -> Verdict | None:
    """Pending is how a run is claimed, so only one proposer may have it."""
    if proposed.type is not StateType.PENDING or facts.state is None:
        return None
    again = facts.state.type is StateType.PENDING and facts.state.name == (proposed.name or "Pending")
    if again or facts.state.type in _NO_WAY_TO_PENDING:
        return _abort(f"This run is in a {facts.state.type.value} state and cannot transition to a PENDING state.")
    return None


def _not_before_its_time(facts: Facts, proposed: StateCreate) -> Verdict | None:
    due = facts.state.state_details.scheduled_time if facts.state else None
    early = due is not None and due > facts.now
    return _wait(due, facts.now) if due and early and proposed.type is StateType.RUNNING else None


def _retry(facts: Facts, proposed: StateCreate) -> Verdict | None:
    running = facts.state is not None and facts.state.type is StateType.RUNNING
    if proposed.type is not StateType.FAILED or not running or facts.run_count > (facts.policy.retries or 0):
        return None
    due = facts.now + timedelta(seconds=min(facts.policy.retry_delay or 0, LONGEST_RETRY_DELAY))
    awaiting = StateCreate(
        type=StateType.SCHEDULED,
        name=StateName.AWAITING_RETRY,
        message=proposed.message,
        state_details=StateDetails(scheduled_time=due),
    )
    return _reject("Retrying", awaiting, retry_type="in_process")


def _only_a_running_run_pauses(facts: Facts, proposed: StateCreate) -> Verdict | None:
    running = facts.state is not None and facts.state.type is StateType.RUNNING
    if proposed.type is not StateType.PAUSED or running:
        return None
    return _reject("Cannot pause a run that is not running.")


_RULES: tuple[Rule, ...] = (
    _same_transition_twice,
    _over_is_over,
    _lost_is_lost,
    _cancelling_ends_in_cancelled,
    _nothing_to_stop,
    _pending_once,
    _not_before_its_time,
    _retry,
    _only_a_running_run_pauses,
)


def _with_scheduled_time(facts: Facts, proposed: StateCreate) -> StateCreate:
    """A claimed run remembers when it was due."""
    if proposed.type is not StateType.PENDING or facts.state is None:
        return proposed
    details = proposed.state_details.model_copy(update={"scheduled_time": facts.state.state_details.scheduled_time})
    return proposed.model_copy(update={"state_details": details})

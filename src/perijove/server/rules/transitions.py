"""Which state may follow which: Prefect's orchestration rules for flow runs, as pure functions.

Each rule looks at the run and at the proposed state, and either gives a verdict or leaves the matter to the next.
``ACCEPT`` takes the proposal; ``REJECT`` puts another state (or the present one) in its place; ``ABORT`` tells the
proposer to stop; ``WAIT`` tells it to come back. Where ours differ from Prefect's, the rule says so.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from perijove.schemas.states import FINAL, StateCreate, StateDetails, StateName, StateType
from perijove.server.rules.verdicts import Facts, Verdict, abort, accept, reject, wait

LONGEST_RETRY_DELAY = 365 * 86_400
"""Seconds that a retry waits at most."""

SLOT_WAIT = timedelta(seconds=30)
"""How long a run that found a limit full waits until it asks again; it is called sooner when a slot comes free."""

_NO_WAY_TO_PENDING = {StateType.RUNNING, StateType.CANCELLING, StateType.CANCELLED}
_NO_WAY_FROM_FINAL = {StateType.CANCELLING, StateType.PAUSED, StateType.CRASHED}
_WAY_FROM_PAUSED = {StateType.RUNNING, StateType.SCHEDULED, StateType.CANCELLING, *FINAL}

Rule = Callable[[Facts, StateCreate], Verdict | None]


def decide(facts: Facts, proposed: StateCreate, *, force: bool = False) -> Verdict:
    """The verdict of the first rule that has one; with ``force`` only those are asked that nothing overrides."""
    for rule in _FORCED if force else _RULES:
        if verdict := rule(facts, proposed):
            return verdict
    return accept(_with_scheduled_time(facts, proposed), **_policy_after(facts, proposed))


def _same_transition_twice(facts: Facts, proposed: StateCreate) -> Verdict | None:
    """A client that lost the answer asks again."""
    asked = proposed.state_details.transition_id
    if asked is not None and facts.state is not None and facts.state.state_details.transition_id == asked:
        return reject("This run has already made this state transition.")
    return None


def _over_is_over(facts: Facts, proposed: StateCreate) -> Verdict | None:
    """A run that ended stays so, unless it is run again by hand.

    A deployed one is run again by being scheduled, and by that alone: Prefect would also take it from whatever process
    still believes to run it, and so a run that crashed, or was run again, from the ghost of its old process.
    """
    if facts.state is None or facts.state.type not in FINAL:
        return None
    cancelled = facts.state.type is StateType.CANCELLED and proposed.type is StateType.RUNNING
    if proposed.type in _NO_WAY_FROM_FINAL or cancelled:  # whoever asks to begin was not told in time
        return abort(f"Run is already in terminal state {facts.state.type.value}.")
    if proposed.type is StateType.SCHEDULED and not facts.deployed:
        return abort("Cannot reschedule a run without an associated deployment.")
    if proposed.type is not StateType.SCHEDULED and facts.deployed and not facts.is_subflow:
        return abort(f"Run is already in terminal state {facts.state.type.value}.")
    if _has_result(facts.state) and proposed.type not in FINAL:
        return reject("Run is already COMPLETED.")
    if proposed.type in FINAL:
        return None
    retry_type = "reschedule" if proposed.type is StateType.SCHEDULED else None
    return _pending_once(facts, proposed) or accept(proposed, resuming=False, pause_keys=set(), retry_type=retry_type)


def _lost_is_lost(facts: Facts, _: StateCreate) -> Verdict | None:
    """Whoever was not heard from for too long may not undo what was decided in his absence."""
    return abort("The lease of this run is over: its worker was not heard from in time.") if facts.is_lost else None


def _no_result_is_lost(facts: Facts, proposed: StateCreate) -> Verdict | None:
    if proposed.type is StateType.COMPLETED and _has_result(facts.state) and not _has_result(proposed):
        return reject("Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.")
    return None


def _cancelling_ends_in_cancelled(facts: Facts, proposed: StateCreate) -> Verdict | None:
    if facts.state is None or facts.state.type is not StateType.CANCELLING:
        return None
    if proposed.type is StateType.CANCELLED:
        return None
    return reject("Cannot transition flows that are cancelling to a state other than Cancelled.")


def _nothing_to_stop(facts: Facts, proposed: StateCreate) -> Verdict | None:
    """A run that has no process yet, or none any more, is cancelled at once."""
    state = facts.state
    if proposed.type is not StateType.CANCELLING or state is None:
        return None
    waits = state.type is StateType.SCHEDULED and (not facts.has_process or state.name == StateName.RESUMING)
    suspended = state.type is StateType.PAUSED and state.state_details.pause_reschedule
    if not (waits or suspended):
        return None
    return reject("The run has no process to stop.", StateCreate(type=StateType.CANCELLED, message=proposed.message))


def _pending_once(facts: Facts, proposed: StateCreate) -> Verdict | None:
    """Pending is how a run is claimed, so only one proposer may have it; by other names it tells of its progress."""
    if proposed.type is not StateType.PENDING or facts.state is None:
        return None
    name = proposed.name or StateName.PENDING
    again = facts.state.type is StateType.PENDING and name in (facts.state.name, StateName.PENDING)
    if again or facts.state.type in _NO_WAY_TO_PENDING:
        return abort(f"This run is in a {facts.state.type.value} state and cannot transition to a PENDING state.")
    return None


def _wait_for_a_slot(facts: Facts, proposed: StateCreate) -> Verdict | None:
    claimed = proposed.type is StateType.PENDING and (facts.state is None or facts.state.type is not StateType.PENDING)
    if not claimed or facts.queue is None:
        return None
    if facts.queue.never:
        return abort(facts.queue.reason)
    if facts.queue.cancels:
        return reject(facts.queue.reason, StateCreate(type=StateType.CANCELLED, message=facts.queue.reason))
    waiting = StateCreate(
        type=StateType.SCHEDULED,
        name=StateName.AWAITING_CONCURRENCY_SLOT,
        message=facts.queue.reason,
        state_details=StateDetails(scheduled_time=facts.now + SLOT_WAIT),
    )
    return reject(facts.queue.reason, waiting)


def _late_once(facts: Facts, proposed: StateCreate) -> Verdict | None:
    if proposed.type is not StateType.SCHEDULED or proposed.name != StateName.LATE or facts.state is None:
        return None
    if facts.state.type is not StateType.SCHEDULED:
        return reject("Only scheduled flows can be marked late.")
    return reject("This flow run is already marked late.") if facts.state.name == StateName.LATE else None


def _only_a_running_run_pauses(facts: Facts, proposed: StateCreate) -> Verdict | None:
    """Once for each key; and to be suspended, which ends its process, a run needs a deployment to come back by."""
    if proposed.type is not StateType.PAUSED:
        return None
    verb = "suspend" if proposed.name == StateName.SUSPENDED else "pause"
    if facts.state is None:
        return abort(f"Cannot {verb} flows with no state.")
    if facts.state.type is not StateType.RUNNING:
        return reject(f"Cannot {verb} flows that are not currently running.")
    key = proposed.state_details.pause_key
    if key is not None and key in (facts.policy.pause_keys or ()):
        return reject(f"This {verb} has already fired.")
    if proposed.state_details.pause_reschedule and facts.is_subflow:
        return abort(f"Cannot {verb} subflows.")
    if proposed.state_details.pause_reschedule and not facts.deployed:
        return abort(f"Cannot {verb} flows without a deployment.")
    return None


def _a_pause_ends_in_time(facts: Facts, proposed: StateCreate) -> Verdict | None:
    state = facts.state
    if state is None or state.type is not StateType.PAUSED or proposed.type is StateType.CANCELLING:
        return None
    if proposed.type not in _WAY_FROM_PAUSED:
        return reject(f"This run cannot transition to the {proposed.type.value} state from the PAUSED state.")
    until = state.state_details.pause_timeout
    if until is not None and until < facts.now:
        failed = StateCreate(type=StateType.FAILED, message="The flow was paused and never resumed.")
        return reject("The flow run pause has timed out and can no longer resume.", failed)
    return None


def _not_before_its_time(facts: Facts, proposed: StateCreate) -> Verdict | None:
    waits = facts.state is not None and facts.state.type in (StateType.SCHEDULED, StateType.PENDING)
    due = facts.state.state_details.scheduled_time if waits and facts.state else None
    early = due is not None and due > facts.now
    return wait(due, facts.now) if due and early and proposed.type is StateType.RUNNING else None


def _retry(facts: Facts, proposed: StateCreate) -> Verdict | None:
    running = facts.state is not None and facts.state.type is StateType.RUNNING
    if proposed.type is not StateType.FAILED or not running or facts.run_count > (facts.policy.retries or 0):
        return None
    due = facts.now + timedelta(seconds=min(facts.policy.retry_delay or 0, LONGEST_RETRY_DELAY))
    awaiting = StateCreate(
        type=StateType.SCHEDULED,
        name=StateName.AWAITING_RETRY,
        message=proposed.message,
        data=proposed.data,
        state_details=StateDetails(scheduled_time=due),
    )
    return reject("Retrying", awaiting, resuming=False, pause_keys=set(), retry_type="in_process")


_RULES: tuple[Rule, ...] = (
    _same_transition_twice,
    _no_result_is_lost,
    _over_is_over,
    _lost_is_lost,
    _cancelling_ends_in_cancelled,
    _nothing_to_stop,
    _pending_once,
    _wait_for_a_slot,
    _late_once,
    _only_a_running_run_pauses,
    _a_pause_ends_in_time,
    _not_before_its_time,
    _retry,
)
_FORCED: tuple[Rule, ...] = (_no_result_is_lost, _nothing_to_stop)


def _policy_after(facts: Facts, proposed: StateCreate) -> dict[str, Any]:
    """What a run has to remember of the states that it has been through."""
    if proposed.type is StateType.PAUSED and proposed.state_details.pause_key is not None:
        return {"pause_keys": {*(facts.policy.pause_keys or ()), proposed.state_details.pause_key}}
    if facts.state is not None and facts.state.type is StateType.PAUSED:
        return {"resuming": True}
    if proposed.type is StateType.RUNNING and facts.policy.resuming:
        return {"resuming": False}
    if proposed.type in FINAL and facts.policy.retry_type is not None:
        return {"retry_type": None}  # if it is run again, then by whoever asks for it
    return {}


def _with_scheduled_time(facts: Facts, proposed: StateCreate) -> StateCreate:
    """A claimed run remembers when it was due."""
    if proposed.type is not StateType.PENDING or facts.state is None:
        return proposed
    details = proposed.state_details.model_copy(update={"scheduled_time": facts.state.state_details.scheduled_time})
    return proposed.model_copy(update={"state_details": details})


def _has_result(state: Any) -> bool:
    """Whether a completed state says where its result is kept; all that isn't known to be nowhere is somewhere."""
    if state is None or state.type is not StateType.COMPLETED:
        return False
    return isinstance(state.data, dict) and state.data.get("type") != "unpersisted"

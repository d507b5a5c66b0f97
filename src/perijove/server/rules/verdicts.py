"""What the rules of transitions look at, and what they say."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from perijove.schemas.runs import FlowRunPolicy, SetStateStatus
from perijove.schemas.states import State, StateCreate


@dataclass(frozen=True, slots=True)
class Queue:
    """A full limit that the run is to wait at: ``reason`` says which. ``cancels``: it is cancelled instead."""

    reason: str
    cancels: bool = False
    never: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a run. ``state`` None: it has none yet; ``is_lost``: the proposer had it once;
    ``queue`` None: nothing holds it up."""

    state: State | None
    is_lost: bool
    run_count: int
    policy: FlowRunPolicy
    has_process: bool
    deployed: bool
    now: datetime
    is_subflow: bool = False
    queue: Queue | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``state`` is what the run's state becomes; None leaves it as it is. ``policy``: the retry policy's changes."""

    status: SetStateStatus
    state: StateCreate | None = None
    details: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)


def accept(state: StateCreate, **policy: Any) -> Verdict:
    """The run enters the proposed state."""
    return Verdict(SetStateStatus.ACCEPT, state, {"type": "accept_details"}, policy)


def abort(reason: str) -> Verdict:
    """The proposer is to stop what it does."""
    return Verdict(SetStateStatus.ABORT, None, {"type": "abort_details", "reason": reason})


def reject(reason: str, state: StateCreate | None = None, **policy: Any) -> Verdict:
    """The run enters another state than the proposed one, or stays in the one it has."""
    return Verdict(SetStateStatus.REJECT, state, {"type": "reject_details", "reason": reason}, policy)


def wait(until: datetime, now: datetime) -> Verdict:
    """The proposer is to come back."""
    details = {"type": "wait_details", "delay_seconds": max(1, ceil((until - now) / timedelta(seconds=1)))}
    return Verdict(SetStateStatus.WAIT, None, {**details, "reason": "Scheduled time is in the future"})

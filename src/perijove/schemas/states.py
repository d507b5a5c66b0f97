"""The states of a run, by Prefect's types and names. Which may follow which is ``server.rules``' to say."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field
from uuid_utils.compat import uuid7

from perijove import clock
from perijove.schemas.base import Instant, Model, Request


class StateType(StrEnum):
    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    CRASHED = "CRASHED"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"


FINAL: frozenset[StateType] = frozenset({StateType.COMPLETED, StateType.FAILED, StateType.CANCELLED, StateType.CRASHED})
"""The types that end a run."""

ACTIVE: tuple[StateType, ...] = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
"""The types in which a run takes up a slot."""


class StateName(StrEnum):
    """The names that Prefect gives its states; a state's name is free text, its type is not."""

    SCHEDULED = "Scheduled"
    LATE = "Late"
    AWAITING_RETRY = "AwaitingRetry"
    AWAITING_CONCURRENCY_SLOT = "AwaitingConcurrencySlot"
    RESUMING = "Resuming"
    PENDING = "Pending"
    SUBMITTING = "Submitting"
    RUNNING = "Running"
    RETRYING = "Retrying"
    COMPLETED = "Completed"
    CACHED = "Cached"
    FAILED = "Failed"
    TIMED_OUT = "TimedOut"
    CRASHED = "Crashed"
    CANCELLING = "Cancelling"
    CANCELLED = "Cancelled"
    PAUSED = "Paused"
    SUSPENDED = "Suspended"
    NOT_READY = "NotReady"


class StateDetails(Model):
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
    child_flow_run_id: UUID | None = None
    scheduled_time: Instant | None = None
    cache_key: str | None = None
    cache_expiration: Instant | None = None
    deferred: bool | None = False
    untrackable_result: bool = False
    pause_timeout: Instant | None = None
    pause_reschedule: bool = False
    pause_key: str | None = None
    run_input_keyset: dict[str, str] | None = None
    refresh_cache: bool | None = None
    retriable: bool | None = None
    transition_id: UUID | None = None
    task_parameters_id: UUID | None = None
    traceparent: str | None = None
    deployment_concurrency_lease_id: UUID | None = None


class StateCreate(Request):
    """A state as a client proposes it: the server gives it its id and its time."""

    type: StateType
    name: str | None = None
    message: str | None = None
    data: Any = None
    state_details: StateDetails = Field(default_factory=StateDetails)


class State(Model):
    """A state that a run is, or was, in. ``name`` is the type's own name where nobody gave another."""

    id: UUID = Field(default_factory=uuid7)
    type: StateType
    name: str = ""
    timestamp: Instant = Field(default_factory=clock.now)
    message: str | None = None
    data: Any = None
    state_details: StateDetails = Field(default_factory=StateDetails)

    def model_post_init(self, _: object, /) -> None:
        self.name = self.name or self.type.value.capitalize()

    def __str__(self) -> str:
        return f"{self.name}({self.message!r})" if self.message else f"{self.name}()"

    __repr__ = __str__

    @property
    def is_final(self) -> bool:
        """Whether the run is over."""
        return self.type in FINAL

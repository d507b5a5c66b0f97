"""What the engine says of a run, as states with Prefect's names and messages."""

import asyncio
from datetime import datetime
from typing import Any

from perijove.flows.signals import Terminated
from perijove.flows.timeouts import Interruption, TimedOut
from perijove.origin import where_raised
from perijove.schemas.states import State, StateDetails, StateName, StateType

_INTERRUPTIONS: tuple[tuple[type[BaseException], str], ...] = (
    (asyncio.CancelledError, "Execution was cancelled by the runtime environment."),
    (Interruption, "Execution was cancelled by the time limit of an enclosing run."),
    (KeyboardInterrupt, "Execution was aborted by an interrupt signal."),
    (Terminated, "Execution was aborted by a termination signal."),
    (SystemExit, "Execution was aborted by Python system exit call."),
)


def pending() -> State:
    return State(type=StateType.PENDING)


def running() -> State:
    return State(type=StateType.RUNNING)


def not_ready(reason: Exception) -> State:
    return State(type=StateType.PENDING, name=StateName.NOT_READY, message=str(reason))


def retrying() -> State:
    return State(type=StateType.RUNNING, name=StateName.RETRYING)


def awaiting_retry(at: datetime) -> State:
    return State(type=StateType.SCHEDULED, name=StateName.AWAITING_RETRY, state_details=StateDetails(scheduled_time=at))


def completed(data: dict[str, Any] | None = None) -> State:
    return State(type=StateType.COMPLETED, data=data)


def cached(key: str) -> State:
    """The state of a task's run whose value an earlier one gave."""
    return State(type=StateType.COMPLETED, name=StateName.CACHED, state_details=StateDetails(cache_key=key))


def failed(error: Exception, kind: str) -> State:
    """The state of a run (``kind``: Flow run, Task run) whose function raised, or took too long."""
    if isinstance(error, TimedOut):
        return State(type=StateType.FAILED, name=StateName.TIMED_OUT, message=f"{kind} timed out: {error}")
    place = where_raised(error)
    where = f", in {place}" if place else ""
    message = f"{kind} encountered an exception: {type(error).__name__}: {error}{where}"
    # What names a file that is not called in UTF-8 can't be sent as it is.
    return State(type=StateType.FAILED, message=message.encode("utf-8", "backslashreplace").decode())


def crashed(error: BaseException) -> State:
    """The state of a run that was ended from outside of its function."""
    for interruption, message in _INTERRUPTIONS:
        if isinstance(error, interruption):
            return State(type=StateType.CRASHED, message=message)
    return State(type=StateType.CRASHED, message=f"Execution was interrupted by {type(error).__name__}: {error}")

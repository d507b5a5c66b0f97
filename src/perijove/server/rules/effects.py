"""What a change of state does to a run's own figures: counts, times, durations."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from perijove.schemas.states import State, StateType


class Run(Protocol):
    """The figures of a flow run or a task run, before the change."""

    @property
    def state(self) -> State | None: ...
    @property
    def run_count(self) -> int: ...
    @property
    def start_time(self) -> datetime | None: ...
    @property
    def expected_start_time(self) -> datetime | None: ...
    @property
    def total_run_time(self) -> timedelta: ...


def of(run: Run, state: State, *, resumes: bool = False) -> dict[str, Any]:
    """The fields that change when ``run`` enters ``state``. ``resumes``: it goes on after a pause, not anew."""
    changes: dict[str, Any] = {
        "state_id": state.id,
        "state_type": state.type.value,
        "state_name": state.name,
        "state_timestamp": state.timestamp,
        "next_scheduled_start_time": _due(state),
        "end_time": state.timestamp if state.is_final else None,
    }
    if run.expected_start_time is None:
        changes["expected_start_time"] = state.state_details.scheduled_time or state.timestamp
    if state.type is StateType.RUNNING:
        changes["run_count"] = run.run_count + (0 if resumes or _was_paused(run) else 1)
    if run.start_time is None and (state.type is StateType.RUNNING or state.is_final):
        changes["start_time"] = state.timestamp
    if run.state is not None and run.state.type is StateType.RUNNING:
        changes["total_run_time"] = run.total_run_time + max(state.timestamp - run.state.timestamp, timedelta(0))
    return changes


def _due(state: State) -> datetime | None:
    return state.state_details.scheduled_time or state.timestamp if state.type is StateType.SCHEDULED else None


def _was_paused(run: Run) -> bool:
    return run.state is not None and run.state.type is StateType.PAUSED

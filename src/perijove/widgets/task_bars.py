"""Task runs as a timeline shows them, from a server's list or from the events that change it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from perijove.schemas.events import ID, NAME, ReceivedEvent
from perijove.schemas.runs import TaskRun
from perijove.schemas.states import FINAL, StateType

TASK_RUN = "prefect.task-run."
"""How the resources of task runs, and the names of their events, begin."""


@dataclass(frozen=True, slots=True)
class TaskBar:
    """What is known of a task run. ``since``: when it entered its state."""

    id: UUID
    name: str
    state_type: StateType | None
    state_name: str | None
    start_time: datetime | None
    end_time: datetime | None
    since: datetime | None

    @classmethod
    def of(cls, run: TaskRun) -> "TaskBar":
        """The bar of a task run as the server lists it."""
        since = run.state.timestamp if run.state else None
        return cls(run.id, run.name, run.state_type, run.state_name, run.start_time, run.end_time, since)

    def json(self) -> dict[str, Any]:
        """Under the wire's names."""
        return {
            "id": str(self.id),
            "name": self.name,
            "state_type": self.state_type,
            "state_name": self.state_name,
            "start_time": _text(self.start_time),
            "end_time": _text(self.end_time),
        }


def after(known: TaskBar | None, event: ReceivedEvent) -> TaskBar | None:
    """The bar after a task run's change of state; None for an event that says nothing of any, or nothing new."""
    labels = event.resource
    state_type = labels.get("prefect.state-type", "")
    if not labels[ID].startswith(TASK_RUN) or state_type not in StateType.__members__:
        return None
    if known and known.since and event.occurred < known.since:
        return None
    entered = StateType(state_type)
    started = known.start_time if known else None
    return TaskBar(
        id=UUID(labels[ID].removeprefix(TASK_RUN)),
        name=labels.get(NAME, ""),
        state_type=entered,
        state_name=labels.get("prefect.state-name"),
        start_time=started or _started(event, entered),
        end_time=event.occurred if entered in FINAL else None,
        since=event.occurred,
    )


def _started(event: ReceivedEvent, entered: StateType) -> datetime | None:
    """When the run began, as its record in the event says; one that runs has begun in any case."""
    record = event.payload.get("task_run")
    told = record.get("start_time") if isinstance(record, dict) else None
    if told:
        return datetime.fromisoformat(told)
    return event.occurred if entered is StateType.RUNNING else None


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None

"""What is known of a flow run, and what of it is news: data for a page and for a picture."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from perijove.schemas.artifacts import Artifact
from perijove.schemas.logs import Log
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import State
from perijove.widgets.task_bars import TaskBar

MOST_LOGS = 20_000
"""Log lines that are kept, and shown: the last ones."""

_OF_RUN = {
    "id",
    "name",
    "state_type",
    "state_name",
    "parameters",
    "tags",
    "deployment_id",
    "expected_start_time",
    "start_time",
    "end_time",
    "run_count",
}
_OF_STATE = {"type", "name", "timestamp", "message"}


@dataclass(slots=True)
class News:
    """What has changed. ``states`` and ``progress`` are whole, the rest is what is new."""

    run: FlowRun | None = None
    states: list[State] | None = None
    progress: list[Artifact] | None = None
    task_runs: dict[UUID, TaskBar] = field(default_factory=dict)
    logs: list[Log] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.run, self.states, self.progress, self.task_runs, self.logs))

    def json(self) -> dict[str, Any]:
        """Under the wire's names, without what has not changed."""
        parts = {
            "run": self.run.model_dump(mode="json", include=_OF_RUN) if self.run else None,
            "states": [each.model_dump(mode="json", include=_OF_STATE) for each in self.states or ()],
            "progress": [_progress(each) for each in self.progress or ()],
            "task_runs": [each.json() for each in self.task_runs.values()],
            "logs": [_line(each) for each in self.logs],
        }
        return {name: part for name, part in parts.items() if part}


@dataclass(slots=True)
class Known:
    """All that is known of a run so far."""

    run: FlowRun
    states: list[State] = field(default_factory=list)
    progress: list[Artifact] = field(default_factory=list)
    task_runs: dict[UUID, TaskBar] = field(default_factory=dict)
    logs: deque[Log] = field(default_factory=lambda: deque(maxlen=MOST_LOGS))

    def add(self, news: News) -> None:
        """Take the news in."""
        self.run = news.run or self.run
        self.states = news.states or self.states
        self.progress = news.progress or self.progress
        self.task_runs.update(news.task_runs)
        self.logs.extend(news.logs)

    def all(self) -> News:
        """Everything, as news for somebody who knows nothing."""
        return News(self.run, self.states, self.progress, dict(self.task_runs), list(self.logs))

    def begun(self) -> list[TaskBar]:
        """The task runs that have begun, in that order."""
        return sorted(_begun(self.task_runs.values()), key=lambda bar: bar.start_time)  # type: ignore[arg-type,return-value]


def _begun(bars: Iterable[TaskBar]) -> Iterable[TaskBar]:
    return (bar for bar in bars if bar.start_time)


def _line(log: Log) -> dict[str, Any]:
    """There are thousands: the general way would take ten times as long."""
    return {"id": str(log.id), "level": log.level, "message": log.message, "timestamp": log.timestamp.isoformat()}


def _progress(artifact: Artifact) -> dict[str, Any]:
    return {"id": str(artifact.id), "description": artifact.description, "data": artifact.data}

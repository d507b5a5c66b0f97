"""The runs that go on in this process: what is known of each, and which one the running code belongs to."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from perijove import clock
from perijove.errors import ParameterError
from perijove.flows import states
from perijove.flows.definitions import Definition, FlowDefinition, TaskDefinition
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import State, StateType

if TYPE_CHECKING:
    from perijove.flows.reporting import Reporter

_flow_run: ContextVar["LiveFlowRun | None"] = ContextVar("flow_run", default=None)
_task_run: ContextVar["LiveTaskRun | None"] = ContextVar("task_run", default=None)


@dataclass(eq=False, kw_only=True)
class LiveRun:
    """What flow runs and task runs share. ``state`` is what the run's authority last said it is."""

    kind: ClassVar[str]

    definition: Definition
    parameters: dict[str, Any]
    name: str
    id: UUID = field(default_factory=uuid4)
    state: State = field(default_factory=states.pending)
    run_count: int = 0

    @property
    def supervised(self) -> bool:
        """Whether someone else says how it ended, should its process be ended."""
        return False

    def entered(self, state: State) -> None:
        """Take a state on."""
        self.run_count += state.type is StateType.RUNNING
        self.state = state

    def judge(self, proposed: State) -> State:
        """What becomes of a proposed state where no server decides: a failure with retries left awaits the next try."""
        if proposed.type is StateType.FAILED and 0 < self.run_count <= self.definition.retries:
            delay = self.definition.retry_delay(self.run_count)
            return states.awaiting_retry(clock.now() + timedelta(seconds=delay))
        return proposed


@dataclass(eq=False, kw_only=True)
class LiveFlowRun(LiveRun):
    """A flow run. ``reporter`` None: no server knows of it. ``record``: the run as the server told it. ``deployed``: it
    was launched as a run of a deployment, by someone who watches over its process and may have it by ``lease``.
    ``numbers``: of its task runs, by name."""

    kind = "Flow run"

    definition: FlowDefinition
    reporter: "Reporter | None" = None
    record: FlowRun | None = None
    deployed: bool = False
    lease: UUID | None = None
    parent: "LiveFlowRun | None" = None
    numbers: dict[str, Iterator[int]] = field(default_factory=lambda: defaultdict(itertools.count))

    @property
    def supervised(self) -> bool:
        return self.deployed


@dataclass(eq=False, kw_only=True)
class LiveTaskRun(LiveRun):
    """A task run. ``flow_run`` None: the task was called outside of a flow. ``parent`` is the task run
    that called it."""

    kind = "Task run"

    definition: TaskDefinition
    flow_run: LiveFlowRun | None = None
    parent: "LiveTaskRun | None" = None
    expected_start_time: datetime = field(default_factory=clock.now)
    start_time: datetime | None = None
    end_time: datetime | None = None
    total_run_time: timedelta = timedelta(0)

    def entered(self, state: State) -> None:
        before = self.state
        super().entered(state)
        if before.type is StateType.RUNNING:
            self.total_run_time += state.timestamp - before.timestamp
        if state.type is StateType.RUNNING:
            self.start_time = self.start_time or state.timestamp
        if state.is_final:
            self.end_time = state.timestamp


def current_flow_run() -> LiveFlowRun | None:
    """The flow run that the running code belongs to."""
    return _flow_run.get()


def current_task_run() -> LiveTaskRun | None:
    """The task run that the running code belongs to; None in a flow outside of its tasks."""
    return _task_run.get()


@contextmanager
def current(run: LiveRun) -> Iterator[None]:
    """The code in the block belongs to the run."""
    flow_run = run if isinstance(run, LiveFlowRun) else _flow_run.get()
    tokens = _flow_run.set(flow_run), _task_run.set(run if isinstance(run, LiveTaskRun) else None)
    try:
        yield
    finally:
        _flow_run.reset(tokens[0])
        _task_run.reset(tokens[1])


def run_name(template: Any, parameters: Mapping[str, Any]) -> str | None:
    """The name that an author's template, or function, gives to a run; None without one. Raises ParameterError."""
    if template is None:
        return None
    if callable(template):
        return str(template())
    try:
        return str(template).format(**parameters)
    except (LookupError, ValueError, AttributeError) as error:
        raise ParameterError(
            f"The run's name {template!r} can't be made of its parameters: {type(error).__name__} {error}."
        ) from None

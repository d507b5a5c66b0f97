"""The runs that go on in this process: what is known of each, and which one the running code belongs to."""

import inspect
import itertools
import random
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from uuid_utils.compat import uuid7

from perijove import clock
from perijove.errors import ParameterError
from perijove.flows import states
from perijove.flows.definitions import Definition, FlowDefinition, TaskDefinition
from perijove.flows.returned import ReturnedState
from perijove.schemas.runs import FlowRun, TaskRun
from perijove.schemas.states import State, StateType

if TYPE_CHECKING:
    from perijove.flows.reporting import Reporter
    from perijove.flows.task_runners import Elsewhere, Pool
    from perijove.flows.upstream import Upstream

_flow_run: ContextVar["LiveFlowRun | None"] = ContextVar("flow_run", default=None)
_task_run: ContextVar["LiveTaskRun | None"] = ContextVar("task_run", default=None)

# Spreads retries. The module's own generator is the author's, who may have seeded it.
_chance = random.Random()  # noqa: S311  (no secret)


@dataclass(eq=False, kw_only=True)
class LiveRun(ABC):
    """What flow runs and task runs share. ``state`` is what the run's authority last said it is, ``error`` what the
    function raised at its last try."""

    kind: ClassVar[str]

    definition: Definition
    parameters: dict[str, Any]
    name: str
    id: UUID = field(default_factory=uuid7)
    state: State = field(default_factory=states.pending)
    run_count: int = 0
    error: BaseException | None = None

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
        if (
            proposed.type is StateType.FAILED
            and 0 < self.run_count <= self.definition.retries
            and self.may_retry(proposed)
        ):
            delay = self.definition.retry_delay(self.run_count) * self.jitter()
            return states.awaiting_retry(clock.now() + timedelta(seconds=delay))
        return proposed

    def may_retry(self, failed: State) -> bool:  # noqa: ARG002
        """Whether the author thinks another try worth it."""
        return True

    @abstractmethod
    def record_in(self, state: State) -> FlowRun | TaskRun:
        """The run as a record, in that state: what the author's own functions are shown."""

    def jitter(self) -> float:
        """By what chance multiplies the delay of a retry."""
        return 1.0

    @property
    def is_busy(self) -> bool:
        """Whether something that it submitted may go on."""
        return False

    def settle(self) -> None:  # noqa: B027  (most have nothing to wait for)
        """Wait for what it submitted."""

    def give_up(self, error: BaseException) -> None:
        """It is ended from outside, and has no time to wait for anything."""
        self.error = error

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the author's function."""
        return self.definition.fn(*args, **kwargs)


@dataclass(eq=False, kw_only=True)
class LiveFlowRun(LiveRun):
    """A flow run. ``reporter`` None: no server knows of it. ``record``: the run as the server told it. ``deployed``: it
    was launched as a run of a deployment, by someone who watches over its process and may have it by ``lease``.
    ``numbers``: of its task runs, by name. ``pool``: where the tasks run that it submitted. ``pauses``:
    numbers for its present try's pauses."""

    kind = "Flow run"

    definition: FlowDefinition
    reporter: "Reporter | None" = None
    record: FlowRun | None = None
    deployed: bool = False
    lease: UUID | None = None
    parent: "LiveFlowRun | None" = None
    numbers: dict[str, Iterator[int]] = field(default_factory=lambda: defaultdict(itertools.count))
    pool: "Pool | None" = None
    pauses: Iterator[int] = field(default_factory=itertools.count)

    def entered(self, state: State) -> None:
        super().entered(state)
        self.pauses = itertools.count()

    @property
    def supervised(self) -> bool:
        return self.deployed

    @property
    def is_busy(self) -> bool:
        return self.pool is not None

    def settle(self) -> None:
        if self.pool:
            self.pool.close()
        self.pool = None

    def give_up(self, error: BaseException) -> None:
        super().give_up(error)
        if self.pool:
            self.pool.close(wait=False)

    def record_in(self, state: State) -> FlowRun:
        facts = {**_facts(self, state), "flow_version": self.definition.version}
        return self.record.model_copy(update=facts) if self.record else FlowRun.model_construct(**facts)


@dataclass(eq=False, kw_only=True)
class LiveTaskRun(LiveRun):
    """A task run. ``flow_run`` None: the task was called outside of a flow. ``parent`` is the task run that called it,
    ``upstream`` what it waits for. ``elsewhere``: what calls the function in another process."""

    kind = "Task run"

    definition: TaskDefinition
    flow_run: LiveFlowRun | None = None
    parent: "LiveTaskRun | None" = None
    expected_start_time: datetime = field(default_factory=clock.now)
    start_time: datetime | None = None
    end_time: datetime | None = None
    total_run_time: timedelta = timedelta(0)
    upstream: "Upstream | None" = None
    elsewhere: "Elsewhere | None" = None

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self.elsewhere(self, args, kwargs) if self.elsewhere else super().call(args, kwargs)

    def may_retry(self, failed: State) -> bool:
        worth_it = self.definition.retry_condition_fn
        if worth_it is None:
            return True
        return bool(worth_it(self.definition, self.record_in(failed), ReturnedState.of(failed, error=self.error)))

    def record_in(self, state: State) -> TaskRun:
        flow_run_id = self.flow_run.id if self.flow_run else None
        facts = _facts(self, state) | {"task_key": self.definition.task_key, "dynamic_key": str(self.id)}
        tags = sorted(self.definition.tags)
        return TaskRun.model_construct(**facts, flow_run_id=flow_run_id, tags=tags, start_time=self.start_time)

    def jitter(self) -> float:
        share = min(self.definition.retry_jitter_factor or 0.0, 1.0)
        return _chance.uniform(1 - share, 1 + share) if share else 1.0

    def entered(self, state: State) -> None:
        before = self.state
        super().entered(state)
        if before.type is StateType.RUNNING:
            self.total_run_time += state.timestamp - before.timestamp
        if state.type is StateType.RUNNING:
            self.start_time = self.start_time or state.timestamp
        if state.is_final:
            self.end_time = state.timestamp


def _facts(run: LiveRun, state: State) -> dict[str, Any]:
    told = {"id": run.id, "name": run.name, "parameters": run.parameters, "run_count": run.run_count}
    return {**told, "state": state, "state_id": state.id, "state_type": state.type, "state_name": state.name}


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
        wants = "parameters" in inspect.signature(template).parameters
        return str(template(parameters=dict(parameters)) if wants else template())
    try:
        return str(template).format(**parameters)
    except (LookupError, ValueError, AttributeError) as error:
        raise ParameterError(
            f"The run's name {template!r} can't be made of its parameters: {type(error).__name__} {error}."
        ) from None

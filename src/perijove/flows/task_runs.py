"""A task's run. It decides on its states itself, and tells the server of them as events."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from perijove import flows
from perijove.errors import UpstreamFailed
from perijove.flows import runs, states
from perijove.flows.definitions import TaskDefinition
from perijove.flows.events import TaskRunEvents
from perijove.flows.lifecycle import Outcome, Propose, live
from perijove.flows.runs import LiveFlowRun, LiveTaskRun, run_name
from perijove.flows.steps import Steps
from perijove.flows.upstream import upstream
from perijove.schemas.states import State, StateType

if TYPE_CHECKING:
    from perijove.flows.slots import Slots

Tell = Callable[[State | None], None]
"""Told of the state that a run was in before its present one."""


def live_task(task: TaskDefinition, parameters: dict[str, Any], wait_for: Iterable[Any] = ()) -> Steps[Outcome]:
    """Run the task as part of the flow run around it, if there is one."""
    return (yield from live_run(new_run(task, parameters, wait_for)))


def new_run(task: TaskDefinition, parameters: dict[str, Any], wait_for: Iterable[Any]) -> LiveTaskRun:
    """A run of the task as part of the flow run around it, if there is one; nobody knows of it yet."""
    flow_run = runs.current_flow_run()
    return LiveTaskRun(
        definition=task,
        parameters=parameters,
        name=run_name(task.task_run_name, parameters) or _numbered(task.name, flow_run),
        flow_run=flow_run,
        parent=runs.current_task_run(),
        upstream=upstream(parameters, wait_for),
    )


def live_run(run: LiveTaskRun) -> Steps[Outcome]:
    """Wait for what comes before the run, and run it."""
    tell = _teller(run)
    tell(None)
    propose = partial(_propose, run, tell, _slots_of(run))
    if run.upstream:
        try:
            run.parameters = yield run.upstream
        except UpstreamFailed as error:
            return Outcome((yield from propose(states.not_ready(error))), error=error, called=False)
    if run.definition.caches:
        return (yield from _live_or_cached(run, propose))
    return (yield from live(run, propose, lambda _: None))


def _live_or_cached(run: LiveTaskRun, propose: Propose) -> Steps[Outcome]:
    """Take the value of an earlier run that was the same, if there is one; else run, and keep the value."""
    caching = flows.caching
    key = caching.key_of(run)
    if key is not None and (found := caching.find(run, key)):
        return Outcome((yield from propose(states.cached(key))), found.value)
    outcome = yield from live(run, propose, lambda _: None)
    if key is not None and outcome.state.type is StateType.COMPLETED:
        caching.keep(run, key, outcome.value)
    return outcome


def _numbered(name: str, flow_run: LiveFlowRun | None) -> str:
    """``clean-0``, ``clean-1`` ... within a flow run."""
    return name if flow_run is None else f"{name}-{next(flow_run.numbers[name])}"


def _teller(run: LiveTaskRun) -> Tell:
    """Tells the server, if there is one, of the state that the run has entered."""
    reporter = run.flow_run.reporter if run.flow_run else None
    if reporter is None:
        return lambda _: None
    events = TaskRunEvents(run)
    return lambda before: reporter.tell(events.entered(before))


def _slots_of(run: LiveTaskRun) -> "Slots | None":
    """What the run has to have before it runs; None where no limit can be."""
    reporter = run.flow_run.reporter if run.flow_run else None
    return None if reporter is None or not run.definition.tags else flows.slots.Slots(run, reporter)


def _propose(run: LiveTaskRun, tell: Tell, slots: "Slots | None", proposed: State) -> Steps[State]:
    if slots and proposed.type is StateType.RUNNING:
        yield from slots.take()
    before = run.state
    run.entered(run.judge(proposed))
    if slots and before.type is StateType.RUNNING:
        slots.give_back()
    tell(before)
    return run.state

"""A task's run. It decides on its states itself, and tells the server of them as events."""

from collections.abc import Callable
from typing import Any

from perijove.flows import runs
from perijove.flows.definitions import TaskDefinition
from perijove.flows.events import TaskRunEvents
from perijove.flows.lifecycle import Outcome, live
from perijove.flows.runs import LiveFlowRun, LiveTaskRun, run_name
from perijove.flows.steps import Steps
from perijove.schemas.states import State

Tell = Callable[[State | None], None]
"""Told of the state that a run was in before its present one."""


def live_task(task: TaskDefinition, parameters: dict[str, Any]) -> Steps[Outcome]:
    """Run the task as part of the flow run around it, if there is one."""
    flow_run = runs.current_flow_run()
    run = LiveTaskRun(
        definition=task,
        parameters=parameters,
        name=run_name(task.task_run_name, parameters) or _numbered(task.name, flow_run),
        flow_run=flow_run,
        parent=runs.current_task_run(),
    )
    tell = _teller(run)
    tell(None)
    return (yield from live(run, lambda state: _propose(run, state, tell), lambda _: None))


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


def _propose(run: LiveTaskRun, proposed: State, tell: Tell) -> Steps[State]:
    before = run.state
    run.entered(run.judge(proposed))
    tell(before)
    yield from ()
    return run.state

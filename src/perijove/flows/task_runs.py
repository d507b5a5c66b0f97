"""A task's run. It decides on its states itself, and tells the server of them as events."""

from typing import Any

from perijove.flows import runs
from perijove.flows.definitions import TaskDefinition
from perijove.flows.events import task_run_event
from perijove.flows.lifecycle import Outcome, live
from perijove.flows.runs import LiveFlowRun, LiveTaskRun, run_name
from perijove.flows.steps import Steps
from perijove.schemas.states import State


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
    _tell(run, None)
    return (yield from live(run, lambda state: _propose(run, state), lambda _: None))


def _numbered(name: str, flow_run: LiveFlowRun | None) -> str:
    """``clean-0``, ``clean-1`` ... within a flow run."""
    return name if flow_run is None else f"{name}-{next(flow_run.numbers[name])}"


def _propose(run: LiveTaskRun, proposed: State) -> Steps[State]:
    before = run.state
    run.entered(run.judge(proposed))
    _tell(run, before)
    yield from ()
    return run.state


def _tell(run: LiveTaskRun, before: State | None) -> None:
    if run.flow_run and run.flow_run.reporter:
        run.flow_run.reporter.tell(task_run_event(run, before))

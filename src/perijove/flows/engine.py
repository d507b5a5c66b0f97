"""What a call of a flow or a task does, and how a deployed run is run."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from perijove import flows
from perijove.errors import FlowRunFailed
from perijove.flows.definitions import Definition, FlowDefinition, TaskDefinition
from perijove.flows.flow_runs import DEPLOYED_PATIENCE, live_deployed, live_flow
from perijove.flows.lifecycle import Outcome
from perijove.flows.parameters import bind, complete, validate
from perijove.flows.signals import terminable
from perijove.flows.steps import Steps, adrive, drive
from perijove.flows.task_runs import live_task
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import State

if TYPE_CHECKING:
    from perijove.client import Target


def run_flow(flow: FlowDefinition, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Call the flow: its value, or of an async one something to await. Raises ParameterError, and what it raises."""
    given = bind(flow.fn, args, kwargs)
    parameters = complete(flow.fn, validate(flow.fn, given) if flow.validate_parameters else given)
    return _call(flow, live_flow(flow, parameters))


def run_task(task: TaskDefinition, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Call the task: its value, or of an async one something to await. Raises ParameterError, and what it raises."""
    return _call(task, live_task(task, complete(task.fn, bind(task.fn, args, kwargs))))


def run_deployed(flow: FlowDefinition, flow_run: FlowRun, target: "Target", *, lease: UUID | None = None) -> State:
    """Run the flow as an existing run that was claimed for this process (its state is Pending), and return its last
    state, which is not final where the server stopped it before it began. ``lease``: on whose behalf.

    Exceptions of the flow are told to the server and not raised. Raises ServerError when the server could not be asked
    whether to begin, and KeyboardInterrupt, SystemExit and their like, which end the process.
    """
    reporter = flows.reporting.to(target)
    steps = live_deployed(flow, flow_run, reporter, lease)
    with terminable():
        try:
            outcome = asyncio.run(adrive(steps)) if flow.isasync else drive(steps)
        finally:
            reporter.flush(DEPLOYED_PATIENCE)
        if outcome.error is not None and not isinstance(outcome.error, Exception):
            raise outcome.error
    return outcome.state


def _call(definition: Definition, steps: Steps[Outcome]) -> Any:
    return _awaited(steps) if definition.isasync else _now(steps)


def _now(steps: Steps[Outcome]) -> Any:
    with terminable():
        outcome = drive(steps)
    return _value(outcome)


def _awaited(steps: Steps[Outcome]) -> Coroutine[Any, Any, Any]:
    async def call() -> Any:
        with terminable():
            outcome = await adrive(steps)
        return _value(outcome)

    return call()


def _value(outcome: Outcome) -> Any:
    if outcome.error is not None:
        raise outcome.error
    if not outcome.called:
        state = outcome.state
        reason = state.message or "it gave no reason"
        raise FlowRunFailed(f"The server did not let the run begin, which is {state.name}: {reason}.")
    return outcome.value

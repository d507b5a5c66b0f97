"""What a call of a flow or a task does, and how a deployed run is run."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any
from uuid import UUID

from perijove import flows
from perijove.errors import FlowRunFailed
from perijove.flows.definitions import Definition, FlowDefinition, TaskDefinition
from perijove.flows.flow_runs import DEPLOYED_PATIENCE, live_deployed, live_flow
from perijove.flows.lifecycle import Outcome
from perijove.flows.parameters import bind, complete, validate
from perijove.flows.returned import ReturnedState
from perijove.flows.signals import terminable
from perijove.flows.steps import Steps, adrive, drive
from perijove.flows.task_runs import live_task
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import State

if TYPE_CHECKING:
    from perijove.client import Target


def run_flow(flow: FlowDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call the flow: its value, or of an async one something to await. Raises ParameterError, and what it raises."""
    return_state = _taken(flow, kwargs, "return_state", False)
    given = bind(flow.fn, args, kwargs)
    parameters = complete(flow.fn, validate(flow.fn, given) if flow.validate_parameters else given)
    return _call(flow, live_flow(flow, parameters), return_state)


def run_task(task: TaskDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call the task: its value, or of an async one something to await. Raises ParameterError, and what it raises."""
    return_state = _taken(task, kwargs, "return_state", False)
    wait_for = _taken(task, kwargs, "wait_for", ())
    parameters = complete(task.fn, bind(task.fn, args, kwargs))
    return _call(task, live_task(task, parameters, wait_for), return_state)


def submit_task(task: TaskDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A future of the task's run, or with ``return_state`` its last state. Raises ParameterError."""
    return_state = _taken(task, kwargs, "return_state", False)
    future = flows.submitting.submit(task, args, kwargs, _taken(task, kwargs, "wait_for", ()))
    return future.settled() if return_state else future


def map_task(task: TaskDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Futures of the task's runs, or with ``return_state`` their last states. Raises ParameterError."""
    return_state = _taken(task, kwargs, "return_state", False)
    futures = flows.submitting.map_over(task, args, kwargs, _taken(task, kwargs, "wait_for", ()))
    return [each.settled() for each in futures] if return_state else futures


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


def _taken(definition: Definition, kwargs: dict[str, Any], name: str, default: Any) -> Any:
    """An option of the call itself, unless the author's function has a parameter of that name."""
    if name not in kwargs or name in definition.takes:
        return default
    return kwargs.pop(name) or default


def _call(definition: Definition, steps: Steps[Outcome], return_state: bool) -> Any:
    give = _state if return_state else _value
    return _awaited(steps, give) if definition.isasync else _now(steps, give)


def _now(steps: Steps[Outcome], give: Callable[[Outcome], Any]) -> Any:
    with terminable():
        outcome = drive(steps)
    return give(outcome)


def _awaited(steps: Steps[Outcome], give: Callable[[Outcome], Any]) -> Coroutine[Any, Any, Any]:
    async def call() -> Any:
        with terminable():
            outcome = await adrive(steps)
        return give(outcome)

    return call()


def _state(outcome: Outcome) -> ReturnedState:
    if outcome.error is not None and not isinstance(outcome.error, Exception):
        raise outcome.error
    return ReturnedState.of(outcome.state, outcome.value, outcome.error)


def _value(outcome: Outcome) -> Any:
    if outcome.error is not None:
        raise outcome.error
    if not outcome.called:
        state = outcome.state
        reason = state.message or "it gave no reason"
        raise FlowRunFailed(f"The server did not let the run begin, which is {state.name}: {reason}.")
    return outcome.value

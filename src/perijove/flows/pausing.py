"""Runs that wait for a person: paused where they are, or suspended, which ends their process until they are resumed."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, create_model

from perijove import clock
from perijove.client import get_client
from perijove.errors import FlowRunFailed, Invalid, UsageError
from perijove.flows.runs import LiveFlowRun, current_flow_run, current_task_run
from perijove.flows.signals import Suspended
from perijove.flows.steps import Answer, Pause, Steps, adrive, drive
from perijove.schemas.inputs import FlowRunInputCreate
from perijove.schemas.runs import FlowRun, OrchestrationResult
from perijove.schemas.states import StateCreate, StateDetails, StateName, StateType

if TYPE_CHECKING:
    from perijove.client import SyncClient

PATIENCE = 30.0
"""Seconds that the server may take for an answer."""

POLL = 0.5
"""Seconds between two looks at a paused run on the embedded server, which is near."""


def pause_flow_run(
    wait_for_input: type[Any] | None = None, timeout: float = 3600, poll_interval: float = 10, key: str | None = None
) -> Any:
    """Let the flow's run wait here until it is resumed, and give the input that it is resumed with.

    - wait_for_input: what the input must be: a pydantic model, or a type such as ``int``, asked for as ``value``.
    - timeout: seconds after which it fails; poll_interval: seconds between two looks at a server far away.
    - key: tells this pause from others of the run; a run that is tried again waits once for each (default: a number).

    In an asynchronous flow it is to be awaited. Raises UsageError outside of a flow that a server knows,
    TimeoutError, and FlowRunFailed when the run was ended meanwhile.
    """
    return _driven(lambda run: _pause(run, wait_for_input, timeout, poll_interval, key, suspend=False))


def suspend_flow_run(wait_for_input: type[Any] | None = None, timeout: float = 3600, key: str | None = None) -> Any:
    """End the deployed flow's process here; resumed within ``timeout`` seconds, the flow is run again from its start,
    and goes on when it comes here. Otherwise as ``pause_flow_run``."""
    return _driven(lambda run: _pause(run, wait_for_input, timeout, POLL, key, suspend=True))


def resume_flow_run(flow_run_id: UUID | str, run_input: dict[str, Any] | None = None) -> None:
    """Let a paused or suspended run go on, with the input that it waits for. Raises UsageError, with the server's
    reason, where it can't; ServerError."""
    known = UUID(str(flow_run_id))
    with get_client(sync_client=True) as client:
        answer = client.resume_flow_run(known, run_input)
    if reason := answer.details.get("reason"):
        raise UsageError(f"The run {known} can't be resumed: {reason}")


def _driven(pause: Callable[[LiveFlowRun], Steps[Any]]) -> Any:
    run = current_flow_run()
    if run is None or run.reporter is None:
        raise UsageError("Only a flow's run that a server knows of can be paused: `perijove server start` starts one.")
    if current_task_run() is not None:
        raise UsageError("A task can't be paused: pause the flow, between its tasks.")
    return adrive(pause(run)) if run.definition.isasync and _in_loop() else drive(pause(run))


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _pause(
    run: LiveFlowRun, wanted: type[Any] | None, timeout: float, poll: float, key: str | None, *, suspend: bool
) -> Steps[Any]:
    key = key or str(next(run.pauses))
    name = StateName.SUSPENDED if suspend else StateName.PAUSED
    keys = {part: f"{name.lower()}-{key}-{part}" for part in ("schema", "response", "description")} if wanted else None
    if wanted and keys:
        yield from _described(run, wanted, keys["schema"])
    details = StateDetails(
        pause_timeout=clock.now() + timedelta(seconds=timeout),
        pause_reschedule=suspend,
        pause_key=key,
        run_input_keyset=keys,
    )
    proposed = StateCreate(type=StateType.PAUSED, name=name, state_details=details)
    answer: OrchestrationResult = yield from _asked(
        run, lambda client: client.set_flow_run_state(run.id, proposed, lease=run.lease)
    )
    if wanted and keys and answer.state and answer.state.type is StateType.PAUSED:
        yield from _described(run, wanted, keys["schema"])  # a pause clears what was there before, since Prefect 3.9
    yield from _until_resumed(run, answer, clock.monotonic() + timeout, poll, suspend)
    return (yield from _given(run, wanted, keys["response"])) if wanted and keys else None


def _described(run: LiveFlowRun, wanted: type[Any], key: str) -> Steps[None]:
    """Have the server know what the input must be."""
    schema = FlowRunInputCreate(key=key, value=json.dumps(_model(wanted).model_json_schema()))
    with contextlib.suppress(Invalid):  # it does already
        yield from _asked(run, lambda client: client.create_flow_run_input(run.id, schema))


def _until_resumed(
    run: LiveFlowRun, answer: OrchestrationResult, deadline: float, poll: float, suspend: bool
) -> Steps[None]:
    state = answer.state
    if state is None or state.type not in (StateType.PAUSED, StateType.RUNNING):
        reason = answer.details.get("reason") or (state.name if state else "it gave no reason")
        raise UsageError(f"The server did not let the run pause: {reason}")
    if state.type is StateType.PAUSED and suspend:
        run.state = state
        raise Suspended
    near = run.reporter is not None and run.reporter.target.kind == "embedded"
    while state.type is StateType.PAUSED:
        if clock.monotonic() > deadline:
            raise TimeoutError("Nobody resumed the paused run in time.")
        yield Pause(min(poll, POLL) if near else poll)
        record: FlowRun = yield from _asked(run, lambda client: client.read_flow_run(run.id))
        state = record.state or state
    if state.type is not StateType.RUNNING:
        raise FlowRunFailed(f"The paused run was ended: it is {state}.")


def _given(run: LiveFlowRun, wanted: type[Any], key: str) -> Steps[Any]:
    text: str = yield from _asked(run, lambda client: client.read_flow_run_input(run.id, key))
    found = TypeAdapter(_model(wanted)).validate_json(text)
    return found if _is_model(wanted) else getattr(found, "value")  # noqa: B009  (it was made with that field)


def _model(wanted: type[Any]) -> type[BaseModel]:
    return wanted if _is_model(wanted) else create_model("Input", value=(wanted, ...))


def _is_model(wanted: type[Any]) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, BaseModel)


def _asked(run: LiveFlowRun, question: "Callable[[SyncClient], Any]") -> Steps[Any]:
    assert run.reporter is not None  # noqa: S101  (it was looked at)
    return (yield Answer(run.reporter.ask(question), PATIENCE, run.reporter.heard))

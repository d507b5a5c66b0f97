"""Let a paused run go on, with the input that it waits for."""

import json
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Connection

from perijove import clock
from perijove.errors import Invalid
from perijove.schemas.base import JsonObject
from perijove.schemas.inputs import FlowRunInputCreate
from perijove.schemas.runs import OrchestrationResult, SetStateStatus
from perijove.schemas.states import State, StateCreate, StateDetails, StateName, StateType
from perijove.server.rules import parameters
from perijove.server.services import hydrating, orchestration
from perijove.server.storage import flow_run_inputs, flow_runs

_NOT_PAUSED = "Cannot resume a flow run that is not paused."
_NOT_DEPLOYED = "Cannot reschedule a paused flow run without a deployment: nobody would start it."


def resume(connection: Connection, flow_run_id: UUID, given: JsonObject | None) -> OrchestrationResult:
    """Let the run go on where it is, or be scheduled where it was suspended; raises NotFound.

    Input that its schema refuses, and a run that is not paused, are told in the answer.
    """
    run = flow_runs.read(connection, flow_run_id)
    state = run.state
    if state is None or state.type is not StateType.PAUSED:
        return _refusal(None, SetStateStatus.ABORT, _NOT_PAUSED)
    if state.state_details.pause_reschedule and run.deployment_id is None:
        return _refusal(state, SetStateStatus.REJECT, _NOT_DEPLOYED)
    keys = state.state_details.run_input_keyset
    if keys:
        try:
            given = _fit(connection, flow_run_id, keys, given or {})
        except Invalid as error:
            return _refusal(state, SetStateStatus.REJECT, error.detail)
    result = orchestration.propose(connection, flow_run_id, _next(state), force=False)
    if keys and given and result.status is SetStateStatus.ACCEPT:
        answer = FlowRunInputCreate(key=keys["response"], value=to_json(given).decode())
        flow_run_inputs.create(connection, flow_run_id, answer)
    return result


def _next(state: State) -> StateCreate:
    if not state.state_details.pause_reschedule:
        return StateCreate(type=StateType.RUNNING)
    now = StateDetails(scheduled_time=clock.now())
    return StateCreate(type=StateType.SCHEDULED, name=StateName.RESUMING, state_details=now)


def _fit(connection: Connection, flow_run_id: UUID, keys: dict[str, str], given: JsonObject) -> JsonObject:
    """The input with what it stands for; raises Invalid, with the reason, when it is not what the run waits for."""
    hydrated = hydrating.hydrated(connection, given, what="run input")
    said = flow_run_inputs.find(connection, flow_run_id, keys["schema"])
    if said is None:
        raise Invalid(409, "Run input schema not found.")
    try:
        schema = json.loads(said.value)
    except ValueError:
        raise Invalid(409, "Run input schema is not valid JSON.") from None
    parameters.check(hydrated, schema, what="Reason", whole=True)
    return hydrated


def _refusal(state: State | None, status: SetStateStatus, reason: str) -> OrchestrationResult:
    kind = "abort_details" if status is SetStateStatus.ABORT else "reject_details"
    return OrchestrationResult(state=state, status=status, details={"type": kind, "reason": reason})

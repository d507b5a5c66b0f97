"""Bring a run into a proposed state, as far as the rules let it, and record what became of it."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from perijove import clock
from perijove.errors import NotFound
from perijove.schemas.runs import FlowRun, OrchestrationResult, SetStateStatus, TaskRun
from perijove.schemas.states import State, StateCreate, StateName, StateType
from perijove.server.rules import effects, lifecycle, transitions
from perijove.server.rules.verdicts import Facts, Queue
from perijove.server.services import limiting
from perijove.server.storage import events, flow_runs, related, task_runs

Fields = Mapping[str, Any]
NOTHING: Fields = MappingProxyType({})


def propose(
    connection: Connection,
    flow_run_id: UUID,
    state: StateCreate,
    *,
    force: bool,
    lease: UUID | None = None,
    also: Fields = NOTHING,
) -> OrchestrationResult:
    """Propose a state for a flow run, and return the server's verdict; raises NotFound.

    ``lease``: on whose behalf; one whose lease is over, or another's now, has no more say. ``also``: other fields of
    the run that change with the state, if it is accepted.
    """
    return judge(connection, flow_runs.read(connection, flow_run_id), state, force=force, lease=lease, also=also)


def judge(
    connection: Connection,
    run: FlowRun,
    state: StateCreate,
    *,
    force: bool = False,
    lease: UUID | None = None,
    also: Fields = NOTHING,
) -> OrchestrationResult:
    """``propose``, for a flow run as it was just read."""
    held_up = limiting.queue(connection, run) if state.type is StateType.PENDING and not force else None
    verdict = transitions.decide(_facts(run, lease, held_up), state, force=force)
    if verdict.policy:
        policy = run.empirical_policy.model_copy(update=verdict.policy)
        flow_runs.change(connection, run.id, {"empirical_policy": policy.model_dump(mode="json")})
    entered = enter(connection, run, verdict.state, also) if verdict.state else run.state
    return OrchestrationResult(state=entered, status=verdict.status, details=verdict.details)


def enter(connection: Connection, run: FlowRun, proposed: StateCreate, also: Fields = NOTHING) -> State:
    """Put a flow run into a state that needs no rule's consent, with all that this entails."""
    state = _stated(proposed, run.state, flow_run_id=run.id)
    flow_runs.add_state(connection, run.id, state)
    changes = {**_changes(run, state), **also}
    flow_runs.change(connection, run.id, changes)
    _tell(connection, run, state, changes)
    _mirror(connection, run, proposed)
    return state


def begin(connection: Connection, row: dict[str, Any], proposed: StateCreate) -> FlowRun:
    """Store a run, which ``flow_runs.new_row`` made, in its first state."""
    run = FlowRun.model_validate(row)
    state = _stated(proposed, None, flow_run_id=run.id)
    changes = effects.of(run, state)
    flow_runs.add(connection, {**row, **changes})
    flow_runs.add_state(connection, run.id, state)
    _tell(connection, run, state, changes)
    _mirror(connection, run, proposed)
    return flow_runs.read(connection, run.id)


def propose_for_task(connection: Connection, task_run_id: UUID, proposed: StateCreate) -> OrchestrationResult:
    """Put a task run into a state; its own process orchestrates it, so no rule is asked. Raises NotFound."""
    run = task_runs.read(connection, task_run_id)
    state = _enter_task(connection, run, proposed)
    details = {"type": "accept_details"}
    return OrchestrationResult(state=state, status=SetStateStatus.ACCEPT, details=details)


def _changes(run: FlowRun, state: State) -> dict[str, Any]:
    """The fields that change; a run that has left its process, or is scheduled again, is nobody's any more."""
    changes = effects.of(run, state, resumes=bool(run.empirical_policy.resuming))
    if run.state is not None and run.state.is_final:
        changes["infrastructure_pid"] = None
    if state.is_final or state.name == StateName.SUSPENDED:
        changes["lease_holder"] = None
    return changes


def _tell(connection: Connection, run: FlowRun, state: State, changes: dict[str, Any]) -> None:
    run_count = changes.get("run_count", run.run_count)
    involved = related.to_flow_run(connection, run)
    events.record(connection, [lifecycle.flow_run_entered(run, state, run_count, involved)])


def _mirror(connection: Connection, child: FlowRun, proposed: StateCreate) -> None:
    """The task run that stands for a subflow in its parent has the subflow's state."""
    if child.parent_task_run_id is None:
        return
    try:
        parent = task_runs.read(connection, child.parent_task_run_id)
    except NotFound:  # deleted, with the flow run that it was of
        return
    details = proposed.state_details.model_copy(update={"child_flow_run_id": child.id})
    _enter_task(connection, parent, proposed.model_copy(update={"state_details": details}))


def _enter_task(connection: Connection, run: TaskRun, proposed: StateCreate) -> State:
    state = _stated(proposed, run.state, flow_run_id=run.flow_run_id, task_run_id=run.id)
    task_runs.add_state(connection, run.id, state)
    task_runs.change(connection, run.id, effects.of(run, state))
    return state


def _stated(proposed: StateCreate, before: State | None, **ids: UUID | None) -> State:
    """The proposal with an id, the runs it belongs to and a time later than the state's before it."""
    now = clock.now()
    if before is not None and now <= before.timestamp:
        now = before.timestamp + timedelta(microseconds=1)
    fields = proposed.model_dump(exclude={"name", "state_details"})
    details = proposed.state_details.model_copy(update=ids)
    return State(**fields, name=proposed.name or "", timestamp=now, state_details=details)


def _facts(run: FlowRun, lease: UUID | None, held_up: Queue | None) -> Facts:
    return Facts(
        state=run.state,
        is_lost=lease is not None and lease != run.lease_holder,
        run_count=run.run_count,
        policy=run.empirical_policy,
        has_process=run.infrastructure_pid is not None,
        deployed=run.deployment_id is not None,
        now=clock.now(),
        is_subflow=run.parent_task_run_id is not None,
        queue=held_up,
    )

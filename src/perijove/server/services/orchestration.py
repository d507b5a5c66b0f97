"""Bring a run into a proposed state, as far as the rules let it, and record what became of it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from perijove import clock
from perijove.errors import NotFound
from perijove.schemas.runs import FlowRun, OrchestrationResult, SetStateStatus, TaskRun
from perijove.schemas.states import State, StateCreate
from perijove.server.rules import effects, transitions
from perijove.server.storage import flow_runs, task_runs


def propose(connection: Connection, flow_run_id: UUID, state: StateCreate, *, force: bool) -> OrchestrationResult:
    """Propose a state for a flow run, and return the server's verdict; raises NotFound."""
    run = flow_runs.read(connection, flow_run_id)
    verdict = transitions.decide(_facts(run), state, force=force)
    if verdict.policy:
        policy = run.empirical_policy.model_copy(update=verdict.policy)
        flow_runs.change(connection, run.id, {"empirical_policy": policy.model_dump(mode="json")})
    entered = enter(connection, run, verdict.state) if verdict.state else run.state
    return OrchestrationResult(state=entered, status=verdict.status, details=verdict.details)


def enter(connection: Connection, run: FlowRun, proposed: StateCreate) -> State:
    """Put a flow run into a state that needs no rule's consent, with all that this entails."""
    state = _stated(proposed, run.state, flow_run_id=run.id)
    flow_runs.add_state(connection, run.id, state)
    changes = effects.of(run, state)
    if run.state is not None and run.state.is_final:
        changes["infrastructure_pid"] = None  # it is scheduled again: its old process is no more
    flow_runs.change(connection, run.id, changes)
    if run.parent_task_run_id is not None:
        _mirror(connection, run, run.parent_task_run_id, proposed)
    return state


def propose_for_task(connection: Connection, task_run_id: UUID, proposed: StateCreate) -> OrchestrationResult:
    """Put a task run into a state; its own process orchestrates it, so no rule is asked. Raises NotFound."""
    run = task_runs.read(connection, task_run_id)
    state = _enter_task(connection, run, proposed)
    details = {"type": "accept_details"}
    return OrchestrationResult(state=state, status=SetStateStatus.ACCEPT, details=details)


def _mirror(connection: Connection, child: FlowRun, task_run_id: UUID, proposed: StateCreate) -> None:
    """The task run that stands for a subflow in its parent has the subflow's state."""
    try:
        parent = task_runs.read(connection, task_run_id)
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


def _facts(run: FlowRun) -> transitions.Facts:
    return transitions.Facts(
        state=run.state,
        run_count=run.run_count,
        policy=run.empirical_policy,
        has_process=run.infrastructure_pid is not None,
        deployed=run.deployment_id is not None,
        now=clock.now(),
    )

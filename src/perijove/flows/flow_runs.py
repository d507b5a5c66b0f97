"""A flow's run. Where there is a server it is made known there, and its states are the server's to accept."""

import json
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from pydantic_core import to_jsonable_python

from perijove import embed, flows, settings
from perijove.errors import ParameterError, ServerError
from perijove.flows import runs, states
from perijove.flows.definitions import FlowDefinition
from perijove.flows.lifecycle import Outcome, live, say_end
from perijove.flows.logs import run_logger, say_ended, settle
from perijove.flows.runs import LiveFlowRun, run_name
from perijove.flows.steps import Answer, Pause, Steps
from perijove.schemas.flows import FlowCreate
from perijove.schemas.runs import (
    FlowRun,
    FlowRunCreate,
    FlowRunPolicy,
    FlowRunUpdate,
    OrchestrationResult,
    SetStateStatus,
    TaskRunCreate,
)
from perijove.schemas.states import State, StateCreate, StateDetails, StateType

if TYPE_CHECKING:
    from perijove.client import SyncClient
    from perijove.flows.reporting import Reporter

PATIENCE = 10.0
"""Seconds that a plain call waits for a server's answer, before it goes on without."""

DEPLOYED_PATIENCE = 90.0
"""Seconds that a deployed run waits for one: nobody sits before it, and the server may be starting anew."""

LARGEST_PARAMETER = 50_000
"""Characters of JSON that the record of an argument may have; a larger one is recorded by its type alone."""


def live_flow(flow: FlowDefinition, parameters: dict[str, Any]) -> Steps[Outcome]:
    """Run a flow that was called plainly; inside of another flow it is a subflow of that one."""
    parent = runs.current_flow_run()
    own_name = run_name(flow.flow_run_name, parameters)
    run = LiveFlowRun(definition=flow, parameters=parameters, name=own_name or flow.name, parent=parent)
    if reporter := parent.reporter if parent else _find_reporter():
        yield from _announce(run, reporter, own_name)
    if own_name is None and run.record is None:
        run.name = f"{flow.name}-{run.id.hex[:6]}"
    return (yield from _live(run))


def live_deployed(flow: FlowDefinition, record: FlowRun, reporter: "Reporter", lease: UUID | None) -> Steps[Outcome]:
    """Run a flow as a run that the server has already, and that was claimed for this process."""
    run = LiveFlowRun(
        definition=flow,
        parameters=dict(record.parameters),
        name=record.name,
        id=record.id,
        state=record.state or states.pending(),
        run_count=record.run_count,
        reporter=reporter,
        record=record,
        deployed=True,
        lease=lease,
    )
    try:
        own_name = _take_parameters(run)
    except ParameterError as error:
        run_logger(run).error("%s", error)
        return Outcome((yield from _propose(run, states.failed(error, run.kind))), error=error, called=False)
    run.name = own_name or run.name
    return (yield from _live(run))


def _live(run: LiveFlowRun) -> Steps[Outcome]:
    kind = "subflow" if run.parent else "flow"
    run_logger(run).info("Beginning %s run %r for flow %r", kind, run.name, run.definition.name)
    return (yield from live(run, partial(_propose, run), partial(_keep, run)))


def _find_reporter() -> "Reporter | None":
    """Without a server, not even what could speak to one is loaded."""
    if settings.server() is None and embed.find() is None:
        return None
    return flows.reporting.find()


def _take_parameters(run: LiveFlowRun) -> str | None:
    """Check and coerce the parameters; the name that the flow gives to such a run. Raises ParameterError."""
    fn = run.definition.fn
    given = flows.parameters.validate(fn, run.parameters) if run.definition.validate_parameters else run.parameters
    run.parameters = flows.parameters.complete(fn, given)
    return run_name(run.definition.flow_run_name, run.parameters)


def _keep(run: LiveFlowRun, value: Any) -> dict[str, Any] | None:
    wanted = run.definition.persist_result
    if run.reporter is None or not (run.deployed if wanted is None else wanted):
        return None
    record = flows.results.write(run.id, value)
    if reason := flows.results.lost(record):
        run_logger(run).warning("The flow returned %s", reason)
    return record


# -- what is said to the server -------------------------------------------------------------------------------------


def _announce(run: LiveFlowRun, reporter: "Reporter", own_name: str | None) -> Steps[None]:
    """Make the run known; where that fails it goes on unreported."""
    try:
        question = reporter.ask(partial(_create, run, own_name), persistent=False)
        record: FlowRun = yield Answer(question, PATIENCE, reporter.heard)
    except ServerError as error:
        reporter.warn(error)
        return
    run.id, run.name, run.record, run.reporter = record.id, record.name, record, reporter


def _create(run: LiveFlowRun, own_name: str | None, client: "SyncClient") -> FlowRun:
    flow = client.create_flow(FlowCreate(name=run.definition.name))
    request = FlowRunCreate(
        flow_id=flow.id,
        state=StateCreate(type=StateType.PENDING),
        name=own_name,
        flow_version=run.definition.version,
        parameters={name: _recorded(value) for name, value in run.parameters.items()},
        parent_task_run_id=_create_task_run(run, run.parent, client) if run.parent else None,
        empirical_policy=_policy(run),
        idempotency_key=str(run.id),
    )
    return client.create_flow_run(request)


def _create_task_run(run: LiveFlowRun, parent: LiveFlowRun, client: "SyncClient") -> Any:
    """The task run that stands for a subflow in its parent; the server lets it follow the subflow's states."""
    request = TaskRunCreate(
        flow_run_id=parent.id,
        name=f"{run.definition.name}-{next(parent.numbers[run.definition.name])}",
        task_key=run.definition.name,
        dynamic_key=str(run.id),
        state=StateCreate(type=StateType.PENDING),
        task_inputs={name: [] for name in run.parameters},
    )
    return client.create_task_run(request).id


def _begins(run: LiveFlowRun, state: State) -> bool:
    """Whether a deployed run enters the state in which it runs for the first time."""
    return run.deployed and run.run_count <= 1 and state.type is StateType.RUNNING


def _facts(run: LiveFlowRun) -> FlowRunUpdate:
    """What only the flow itself knows of its run."""
    changes = FlowRunUpdate(flow_version=run.definition.version, empirical_policy=_policy(run))
    if run.record and run.name != run.record.name:
        changes.name = run.name
    return changes


def _policy(run: LiveFlowRun) -> FlowRunPolicy:
    known = run.record.empirical_policy if run.record else FlowRunPolicy()
    ours = {"retries": run.definition.retries, "retry_delay": round(run.definition.retry_delay(1))}
    return known.model_copy(update=ours)


def _propose(run: LiveFlowRun, proposed: State) -> Steps[State]:
    """Put the state to the server and enter the one that it answers with; without a server the run decides itself."""
    answered: State | None = run.judge(proposed)
    if run.deployed and proposed.is_final and (answered is None or answered.is_final):
        say_end(run, proposed)
        settle()
    if run.reporter:
        try:
            answered = yield from _ask(run, run.reporter, proposed)
        except ServerError as error:
            if run.deployed and proposed.type is StateType.RUNNING:
                raise
            run.reporter.warn(error)
    if answered is not None:
        run.entered(answered)
        if run.deployed and run.reporter and answered.is_final:
            say_ended()
        if _begins(run, answered) and run.reporter and run.lease is None:
            # Before all that follows; nobody waits for it.
            run.reporter.ask(lambda client: client.update_flow_run(run.id, _facts(run)))
    return answered or proposed


def _ask(run: LiveFlowRun, reporter: "Reporter", proposed: State) -> Steps[State | None]:
    """The state that the server gives to the run; None: it refused to decide, and nothing is to be done any more."""
    details = StateDetails(flow_run_id=run.id, transition_id=uuid4())
    state = StateCreate(
        type=proposed.type,
        name=proposed.name,
        message=proposed.message,
        data=proposed.data,
        state_details=details,
    )
    force = proposed.type is StateType.CRASHED
    changes = _facts(run) if run.lease and _begins(run, proposed) else None
    while True:
        question = reporter.ask(
            lambda client: client.set_flow_run_state(run.id, state, force=force, lease=run.lease, changes=changes)
        )
        patience = DEPLOYED_PATIENCE if run.deployed else PATIENCE
        result: OrchestrationResult = yield Answer(question, patience, reporter.heard)
        if result.status is SetStateStatus.WAIT:
            yield Pause(float(result.details.get("delay_seconds", 1)))
        elif result.status is SetStateStatus.ABORT:
            return None
        else:
            return result.state


def _recorded(value: Any) -> Any:
    """The argument as the run's record shows it: as JSON, or by its type where it is none or too large."""
    try:
        plain = to_jsonable_python(value)
        if len(json.dumps(plain)) <= LARGEST_PARAMETER:
            return plain
    except (ValueError, TypeError, RecursionError):
        pass
    return f"<{type(value).__name__}>"

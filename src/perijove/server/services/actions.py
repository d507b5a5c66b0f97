"""Do what an automation says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from perijove import clock
from perijove.errors import ApiError, Invalid, NotFound, ScheduleError
from perijove.schemas.automations import (
    Action,
    Automation,
    AutomationPartialUpdate,
    CancelFlowRun,
    ChangeFlowRunState,
    DeleteFlowRun,
    DoNothing,
    PauseAutomation,
    PauseDeployment,
    PauseWorkPool,
    PauseWorkQueue,
    ResumeAutomation,
    ResumeDeployment,
    ResumeFlowRun,
    ResumeWorkPool,
    ResumeWorkQueue,
    RunDeployment,
    SuspendFlowRun,
)
from perijove.schemas.deployments import DeploymentFlowRunCreate
from perijove.schemas.events import ID, NAME, ROLE, Event, Resource
from perijove.schemas.runs import SetStateStatus
from perijove.schemas.states import StateCreate, StateDetails, StateName, StateType
from perijove.schemas.work import WorkPoolUpdate, WorkQueueUpdate
from perijove.server.rules import pace, templates
from perijove.server.rules.matching import involved
from perijove.server.services import automating, deploying, orchestration, pools, resuming, running
from perijove.server.storage import automations, deployments, flow_runs, flows, work_pools
from perijove.server.storage.triggers import DEPTH

_SUSPENDED = StateCreate(
    type=StateType.PAUSED, name=StateName.SUSPENDED, state_details=StateDetails(pause_reschedule=True)
)
REFUSALS = (ApiError, ScheduleError, templates.BadTemplate)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why an automation acts. ``event`` None: an absence, before which nothing had happened."""

    automation: Automation
    event: Event | None
    labels: dict[str, str]
    depth: int


def perform(connection: Connection, action: Action, occasion: Occasion) -> list[Resource]:
    """Do it, and return what it was done to, as related resources.

    Raises one of REFUSALS for what can't be done.
    """
    match action:
        case DoNothing():
            return []
        case RunDeployment():
            return _run(connection, action, occasion)
        case PauseDeployment() | ResumeDeployment():
            target = action.deployment_id or _inferred(occasion, "deployment")
            deploying.set_paused(connection, target, paused=isinstance(action, PauseDeployment))
            return [_role("target", "deployment", target)]
        case PauseAutomation() | ResumeAutomation():
            target = action.automation_id or _inferred(occasion, "automation")
            changes = AutomationPartialUpdate(enabled=isinstance(action, ResumeAutomation))
            automating.switch(connection, target, changes)
            return [_role("target", "automation", target)]
        case PauseWorkPool() | ResumeWorkPool():
            target = action.work_pool_id or _inferred(occasion, "work-pool")
            name = work_pools.read_by_id(connection, target).name
            pools.change(connection, name, WorkPoolUpdate(is_paused=isinstance(action, PauseWorkPool)))
            return [_role("target", "work-pool", target)]
        case PauseWorkQueue() | ResumeWorkQueue():
            target = action.work_queue_id or _inferred(occasion, "work-queue")
            pools.change_queue(connection, target, WorkQueueUpdate(is_paused=isinstance(action, PauseWorkQueue)))
            return [_role("target", "work-queue", target)]
        case SuspendFlowRun() | ResumeFlowRun() | DeleteFlowRun():
            return _interrupt(connection, action, occasion)
        case CancelFlowRun():
            return _change_state(connection, StateCreate(type=StateType.CANCELLING), occasion, force=False)
        case ChangeFlowRunState():
            state = StateCreate(type=action.state, name=action.name, message=action.message)
            return _change_state(connection, state, occasion, force=action.force)


def object_ids(event: Event, kind: str) -> Iterator[UUID]:
    """The ids of the things of a kind that the event involves, the one that it happened to first."""
    for resource in involved(event):
        found, _, name = resource[ID].rpartition(".")
        if found == f"prefect.{kind}":
            try:
                yield UUID(name)
            except ValueError:
                continue


def _run(connection: Connection, action: RunDeployment, occasion: Occasion) -> list[Resource]:
    target = action.deployment_id or _inferred(occasion, "deployment")
    start = _start(connection, occasion.automation, clock.now() + action.schedule_after)
    wanted = DeploymentFlowRunCreate(
        state=StateCreate(type=StateType.SCHEDULED, state_details=StateDetails(scheduled_time=start)),
        parameters=templates.render(action.parameters or {}, _context(connection, occasion)),
        job_variables=action.job_variables,
        labels={DEPTH: occasion.depth},
    )
    maker = {"id": occasion.automation.id, "type": "AUTOMATION", "display_value": occasion.automation.name}
    run, _ = running.of_deployment(connection, target, wanted, created_by=maker)
    return [_role("target", "deployment", target), {**_role("flow-run", "flow-run", run.id), NAME: run.name}]


def _start(connection: Connection, automation: Automation, wanted: datetime) -> datetime:
    """When the run starts: as wanted, or later, when there have been very many."""
    start, until = pace.next_start(automations.paced_until(connection, automation.id), clock.now())
    automations.pace(connection, automation.id, until)
    return max(start, wanted)


def _change_state(connection: Connection, state: StateCreate, occasion: Occasion, *, force: bool) -> list[Resource]:
    target = _inferred(occasion, "flow-run")
    result = orchestration.propose(connection, target, state, force=force)
    if result.status is SetStateStatus.ABORT:
        raise Invalid(409, str(result.details.get("reason")))
    return [_role("target", "flow-run", target)]


def _interrupt(
    connection: Connection, action: SuspendFlowRun | ResumeFlowRun | DeleteFlowRun, occasion: Occasion
) -> list[Resource]:
    target = _inferred(occasion, "flow-run")
    if isinstance(action, DeleteFlowRun):
        flow_runs.remove(connection, target)
        return [_role("target", "flow-run", target)]
    if isinstance(action, ResumeFlowRun):
        result = resuming.resume(connection, target, None)
    else:
        result = orchestration.propose(connection, target, _SUSPENDED, force=False)
    if result.status is not SetStateStatus.ACCEPT:
        raise Invalid(409, str(result.details.get("reason")))
    return [_role("target", "flow-run", target)]


def _inferred(occasion: Occasion, kind: str) -> UUID:
    found = next(object_ids(occasion.event, kind), None) if occasion.event else None
    if found is None:
        raise Invalid(422, f"No {kind} could be inferred: the event involves none.")
    return found


def _role(role: str, kind: str, thing: UUID) -> Resource:
    return {ID: f"prefect.{kind}.{thing}", ROLE: role}


def _context(connection: Connection, occasion: Occasion) -> dict[str, Any]:
    """What templates may ask for."""
    event = occasion.event
    context: dict[str, Any] = {
        "automation": occasion.automation.model_dump(mode="json"),
        "labels": occasion.labels,
        "event": templates.event_view(event) if event else None,
    }
    readers = {"flow_run": flow_runs.read, "deployment": deployments.read, "flow": flows.read}
    for name, read in readers.items():
        thing_id = next(object_ids(event, name.replace("_", "-")), None) if event else None
        context[name] = _known(read, connection, thing_id) if thing_id else None
    return context


def _known(read: Any, connection: Connection, thing_id: UUID) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = read(connection, thing_id).model_dump(mode="json")
    except NotFound:  # deleted since
        return None
    return found

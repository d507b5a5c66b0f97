"""Give runs out, and take back those whose holder is not heard from any more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from perijove import clock
from perijove.errors import NotFound
from perijove.schemas.deployments import Deployment
from perijove.schemas.leases import LeasedRun, LeaseRenewal, LeaseRequest
from perijove.schemas.runs import FlowRun, SetStateStatus
from perijove.schemas.states import StateCreate, StateDetails, StateType
from perijove.schemas.work import ScheduledRunsRequest
from perijove.server.services import dispatch, orchestration
from perijove.server.storage import deployments, flow_runs, work_queues

ON_THE_WAY = timedelta(seconds=10)
"""How long a run that was given out may be on its way to its holder."""

_FEW = 20
_PENDING = StateCreate(type=StateType.PENDING)
UNHEARD = "Its worker was not heard from for too long: the process, its machine or the way to it is gone."


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody got, which runs have to wait instead or were cancelled, when to look again (None: not known), and
    whether limits may keep runs waiting."""

    leased: list[LeasedRun]
    held_up: list[UUID]
    next: datetime | None
    is_limited: bool


def take(connection: Connection, asked: LeaseRequest) -> Given:
    """Give what is due to who asks: Pending, and his. Raises NotFound for the work pool."""
    held_up: list[UUID] = []
    while True:
        seen = _look(connection, asked)
        leased, others = _lease(connection, seen.due, asked)
        held_up += others
        if leased or not others:
            return Given(leased, held_up, seen.next, seen.is_limited)


def _look(connection: Connection, asked: LeaseRequest) -> dispatch.Seen:
    """More than is asked for: some of it may have to wait, and shall keep nothing waiting that stands behind it."""
    few = max(asked.limit, _FEW)
    if asked.work_pool is None:
        deployments.note_poll(connection, asked.deployment_ids)
        return dispatch.look_at_deployments(connection, asked.deployment_ids, limit=few)
    request = ScheduledRunsRequest(work_queue_names=asked.work_queues or None)
    seen = dispatch.look_at_pool(connection, asked.work_pool, request, few=few)
    work_queues.note_poll(connection, seen.unnoted)
    return seen


def renew(connection: Connection, renewal: LeaseRenewal) -> list[FlowRun]:
    """Put back what the holder was given and does not have; returns that."""
    kept = set(renewal.flow_run_ids)
    before = clock.now() - (timedelta(0) if renewal.is_leaving else ON_THE_WAY)
    missing = [
        run
        for run in flow_runs.leased(connection, renewal.holder)
        if run.id not in kept and run.state and run.state.type is StateType.PENDING and run.state.timestamp <= before
    ]
    for run in missing:
        _put_back(connection, run)
    return missing


def take_back(connection: Connection, holder: UUID) -> list[FlowRun]:
    """End all the holder's leases: what had not begun shall begin elsewhere, the rest has ended with him."""
    lost = flow_runs.leased(connection, holder)
    for run in lost:
        match run.state_type:
            case StateType.PENDING | StateType.SCHEDULED:
                _put_back(connection, run)
            case StateType.CANCELLING:
                orchestration.enter(connection, run, StateCreate(type=StateType.CANCELLED, message=UNHEARD))
            case _:
                orchestration.enter(connection, run, StateCreate(type=StateType.CRASHED, message=UNHEARD))
    return lost


def _lease(connection: Connection, due: list[FlowRun], asked: LeaseRequest) -> tuple[list[LeasedRun], list[UUID]]:
    """The first of the due runs that nothing holds up, and those before them that are held up, and not due any more."""
    leased: list[LeasedRun] = []
    held_up: list[UUID] = []
    known: dict[UUID | None, Deployment | None] = {None: None}
    for run in due:
        if len(leased) == asked.limit:
            break
        verdict = orchestration.judge(connection, run, _PENDING, also={"lease_holder": asked.holder})
        state = verdict.state
        if verdict.status is not SetStateStatus.ACCEPT or state is None:
            held_up += [run.id] if state is not None and state.id != run.state_id else []
            continue
        if run.deployment_id not in known:
            known[run.deployment_id] = _deployment(connection, run.deployment_id)
        now = {"state": state, "state_id": state.id, "state_type": state.type, "state_name": state.name}
        leased.append(LeasedRun(flow_run=run.model_copy(update=now), deployment=known[run.deployment_id]))
    return leased, held_up


def _deployment(connection: Connection, deployment_id: UUID | None) -> Deployment | None:
    try:
        return deployments.read(connection, deployment_id) if deployment_id else None
    except NotFound:
        return None


def _put_back(connection: Connection, run: FlowRun) -> None:
    """Let the run be due again, for another process: whichever retried it before is gone."""
    due = run.state.state_details.scheduled_time if run.state else None
    policy = run.empirical_policy.model_copy(update={"retry_type": "reschedule"})
    values = {"lease_holder": None, "empirical_policy": policy.model_dump(mode="json")}
    flow_runs.change(connection, run.id, values)
    waiting = StateCreate(
        type=StateType.SCHEDULED,
        message="Its worker went away before the run began." if run.run_count == 0 else UNHEARD,
        state_details=StateDetails(scheduled_time=due or run.expected_start_time),
    )
    orchestration.enter(connection, run, waiting)

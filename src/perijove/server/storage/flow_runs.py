"""Flow runs and their states in the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from coolname import generate_slug
from sqlalchemy import Connection, Row, Select, Text, bindparam, delete, func, insert, or_, select, text, update

from perijove import clock
from perijove.errors import NotFound
from perijove.schemas.filters import FlowRunQuery, FlowRunSort
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import ACTIVE, FINAL, State, StateName, StateType
from perijove.server.storage import filters, rows
from perijove.server.storage.tables import flow_run_states, flow_runs, logs, work_pools, work_queues

_ORDER: dict[FlowRunSort, Any] = {
    FlowRunSort.ID_DESC: (text("flow_runs.rowid DESC"),),  # identifiers are random: the newest first
    FlowRunSort.START_TIME_ASC: (func.coalesce(flow_runs.c.start_time, flow_runs.c.expected_start_time).asc(),),
    FlowRunSort.START_TIME_DESC: (func.coalesce(flow_runs.c.start_time, flow_runs.c.expected_start_time).desc(),),
    FlowRunSort.EXPECTED_START_TIME_ASC: (flow_runs.c.expected_start_time.asc(),),
    FlowRunSort.EXPECTED_START_TIME_DESC: (flow_runs.c.expected_start_time.desc(),),
    FlowRunSort.NAME_ASC: (flow_runs.c.name.asc(),),
    FlowRunSort.NAME_DESC: (flow_runs.c.name.desc(),),
    FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC: (flow_runs.c.next_scheduled_start_time.asc(),),
    FlowRunSort.END_TIME_DESC: (flow_runs.c.end_time.desc(),),
}

_OF_STATE = {f"of_state_{column.name}": column.name for column in flow_run_states.c}
_STATE = [flow_run_states.c[name].label(label) for label, name in _OF_STATE.items()]
_RUNS = (
    select(
        flow_runs,
        *_STATE,
        work_queues.c.name.label("work_queue_name"),
        work_pools.c.id.label("work_pool_id"),
        work_pools.c.name.label("work_pool_name"),
    )
    .outerjoin(flow_run_states, flow_run_states.c.id == flow_runs.c.state_id)
    .outerjoin(work_queues, work_queues.c.id == flow_runs.c.work_queue_id)
    .outerjoin(work_pools, work_pools.c.id == work_queues.c.work_pool_id)
)

_RUN = _RUNS.where(flow_runs.c.id == bindparam("flow_run_id"))
_PROGRESS = select(flow_runs.c.state_id, flow_runs.c.state_type).where(flow_runs.c.id == bindparam("flow_run_id"))

_SCHEDULED = flow_runs.c.state_type == StateType.SCHEDULED.value
_RETRY_TYPE = func.json_extract(flow_runs.c.empirical_policy, "$.retry_type", type_=None)
_NOT_RETRIED_IN_PROCESS = or_(_RETRY_TYPE.is_(None), _RETRY_TYPE != "in_process")
_DUE = _RUNS.where(
    _SCHEDULED, flow_runs.c.next_scheduled_start_time <= bindparam("before"), _NOT_RETRIED_IN_PROCESS
).limit(bindparam("limit"))
_IN_QUEUES = flow_runs.c.work_queue_id.in_(bindparam("queue_ids", expanding=True))
_OF_DEPLOYMENTS = flow_runs.c.deployment_id.in_(bindparam("deployment_ids", expanding=True))
_DUE_IN_QUEUES = _DUE.where(_IN_QUEUES).order_by(work_queues.c.priority, flow_runs.c.next_scheduled_start_time)
_DUE_OF_DEPLOYMENTS = _DUE.where(_OF_DEPLOYMENTS).order_by(flow_runs.c.next_scheduled_start_time)
_NEXT_DUE = select(func.min(flow_runs.c.next_scheduled_start_time)).where(
    _SCHEDULED, flow_runs.c.next_scheduled_start_time > bindparam("after")
)
_NEXT_IN_QUEUES = _NEXT_DUE.where(_IN_QUEUES)
_NEXT_OF_DEPLOYMENTS = _NEXT_DUE.where(_OF_DEPLOYMENTS)


def new_row(flow_id: UUID, values: dict[str, Any]) -> dict[str, Any]:
    """A whole row of a run that has no state yet: ``values`` over the defaults. No name: two words."""
    row = rows.stamped(
        {
            "flow_id": flow_id,
            "deployment_id": None,
            "deployment_version": None,
            "work_queue_id": None,
            "flow_version": None,
            "parameters": {},
            "idempotency_key": None,
            "context": {},
            "empirical_policy": {},
            "tags": [],
            "labels": {},
            "parent_task_run_id": None,
            "state_id": None,
            "state_type": None,
            "state_name": None,
            "state_timestamp": None,
            "run_count": 0,
            "expected_start_time": None,
            "next_scheduled_start_time": None,
            "start_time": None,
            "end_time": None,
            "total_run_time": timedelta(0),
            "auto_scheduled": False,
            "infrastructure_pid": None,
            "lease_holder": None,
            "created_by": None,
            "job_variables": None,
            "slot": None,
            "scheduled_for": None,
            **values,
        }
    )
    return {**row, "name": row.get("name") or generate_slug(2)}


def add(connection: Connection, row: dict[str, Any]) -> None:
    """Store a run that ``new_row`` made."""
    connection.execute(rows.adding(flow_runs), row)


def open_slots(connection: Connection, deployment_id: UUID, slot: str, instants: Sequence[datetime]) -> list[datetime]:
    """Those of the instants for which the schedule has no run."""
    of_slot = (flow_runs.c.deployment_id == deployment_id) & (flow_runs.c.slot == slot)
    taken = select(flow_runs.c.scheduled_for).where(of_slot, flow_runs.c.scheduled_for.in_(instants))
    known = set(connection.scalars(taken))
    return [instant for instant in instants if instant not in known]


def add_scheduled(connection: Connection, made: Sequence[tuple[dict[str, Any], State]]) -> None:
    """Store runs of one schedule, whose slots are open, with their states."""
    if made:
        connection.execute(insert(flow_runs), [row for row, _ in made])
        connection.execute(insert(flow_run_states), [_state_row(row["id"], state) for row, state in made])


def add_state(connection: Connection, flow_run_id: UUID, state: State) -> None:
    """Add to the run's history."""
    connection.execute(rows.adding(flow_run_states), _state_row(flow_run_id, state))


def _state_row(flow_run_id: UUID, state: State) -> dict[str, Any]:
    values = state.model_dump(mode="python", exclude={"state_details"})
    details = state.state_details.model_dump(mode="json", exclude_defaults=True)
    return {**values, "flow_run_id": flow_run_id, "state_details": details}


def read(connection: Connection, flow_run_id: UUID) -> FlowRun:
    """The run; raises NotFound."""
    row = connection.execute(_RUN, {"flow_run_id": flow_run_id}).one_or_none()
    if row is None:
        raise _not_found(flow_run_id)
    return _model(row)


def progress(connection: Connection, flow_run_id: UUID) -> tuple[UUID | None, StateType | None]:
    """The id and the type of the run's state, for a fraction of what it costs to read the run; raises NotFound."""
    row = connection.execute(_PROGRESS, {"flow_run_id": flow_run_id}).one_or_none()
    if row is None:
        raise _not_found(flow_run_id)
    return row.state_id, StateType(row.state_type) if row.state_type else None


def existing(connection: Connection, flow_run_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the ids that are a run's."""
    return set(connection.scalars(select(flow_runs.c.id).where(flow_runs.c.id.in_(list(flow_run_ids)))))


def find_by_key(connection: Connection, flow_id: UUID, idempotency_key: str) -> FlowRun | None:
    """The flow's run that was made with this key."""
    return _first(
        connection,
        _RUNS.where(flow_runs.c.flow_id == flow_id, flow_runs.c.idempotency_key == idempotency_key),
    )


def search(connection: Connection, query: FlowRunQuery) -> list[FlowRun]:
    """A page of the runs that the query asks for."""
    limit, offset = filters.page(query)
    chosen = _RUNS.where(filters.of_flow_runs(query)).order_by(*_ORDER[query.sort or FlowRunSort.ID_DESC])
    return [_model(row) for row in connection.execute(chosen.limit(limit).offset(offset))]


def count(connection: Connection, query: FlowRunQuery) -> int:
    """How many runs the query asks for."""
    return connection.scalar(select(func.count()).select_from(flow_runs).where(filters.of_flow_runs(query))) or 0


def states(connection: Connection, flow_run_id: UUID) -> list[State]:
    """The run's history, oldest first."""
    chosen = select(flow_run_states).where(flow_run_states.c.flow_run_id == flow_run_id)
    return [rows.model(State, row) for row in connection.execute(chosen.order_by(flow_run_states.c.timestamp))]


def read_state(connection: Connection, state_id: UUID) -> State:
    """The state that some run is, or was, in; raises NotFound."""
    row = connection.execute(select(flow_run_states).where(flow_run_states.c.id == state_id)).one_or_none()
    if row is None:
        raise NotFound(404, "Flow run state not found")
    return rows.model(State, row)


def change(connection: Connection, flow_run_id: UUID, values: dict[str, Any]) -> None:
    """Change fields of the run; raises NotFound."""
    if values and not rows.change(connection, flow_runs, flow_run_id, values):
        raise _not_found(flow_run_id)


def remove(connection: Connection, flow_run_id: UUID) -> None:
    """Delete the run with its history, task runs, states and log; raises NotFound."""
    connection.execute(delete(logs).where(logs.c.flow_run_id == flow_run_id))
    if not connection.execute(delete(flow_runs).where(flow_runs.c.id == flow_run_id)).rowcount:
        raise _not_found(flow_run_id)


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Delete the first ``limit`` runs that ended before the instant, as ``remove`` does; how many these were."""
    ended = select(flow_runs.c.id).where(flow_runs.c.end_time < before, flow_runs.c.state_type.in_(FINAL))
    doomed = connection.scalars(ended.order_by(flow_runs.c.end_time).limit(limit)).all()
    for flow_run_id in doomed:
        remove(connection, flow_run_id)
    return len(doomed)


def remove_missed(
    connection: Connection,
    deployment_id: UUID,
    slot: str,
    *,
    since: datetime,
    until: datetime,
    keep: Sequence[datetime],
) -> int:
    """Delete the slot's runs of this span that have not begun, but for those of the instants to keep; how many."""
    missed = delete(flow_runs).where(
        flow_runs.c.deployment_id == deployment_id,
        flow_runs.c.slot == slot,
        flow_runs.c.scheduled_for.between(since, until),
        flow_runs.c.scheduled_for.not_in(keep),
        flow_runs.c.run_count == 0,
        _SCHEDULED,
    )
    return connection.execute(missed).rowcount


def remove_scheduled(
    connection: Connection, deployment_id: UUID, *, automatic_only: bool = True, after: datetime | None = None
) -> None:
    """Delete a deployment's runs that are scheduled and never started; only those due later than ``after``, if given.

    Runs that wait for a retry or a concurrency slot stay, as in Prefect.
    """
    doomed = [
        flow_runs.c.deployment_id == deployment_id,
        _SCHEDULED,
        flow_runs.c.state_name != StateName.AWAITING_CONCURRENCY_SLOT.value,
        flow_runs.c.run_count == 0,
    ]
    if automatic_only:
        doomed.append(flow_runs.c.auto_scheduled)
    if after is not None:
        doomed.append(flow_runs.c.next_scheduled_start_time > after)
    connection.execute(delete(flow_runs).where(*doomed))


def due(
    connection: Connection, queue_ids: Iterable[UUID], *, before: datetime, after: datetime | None, limit: int
) -> list[FlowRun]:
    """The queues' scheduled runs that are due at ``before``, by their queue's priority, then by their time.

    A run that its own process retries is nobody else's to start.
    """
    values = {"queue_ids": list(queue_ids), "before": before, "limit": limit}
    chosen = _DUE_IN_QUEUES if after is None else _DUE_IN_QUEUES.where(flow_runs.c.next_scheduled_start_time >= after)
    return [_model(row) for row in connection.execute(chosen, values)]


def due_of_deployments(
    connection: Connection, deployment_ids: Iterable[UUID], *, before: datetime, limit: int
) -> list[FlowRun]:
    """The deployments' scheduled runs that are due at ``before``, by their time."""
    values = {"deployment_ids": list(deployment_ids), "before": before, "limit": limit}
    return [_model(row) for row in connection.execute(_DUE_OF_DEPLOYMENTS, values)]


def next_due(connection: Connection, queue_ids: Iterable[UUID], *, after: datetime) -> datetime | None:
    """When the first of the queues' runs that are scheduled for later than ``after`` is due."""
    first: datetime | None = connection.scalar(_NEXT_IN_QUEUES, {"queue_ids": list(queue_ids), "after": after})
    return first


def next_due_of_deployments(
    connection: Connection, deployment_ids: Iterable[UUID], *, after: datetime
) -> datetime | None:
    """When the first of the deployments' runs that are scheduled for later than ``after`` is due."""
    values = {"deployment_ids": list(deployment_ids), "after": after}
    first: datetime | None = connection.scalar(_NEXT_OF_DEPLOYMENTS, values)
    return first


def active(connection: Connection, queue_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many runs of each queue have been taken and have not ended; queues that have none are left out."""
    taken = flow_runs.c.state_type.in_([StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
    chosen = select(flow_runs.c.work_queue_id, func.count()).where(
        taken, flow_runs.c.work_queue_id.in_(list(queue_ids))
    )
    return {row[0]: row[1] for row in connection.execute(chosen.group_by(flow_runs.c.work_queue_id))}


def leased(connection: Connection, holder: UUID) -> list[FlowRun]:
    """The runs that this holder has."""
    return [_model(row) for row in connection.execute(_RUNS.where(flow_runs.c.lease_holder == holder))]


def unleased(connection: Connection, quiet_since: datetime) -> list[FlowRun]:
    """Runs of deployments that somebody took without a lease, and that have been in their state since this instant
    or longer."""
    taken = flow_runs.c.state_type.in_([state.value for state in ACTIVE])
    nobodys = flow_runs.c.lease_holder.is_(None) & flow_runs.c.deployment_id.is_not(None)
    chosen = _RUNS.where(taken, nobodys, flow_runs.c.state_timestamp <= quiet_since)
    return [_model(row) for row in connection.execute(chosen.order_by(flow_runs.c.state_timestamp))]


def lease_holders(connection: Connection) -> set[UUID]:
    """Who has a run."""
    holders = select(flow_runs.c.lease_holder).where(flow_runs.c.lease_holder.is_not(None)).distinct()
    return set(connection.scalars(holders))


def under_way(connection: Connection, deployment_id: UUID, schedule_id: UUID) -> bool:
    """Whether a run of the deployment's schedule has been taken and has not ended: it may rest, or wait for a retry."""
    maker = func.json_extract(flow_runs.c.created_by, "$.id", type_=Text)
    chosen = select(flow_runs.c.id).where(
        flow_runs.c.deployment_id == deployment_id,
        flow_runs.c.state_type.in_([*ACTIVE, StateType.PAUSED, StateType.SCHEDULED]),
        or_(~_SCHEDULED, flow_runs.c.run_count > 0),
        maker == str(schedule_id),
    )
    return connection.execute(chosen.limit(1)).first() is not None


def late_in_queue(connection: Connection, queue_id: UUID) -> int:
    """How many of the queue's runs are late."""
    late = flow_runs.c.state_name == StateName.LATE.value
    scheduled = flow_runs.c.state_type == StateType.SCHEDULED.value
    chosen = select(func.count()).select_from(flow_runs).where(flow_runs.c.work_queue_id == queue_id, scheduled, late)
    return connection.scalar(chosen) or 0


def awaiting_slots(connection: Connection, limit: int = 100) -> list[FlowRun]:
    """Runs that found a limit full, in the order of their times."""
    chosen = _RUNS.where(flow_runs.c.state_name == StateName.AWAITING_CONCURRENCY_SLOT.value)
    ordered = chosen.order_by(flow_runs.c.expected_start_time).limit(limit)
    return [_model(row) for row in connection.execute(ordered)]


def put_off_waiting(connection: Connection, *, until: datetime, due_between: tuple[datetime, datetime]) -> None:
    """Let the runs that found a limit full and would be due after the first instant, and by the second, be due later.

    ``updated`` stays: nothing happened to them.
    """
    table, (after, by) = flow_runs, due_between
    waiting = table.c.state_name == StateName.AWAITING_CONCURRENCY_SLOT.value
    soon = (table.c.next_scheduled_start_time > after) & (table.c.next_scheduled_start_time <= by)
    connection.execute(update(table).where(waiting, soon).values(next_scheduled_start_time=until))


def overdue(connection: Connection, before: datetime, limit: int = 100) -> list[FlowRun]:
    """Runs that still wait under the name Scheduled though they were due at ``before``."""
    late = flow_runs.c.state_name == StateName.SCHEDULED.value
    chosen = _RUNS.where(late, flow_runs.c.next_scheduled_start_time <= before)
    return [
        _model(row) for row in connection.execute(chosen.order_by(flow_runs.c.next_scheduled_start_time).limit(limit))
    ]


def first_waiting(connection: Connection) -> datetime | None:
    """When the first of the runs that wait under the name Scheduled is due."""
    first: datetime | None = connection.scalar(
        select(func.min(flow_runs.c.next_scheduled_start_time)).where(
            flow_runs.c.state_name == StateName.SCHEDULED.value
        )
    )
    return first


def _first(connection: Connection, chosen: Select[Any]) -> FlowRun | None:
    row = connection.execute(chosen.limit(1)).one_or_none()
    return None if row is None else _model(row)


def _model(row: Row[Any]) -> FlowRun:
    values = dict(row._mapping)
    state = {name: values.pop(label) for label, name in _OF_STATE.items()}
    current = State.model_validate(state) if state["id"] else None
    return FlowRun.model_validate({**values, "state": current, **_estimates(values, current)})


def _estimates(values: dict[str, Any], state: State | None) -> dict[str, timedelta]:
    """How long the run has taken, and how late it began, as of now."""
    now = clock.now()
    running = state is not None and state.type is StateType.RUNNING
    run_time = values["total_run_time"] + (now - state.timestamp if running and state else timedelta(0))
    began, expected = values["start_time"], values["expected_start_time"]
    waits = state is not None and not state.is_final
    late = (began or now) - expected if expected and (began or waits) else timedelta(0)
    return {"estimated_run_time": run_time, "estimated_start_time_delta": max(late, timedelta(0))}


def _not_found(flow_run_id: UUID) -> NotFound:
    return NotFound(404, f"Flow run with id {flow_run_id} not found")

"""Task runs and their states in the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, select, text
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from perijove.errors import Invalid, NotFound
from perijove.schemas.filters import TaskRunQuery, TaskRunSort
from perijove.schemas.runs import TaskRun
from perijove.schemas.states import State
from perijove.server.storage import filters, rows
from perijove.server.storage.tables import logs, task_run_states, task_runs

_ORDER: dict[TaskRunSort, Any] = {
    TaskRunSort.ID_DESC: text("task_runs.rowid DESC"),  # identifiers are random: the newest first
    TaskRunSort.EXPECTED_START_TIME_ASC: task_runs.c.expected_start_time.asc(),
    TaskRunSort.EXPECTED_START_TIME_DESC: task_runs.c.expected_start_time.desc(),
    TaskRunSort.NAME_ASC: task_runs.c.name.asc(),
    TaskRunSort.NAME_DESC: task_runs.c.name.desc(),
    TaskRunSort.NEXT_SCHEDULED_START_TIME_ASC: task_runs.c.next_scheduled_start_time.asc(),
    TaskRunSort.END_TIME_DESC: task_runs.c.end_time.desc(),
}

_STATE = [column.label(f"of_state_{column.name}") for column in task_run_states.c]
_RUNS = select(task_runs, *_STATE).outerjoin(task_run_states, task_run_states.c.id == task_runs.c.state_id)
_DEFAULTS: dict[str, Any] = {
    "cache_key": None,
    "cache_expiration": None,
    "task_version": None,
    "empirical_policy": {},
    "tags": [],
    "labels": {},
    "task_inputs": {},
    "state_id": None,
    "state_type": None,
    "state_name": None,
    "state_timestamp": None,
    "run_count": 0,
    "flow_run_run_count": 0,
    "expected_start_time": None,
    "next_scheduled_start_time": None,
    "start_time": None,
    "end_time": None,
    "total_run_time": timedelta(0),
}


def ensure(connection: Connection, values: dict[str, Any]) -> tuple[TaskRun, bool]:
    """The task run of this flow run, task key and dynamic key, and whether it had to be made.

    Raises Invalid (409) for an id that another task run has.
    """
    row = {**_DEFAULTS, **rows.stamped({key: value for key, value in values.items() if value is not None})}
    row = {"flow_run_id": None, "name": f"{row['task_key']}-{row['dynamic_key']}", **row}
    # Asked first where there is no flow run: to SQLite no NULL is equal to another.
    known = _by_key(connection, row) if row["flow_run_id"] is None else None
    if known is None and connection.execute(sqlite_insert(task_runs).on_conflict_do_nothing(), row).rowcount:
        return read(connection, row["id"]), True
    known = known or _by_key(connection, row)
    if known is None:
        raise Invalid(409, f"There is a task run with the id {row['id']}, and it is another one.")
    return known, False


def _by_key(connection: Connection, row: dict[str, Any]) -> TaskRun | None:
    keys = ("flow_run_id", "task_key", "dynamic_key")
    same = (task_runs.c[key].is_not_distinct_from(row[key]) for key in keys)
    found = connection.execute(_RUNS.where(*same)).one_or_none()
    return _model(found) if found else None


def read(connection: Connection, task_run_id: UUID) -> TaskRun:
    """The task run; raises NotFound."""
    row = connection.execute(_RUNS.where(task_runs.c.id == task_run_id)).one_or_none()
    if row is None:
        raise NotFound(404, f"Task run with id {task_run_id} not found")
    return _model(row)


def search(connection: Connection, query: TaskRunQuery) -> list[TaskRun]:
    """A page of the task runs that the query asks for."""
    limit, offset = filters.page(query)
    chosen = _RUNS.where(filters.of_task_runs(query)).order_by(_ORDER[query.sort or TaskRunSort.ID_DESC])
    return [_model(row) for row in connection.execute(chosen.limit(limit).offset(offset))]


def of_flow_run(connection: Connection, flow_run_id: UUID, limit: int) -> list[TaskRun]:
    """The first task runs of the run."""
    chosen = _RUNS.where(task_runs.c.flow_run_id == flow_run_id).order_by(task_runs.c.created).limit(limit)
    return [_model(row) for row in connection.execute(chosen)]


def count(connection: Connection, query: TaskRunQuery) -> int:
    """How many task runs the query asks for."""
    return connection.scalar(select(func.count()).select_from(task_runs).where(filters.of_task_runs(query))) or 0


def change(connection: Connection, task_run_id: UUID, values: dict[str, Any]) -> None:
    """Change fields of the task run; raises NotFound."""
    if values and not rows.change(connection, task_runs, task_run_id, values):
        raise NotFound(404, f"Task run with id {task_run_id} not found")


def remove(connection: Connection, task_run_id: UUID) -> None:
    """Delete the task run with its history and log; raises NotFound."""
    connection.execute(delete(logs).where(logs.c.task_run_id == task_run_id))
    if not connection.execute(delete(task_runs).where(task_runs.c.id == task_run_id)).rowcount:
        raise NotFound(404, f"Task run with id {task_run_id} not found")


def add_state(connection: Connection, task_run_id: UUID, state: State) -> None:
    """Add to the task run's history."""
    add_states(connection, [(task_run_id, state)])


def add_states(connection: Connection, states: Sequence[tuple[UUID, State]]) -> None:
    """Add to the histories of task runs; a state that is there already stays as it is."""
    if states:
        rows_of_states = [_state_row(task_run_id, state) for task_run_id, state in states]
        connection.execute(sqlite_insert(task_run_states).on_conflict_do_nothing(), rows_of_states)


def _state_row(task_run_id: UUID, state: State) -> dict[str, Any]:
    values = state.model_dump(mode="python", exclude={"state_details"})
    details = state.state_details.model_dump(mode="json", exclude_defaults=True)
    return {**values, "task_run_id": task_run_id, "state_details": details}


def last_of(connection: Connection, flow_run_id: UUID) -> datetime | None:
    """When one of the flow run's task runs last had a new state."""
    of_run = task_runs.c.flow_run_id == flow_run_id
    last: datetime | None = connection.scalar(select(func.max(task_runs.c.state_timestamp)).where(of_run))
    return last


def states(connection: Connection, task_run_id: UUID) -> list[State]:
    """The task run's history, oldest first."""
    chosen = select(task_run_states).where(task_run_states.c.task_run_id == task_run_id)
    return [rows.model(State, row) for row in connection.execute(chosen.order_by(task_run_states.c.timestamp))]


def read_state(connection: Connection, state_id: UUID) -> State:
    """The state that some task run is, or was, in; raises NotFound."""
    row = connection.execute(select(task_run_states).where(task_run_states.c.id == state_id)).one_or_none()
    if row is None:
        raise NotFound(404, "Task run state not found")
    return rows.model(State, row)


def _model(row: Row[Any]) -> TaskRun:
    values = dict(row._mapping)
    state = {key.removeprefix("of_state_"): values.pop(key) for key in list(values) if key.startswith("of_state_")}
    current = State.model_validate(state) if state["id"] else None
    return TaskRun.model_validate({**values, "state": current, "estimated_run_time": values["total_run_time"]})

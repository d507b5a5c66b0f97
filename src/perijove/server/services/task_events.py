"""Record task runs: their own processes orchestrate them, and tell of each state by an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Connection

from perijove import clock
from perijove.schemas.events import Event, Resource
from perijove.schemas.runs import TaskRun
from perijove.schemas.states import State
from perijove.server.rules import effects
from perijove.server.storage import flow_runs, task_runs

_TASK_RUN = "prefect.task-run."
_FLOW_RUN = "prefect.flow-run."
_TOLD_BY_STATES = {
    "id", "created", "updated", "flow_run_id", "state", "state_id", "state_type", "state_name",
    "estimated_run_time", "estimated_start_time_delta",
}  # fmt: skip
_FIELDS = set(TaskRun.model_fields) - _TOLD_BY_STATES


@dataclass(frozen=True, slots=True)
class _Told:
    """What one event tells: ``fields`` are the task run's own figures, which win over those that are reckoned here."""

    task_run_id: UUID
    flow_run_id: UUID | None
    fields: dict[str, Any]
    state: State


def record(connection: Connection, events: Sequence[Event]) -> set[UUID]:
    """Record the task runs that the events tell of, and return the flow runs that they belong to.

    Events may come twice and out of order. Those of flow runs that are not known, and those that tell of anything
    else, are passed over.
    """
    told = [each for event in events if (each := _read(event)) is not None]
    known = flow_runs.existing(connection, {each.flow_run_id for each in told if each.flow_run_id})
    told = [each for each in told if each.flow_run_id is None or each.flow_run_id in known]
    runs: dict[UUID, TaskRun] = {}
    changes: dict[UUID, dict[str, Any]] = {}
    states: list[tuple[UUID, State]] = []
    for each in told:
        run = runs.get(each.task_run_id) or _ensure(connection, each)
        state = each.state.model_copy(update={"state_details": _details(each, run)})
        states.append((run.id, state))
        if run.state is None or run.state.timestamp < state.timestamp:
            changed = {**effects.of(run, state), **each.fields}
            changes.setdefault(run.id, {}).update(changed)
            run = run.model_copy(update={**changed, "state": state})
        runs[each.task_run_id] = run
    task_runs.add_states(connection, states)
    for run_id, changed in changes.items():
        task_runs.change(connection, run_id, changed)
    return known


def _ensure(connection: Connection, told: _Told) -> TaskRun:
    return task_runs.ensure(connection, {**told.fields, "id": told.task_run_id, "flow_run_id": told.flow_run_id})[0]


def _details(told: _Told, run: TaskRun) -> Any:
    return told.state.state_details.model_copy(update={"task_run_id": run.id, "flow_run_id": told.flow_run_id})


def _read(event: Event) -> _Told | None:
    """What the event tells of a task run; None when it tells of something else, or makes no sense."""
    task_run_id = _object_id(event.resource, _TASK_RUN)
    by_its_process = event.resource.get("prefect.orchestration") == "client"
    if not (event.event.startswith(_TASK_RUN) and by_its_process and task_run_id):
        return None
    flow_run_id = next((found for related in event.related if (found := _object_id(related, _FLOW_RUN))), None)
    try:
        said = {**event.payload["validated_state"], "id": event.id, "timestamp": event.occurred}
        return _Told(task_run_id, flow_run_id, _fields(event.payload["task_run"]), State.model_validate(said))
    except (KeyError, TypeError, ValidationError):
        return None


def _fields(reported: dict[str, Any]) -> dict[str, Any]:
    """Those of the reported fields that a task run has, in their types."""
    now = clock.now()
    base = {"id": UUID(int=0), "created": now, "updated": now, "name": ""}
    given = {key: value for key, value in reported.items() if value is not None}
    run = TaskRun.model_validate({**base, **given})
    return run.model_dump(include=_FIELDS & run.model_fields_set & given.keys())


def _object_id(resource: Resource, prefix: str) -> UUID | None:
    name = resource.get("prefect.resource.id", "")
    try:
        return UUID(name.removeprefix(prefix)) if name.startswith(prefix) else None
    except ValueError:
        return None

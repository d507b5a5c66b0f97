"""Task runs as events: how a server comes to know of them (Prefect's ``prefect.task-run.<StateName>``)."""

from datetime import datetime
from typing import Any

from perijove.flows.runs import LiveTaskRun
from perijove.schemas.events import Event
from perijove.schemas.states import State


def task_run_event(run: LiveTaskRun, before: State | None, follows: State | None = None) -> Event:
    """The event that says that the run has entered its present state; its id is the state's."""
    state = run.state
    return Event.model_construct(
        id=state.id,
        occurred=state.timestamp,
        event=f"prefect.task-run.{state.name}",
        resource=_resource(run),
        related=_related(run),
        follows=follows.id if follows else None,
        payload={
            "intended": {"from": before.type.value if before else None, "to": state.type.value},
            "initial_state": _state(before) if before else None,
            "validated_state": {**_state(state), "data": None},
            "task_run": _task_run(run),
        },
    )


def _resource(run: LiveTaskRun) -> dict[str, str]:
    return {
        "prefect.resource.id": f"prefect.task-run.{run.id}",
        "prefect.resource.name": run.name,
        "prefect.run-count": str(run.run_count),
        "prefect.state-message": run.state.message or "",
        "prefect.state-name": run.state.name,
        "prefect.state-timestamp": run.state.timestamp.isoformat(),
        "prefect.state-type": run.state.type.value,
        "prefect.orchestration": "client",
    }


def _related(run: LiveTaskRun) -> list[dict[str, str]]:
    tags = [_relation(f"prefect.tag.{tag}", "tag") for tag in sorted(run.definition.tags)]
    flow_run = [_relation(f"prefect.flow-run.{run.flow_run.id}", "flow-run")] if run.flow_run else []
    return flow_run + tags


def _relation(name: str, role: str) -> dict[str, str]:
    return {"prefect.resource.id": name, "prefect.resource.role": role}


def _state(state: State) -> dict[str, Any]:
    known = state.state_details.model_fields_set
    details = state.state_details.model_dump(mode="json", exclude_none=True, exclude_unset=True) if known else {}
    return {"type": state.type.value, "name": state.name, "message": state.message, "state_details": details}


def _task_run(run: LiveTaskRun) -> dict[str, Any]:
    times = {
        "expected_start_time": run.expected_start_time,
        "start_time": run.start_time,
        "end_time": run.end_time,
    }
    return {
        "name": run.name,
        "task_key": run.definition.task_key,
        "dynamic_key": str(run.id),
        "task_version": run.definition.version,
        "tags": sorted(run.definition.tags),
        "labels": {},
        "empirical_policy": {"retries": run.definition.retries, "retry_delay": run.definition.retry_delay_seconds},
        "task_inputs": task_inputs(run),
        "run_count": run.run_count,
        "flow_run_run_count": run.flow_run.run_count if run.flow_run else 0,
        "total_run_time": run.total_run_time.total_seconds(),
        **{name: _text(time) for name, time in times.items() if time},
    }


def task_inputs(run: LiveTaskRun) -> dict[str, list[dict[str, Any]]]:
    """The names of the run's arguments, and the task run that called it."""
    inputs: dict[str, list[dict[str, Any]]] = {name: [] for name in run.parameters}
    if run.parent:
        inputs["__parents__"] = [{"input_type": "task_run", "id": str(run.parent.id)}]
    return inputs


def _text(time: datetime) -> str:
    return time.isoformat()

"""Task runs as events: how a server comes to know of them (Prefect's ``prefect.task-run.<StateName>``)."""

from typing import Any

from perijove.flows.runs import LiveTaskRun
from perijove.schemas.events import Event
from perijove.schemas.states import State


class TaskRunEvents:
    """The events of one task run. What never changes of the run is put together once."""

    def __init__(self, run: LiveTaskRun) -> None:
        self._run = run
        self._resource = {
            "prefect.resource.id": f"prefect.task-run.{run.id}",
            "prefect.resource.name": run.name,
            "prefect.orchestration": "client",
        }
        self._related = _related(run)
        self._record = _record(run)

    def entered(self, before: State | None) -> Event:
        """The event that says that the run has left the state ``before`` for its present one, whose id it bears."""
        state = self._run.state
        return Event.model_construct(
            id=state.id,
            occurred=state.timestamp,
            event=f"prefect.task-run.{state.name}",
            resource={**self._resource, **_labels(self._run)},
            related=self._related,
            payload={
                "intended": {"from": before.type if before else None, "to": state.type},
                "initial_state": _state(before) if before else None,
                "validated_state": {**_state(state), "data": None},
                "task_run": {**self._record, **_progress(self._run)},
            },
        )


def _labels(run: LiveTaskRun) -> dict[str, str]:
    return {
        "prefect.run-count": str(run.run_count),
        "prefect.state-message": run.state.message or "",
        "prefect.state-name": run.state.name,
        "prefect.state-timestamp": run.state.timestamp.isoformat(),
        "prefect.state-type": run.state.type,
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
    return {"type": state.type, "name": state.name, "message": state.message, "state_details": details}


def _record(run: LiveTaskRun) -> dict[str, Any]:
    return {
        "name": run.name,
        "task_key": run.definition.task_key,
        "dynamic_key": str(run.id),
        "task_version": run.definition.version,
        "tags": sorted(run.definition.tags),
        "labels": {},
        "empirical_policy": {"retries": run.definition.retries, "retry_delay": run.definition.retry_delay_seconds},
        "task_inputs": _inputs(run),
        "flow_run_run_count": run.flow_run.run_count if run.flow_run else 0,
        "expected_start_time": run.expected_start_time,
    }


def _progress(run: LiveTaskRun) -> dict[str, Any]:
    times = {"start_time": run.start_time, "end_time": run.end_time}
    return {
        "run_count": run.run_count,
        "total_run_time": run.total_run_time.total_seconds(),
        **{name: time for name, time in times.items() if time},
    }


def _inputs(run: LiveTaskRun) -> dict[str, list[dict[str, Any]]]:
    """The run's arguments with the task runs that their values come from, and the task run that called it."""
    ids = run.upstream.ids() if run.upstream else {}
    inputs: dict[str, list[dict[str, Any]]] = {
        name: [{"input_type": "task_run", "id": str(each)} for each in ids.get(name, ())] for name in run.parameters
    }
    if run.parent:
        inputs["__parents__"] = [{"input_type": "task_run", "id": str(run.parent.id)}]
    return inputs

"""What happens to runs, deployments, pools and automations as events: with Prefect's names and labels."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from perijove.schemas.events import ID, NAME, Event, Resource
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import State, StateType

LONGEST_MESSAGE = 100_000
"""Characters of a state's message that an event repeats."""

_TIGHT = timedelta(minutes=5)  # after a longer time the order of two states can't be in doubt


def flow_run_entered(run: FlowRun, state: State, run_count: int, related: Sequence[Resource]) -> Event:
    """The event that ``run``, as it was before, has entered the state; it bears the state's id."""
    before = run.state
    return Event.model_construct(
        id=state.id,
        occurred=state.timestamp,
        event=f"prefect.flow-run.{state.name}",
        resource={
            ID: f"prefect.flow-run.{run.id}",
            NAME: run.name,
            "prefect.run-count": str(run_count),
            "prefect.state-message": (state.message or "")[:LONGEST_MESSAGE],
            "prefect.state-name": state.name,
            "prefect.state-timestamp": state.timestamp.isoformat(),
            "prefect.state-type": state.type.value,
        },
        related=list(related),
        payload={
            "intended": {"from": before.type.value if before else None, "to": state.type.value},
            "initial_state": _told(before),
            "validated_state": _told(state),
        },
        follows=before.id if before and state.timestamp - before.timestamp < _TIGHT else None,
    )


def changed(
    kind: str,
    thing_id: UUID,
    name: str,
    what: str,
    *,
    related: Sequence[Resource] = (),
    payload: dict[str, Any] | None = None,
    **labels: str,
) -> Event:
    """The event ``prefect.<kind>.<what>``: such as that a deployment was made, changed or deleted."""
    return Event.model_construct(
        event=f"prefect.{kind}.{what}",
        resource={ID: f"prefect.{kind}.{thing_id}", NAME: name, **labels},
        related=list(related),
        payload=payload or {},
    )


def updates(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The payload of an update: the fields that differ, with what they were and what they are."""
    differing = {
        key: {"from": before.get(key), "to": value} for key, value in after.items() if before.get(key) != value
    }
    return {"updated_fields": list(differing), "updates": differing}


def _told(state: State | None) -> dict[str, str] | None:
    if state is None:
        return None
    told = {"type": state.type.value, "name": state.name}
    if state.message:
        told["message"] = state.message[:LONGEST_MESSAGE]
    if state.type is StateType.PAUSED:
        told["pause_reschedule"] = str(state.state_details.pause_reschedule).lower()
    return told

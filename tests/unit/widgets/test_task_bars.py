"""Task runs, as the events of their states tell of them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from perijove.schemas.events import ReceivedEvent
from perijove.widgets.task_bars import TaskBar, after

BEGAN = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _event(run_id: UUID, state: str, seconds: float = 0.0, **record: str) -> ReceivedEvent:
    labels = {"prefect.state-type": state.upper(), "prefect.state-name": state, "prefect.resource.name": "load-0"}
    return ReceivedEvent(
        event=f"prefect.task-run.{state}",
        occurred=BEGAN + timedelta(seconds=seconds),
        resource={"prefect.resource.id": f"prefect.task-run.{run_id}", **labels},
        payload={"task_run": record},
    )


def _told(*events: ReceivedEvent) -> TaskBar | None:
    known = None
    for event in events:
        known = after(known, event) or known
    return known


def test_a_task_run_reaches_from_its_running_to_its_end() -> None:
    run = uuid4()
    bar = _told(_event(run, "Pending"), _event(run, "Running", 1), _event(run, "Completed", 3))
    assert bar is not None
    assert (bar.start_time, bar.end_time) == (BEGAN + timedelta(seconds=1), BEGAN + timedelta(seconds=3))
    assert (bar.id, bar.name, bar.state_name) == (run, "load-0", "Completed")


def test_an_event_that_comes_late_takes_nothing_back() -> None:
    run = uuid4()
    bar = _told(_event(run, "Running"), _event(run, "Completed", 2), _event(run, "Running", 1))
    assert bar is not None
    assert bar.state_name == "Completed"


def test_a_run_whose_beginning_nobody_heard_of_begins_as_its_record_says() -> None:
    bar = _told(_event(uuid4(), "Completed", 5, start_time=BEGAN.isoformat()))
    assert bar is not None
    assert bar.start_time == BEGAN


def test_events_of_other_things_are_no_task_runs() -> None:
    other = ReceivedEvent(event="ping", resource={"prefect.resource.id": "prefect.flow-run.x"})
    assert after(None, other) is None
    assert after(None, _event(uuid4(), "Unheard-of")) is None

"""The picture of a run that a saved notebook keeps."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from perijove.schemas.logs import Log
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import State, StateType
from perijove.widgets import picture
from perijove.widgets.known import Known
from perijove.widgets.task_bars import TaskBar

BEGAN = datetime(2026, 11, 23, 12, tzinfo=UTC)
HARM = "<script>harm()</script>"


def _known() -> Known:
    run = FlowRun(
        id=uuid4(), created=BEGAN, updated=BEGAN, name=HARM, flow_id=uuid4(), parameters={"region": HARM},
        state_type=StateType.FAILED, state_name="Failed", start_time=BEGAN, end_time=BEGAN + timedelta(seconds=4),
    )  # fmt: skip
    return Known(run, states=[State(type=StateType.FAILED, message=HARM)])


def _bar(start: float, end: float | None) -> TaskBar:
    ended = None if end is None else BEGAN + timedelta(seconds=end)
    return TaskBar(uuid4(), HARM, StateType.COMPLETED, HARM, BEGAN + timedelta(seconds=start), ended, BEGAN)


def test_nothing_of_a_run_is_markup() -> None:
    known = _known()
    bar = _bar(0, 1)
    known.task_runs[bar.id] = bar
    known.logs.append(Log(id=uuid4(), created=BEGAN, updated=BEGAN, name="x", level=20, message=HARM, timestamp=BEGAN))
    shown = picture.html(known, HARM)
    assert "<script" not in shown
    assert "&lt;script&gt;harm()" in shown


def test_bars_are_drawn_to_the_scale_of_the_whole() -> None:
    known = _known()
    for bar in (_bar(0, 1), _bar(1, 4)):
        known.task_runs[bar.id] = bar
    shown = picture.html(known, "report/prod")
    assert "margin-left: 0.0%; width: 25.0%" in shown
    assert "margin-left: 25.0%; width: 75.0%" in shown


def test_a_great_many_tasks_and_lines_are_counted_and_not_all_drawn() -> None:
    known = _known()
    for _ in range(picture.MOST_TASKS + 5):
        bar = _bar(0, 1)
        known.task_runs[bar.id] = bar
    line = Log(id=uuid4(), created=BEGAN, updated=BEGAN, name="x", level=20, message="said", timestamp=BEGAN)
    known.logs.extend([line] * (picture.MOST_LINES + 5))
    shown = picture.html(known, "report/prod")
    assert "and 5 more task runs" in shown
    assert shown.count("said") == picture.MOST_LINES

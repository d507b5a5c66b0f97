"""Two weeks of runs, deployment by deployment, and where they meet."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from perijove.schemas.deployments import Deployment
from perijove.schemas.history import HistoryInterval, HistoryState
from perijove.schemas.runs import FlowRun
from perijove.schemas.schedules import CronSchedule, DeploymentSchedule, IntervalSchedule, RRuleSchedule, Schedule
from perijove.schemas.states import StateType
from perijove.widgets import agenda_picture, load
from perijove.widgets.agenda import DAYS, MOST, Agenda, Clash, agenda, midnights, repeated

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)  # a Monday
HARM = "<script>harm()</script>"


def _deployment(*schedules: Schedule, paused: bool = False, active: bool = True) -> Deployment:
    stored: dict[str, Any] = {"created": NOW, "updated": NOW}
    kept = [DeploymentSchedule(id=uuid4(), schedule=each, active=active, **stored) for each in schedules]
    return Deployment(id=uuid4(), name="prod", flow_id=uuid4(), schedules=kept, paused=paused, **stored)


def _run(
    deployment: Deployment, start: datetime, minutes: float | None, state: StateType = StateType.COMPLETED, **more: Any
) -> FlowRun:
    end = None if minutes is None else start + timedelta(minutes=minutes)
    return FlowRun(
        id=uuid4(), created=start, updated=start, name="tall-otter", flow_id=deployment.flow_id,
        deployment_id=deployment.id, expected_start_time=start, start_time=start, end_time=end,
        state_type=state, state_name=state.value.capitalize(), **more,
    )  # fmt: skip


def _agenda(deployments: dict[str, Deployment], runs: Iterable[FlowRun] = (), zone: str = "UTC") -> Agenda:
    return agenda(deployments, runs, NOW, midnights(NOW, ZoneInfo(zone)))


def _daily(hour: int, minute: int = 0, zone: str = "UTC") -> CronSchedule:
    return CronSchedule(cron=f"{minute} {hour} * * *", timezone=zone)


def test_today_is_in_the_middle_of_days_that_begin_at_the_zones_midnight() -> None:
    days = midnights(NOW, ZoneInfo("Europe/Berlin"))
    assert len(days) == 2 * DAYS + 2
    assert days[DAYS] <= NOW < days[DAYS + 1]
    assert days[DAYS] == datetime(2026, 11, 22, 23, tzinfo=UTC)


def test_a_day_on_which_the_clock_changes_is_as_long_as_it_is() -> None:
    days = midnights(datetime(2026, 10, 25, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    assert days[DAYS + 1] - days[DAYS] == timedelta(hours=25)


def test_a_lane_has_the_runs_that_were_and_those_that_its_schedules_ask_for() -> None:
    one = _deployment(_daily(8, zone="Europe/Berlin"))
    (lane,) = _agenda({"a/prod": one}, [_run(one, NOW - timedelta(days=2), 3)]).lanes
    assert [mark.state_type for mark in lane.past] == [StateType.COMPLETED]
    assert [mark.start for mark in lane.coming] == [datetime(2026, 11, 24 + n, 7, tzinfo=UTC) for n in range(7)]
    assert lane.zone == "Europe/Berlin"


def test_a_coming_run_is_as_long_as_those_that_were() -> None:
    one = _deployment(_daily(8))
    runs = [_run(one, NOW - timedelta(hours=hours), minutes) for hours, minutes in ((9, 1), (6, 5), (3, 30))]
    (lane,) = _agenda({"a/prod": one}, runs).lanes
    assert lane.coming[0].end - lane.coming[0].start == timedelta(minutes=5)


def test_a_run_that_goes_on_reaches_to_now_at_least() -> None:
    one = _deployment()
    (lane,) = _agenda({"a/prod": one}, [_run(one, NOW - timedelta(hours=1), None, StateType.RUNNING)]).lanes
    assert lane.past[0].end == NOW


def test_a_run_that_somebody_asked_for_is_to_come_like_any_other() -> None:
    one = _deployment()
    asked_for = _run(one, NOW + timedelta(hours=2), None, StateType.SCHEDULED).model_copy(update={"start_time": None})
    (lane,) = _agenda({"a/prod": one}, [asked_for]).lanes
    assert ([mark.start for mark in lane.coming], lane.past) == ([NOW + timedelta(hours=2)], ())


def test_what_is_paused_asks_for_nothing_and_what_has_no_runs_has_no_lane() -> None:
    paused, inactive = _deployment(_daily(8), paused=True), _deployment(_daily(8), active=False)
    drawn = _agenda({"a/prod": paused, "b/prod": inactive, "c/prod": _deployment()})
    assert (drawn.lanes, drawn.idle) == ((), 3)


def test_runs_that_begin_in_the_same_minute_clash_whatever_timezone_says_so() -> None:
    both = {"a/prod": _deployment(_daily(8, zone="Europe/Berlin")), "b/prod": _deployment(_daily(7))}
    drawn = _agenda({**both, "c/prod": _deployment(_daily(9))})
    start = datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert drawn.clashes[0] == Clash(start, start + timedelta(minutes=1), ("a/prod", "b/prod"), in_one_minute=True)
    assert len(drawn.clashes) == 7
    assert [[mark.meets for mark in lane.coming][:1] for lane in drawn.lanes] == [[True], [True], [False]]


def test_a_run_that_begins_while_another_will_go_on_clashes_with_it() -> None:
    long, late, apart = _deployment(_daily(8)), _deployment(_daily(8, 40)), _deployment(_daily(9, 1))
    drawn = _agenda({"a": long, "b": late, "c": apart}, [_run(long, NOW - timedelta(days=1), 60)])
    start = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert drawn.clashes[0] == Clash(start, start + timedelta(minutes=60), ("a", "b"), in_one_minute=False)


def test_a_deployment_does_not_clash_with_itself() -> None:
    assert _agenda({"a": _deployment(_daily(8), _daily(8, zone="Europe/London"))}).clashes == ()


def test_many_runs_one_close_after_another_are_one_stretch_that_meets_nobody() -> None:
    often = IntervalSchedule(interval=timedelta(minutes=5), anchor_date=NOW)
    drawn = _agenda({"a": _deployment(often), "b": _deployment(_daily(8))})
    (stretch,) = drawn.lanes[0].coming
    assert stretch.count == (drawn.days[-1] - NOW) / timedelta(minutes=5) - 1
    assert drawn.clashes == ()


def test_the_same_clash_each_day_is_told_once_with_how_often_it_is() -> None:
    drawn = _agenda({"a": _deployment(_daily(8)), "b": _deployment(_daily(8))})
    assert repeated(drawn.clashes) == [(drawn.clashes[0], 7)]


def test_a_schedule_that_is_refused_here_takes_nothing_from_the_others() -> None:
    strange = RRuleSchedule(rrule="FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
    drawn = _agenda({"a": _deployment(strange), "b": _deployment(_daily(8))})
    assert [lane.name for lane in drawn.lanes] == ["b"]


def test_it_is_said_when_there_are_too_many_coming_runs_to_know_them_all() -> None:
    often = IntervalSchedule(interval=timedelta(seconds=60), anchor_date=NOW)
    drawn = _agenda({str(number): _deployment(often) for number in range(MOST // 10_000 + 3)})
    assert sum(mark.count for lane in drawn.lanes for mark in lane.coming) == MOST
    assert (drawn.unknown, drawn.idle) == (4, 0)


def test_the_load_counts_what_begins_in_each_hour_and_what_of_it_failed() -> None:
    one = _deployment(_daily(8), IntervalSchedule(interval=timedelta(minutes=5), anchor_date=NOW))
    runs = [_run(one, NOW - timedelta(hours=2), 1, state) for state in (StateType.COMPLETED, StateType.CRASHED)]
    hours = load.hours(_agenda({"a": one}, runs), None)
    assert len(hours) == 24 * (2 * DAYS + 1)
    assert hours[24 * DAYS + 10] == [2, 1]
    assert sum(count for count, _ in hours[24 * (DAYS + 1) : 24 * (DAYS + 2)]) == 24 * 12


def test_past_runs_that_are_too_many_are_counted_by_the_server() -> None:
    one = _deployment()
    failed = HistoryState(
        state_type=StateType.FAILED, state_name="Failed", count_runs=40, sum_estimated_run_time=0,
        sum_estimated_lateness=0,
    )  # fmt: skip
    counted = HistoryInterval(interval_start=NOW - timedelta(hours=1), interval_end=NOW, states=[failed])
    hours = load.hours(_agenda({"a": one}, [_run(one, NOW - timedelta(hours=1), 1)]), [counted])
    assert hours[24 * DAYS + 11] == [40, 40]


def test_the_picture_is_to_scale_and_has_no_markup_of_names() -> None:
    one = _deployment(_daily(0))
    shown = agenda_picture.html(_agenda({HARM: one}), [HARM], ZoneInfo("UTC"))
    assert "<script" not in shown
    assert f"left: {100 * (DAYS + 1) / (2 * DAYS + 1):.2f}%" in shown


def test_a_terminal_has_a_column_for_each_day_and_the_clashes() -> None:
    one, other = _deployment(_daily(8)), _deployment(_daily(8))
    shown = agenda_picture.text(_agenda({"a/x": one, "b/x": other}, [_run(one, NOW, 1)]), [], ZoneInfo("UTC"))
    assert "Runs from Mon 16 Nov to Mon 30 Nov 2026 (UTC)" in shown
    assert [line.split() for line in shown.splitlines() if line.startswith("a/x")] == [["a/x", "1✓", *["1"] * 7]]
    assert "clash: Tue 24 Nov 2026 08:00 UTC, the first of 7: a/x, b/x" in shown

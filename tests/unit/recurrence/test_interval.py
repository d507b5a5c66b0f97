from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from perijove.errors import ScheduleError
from perijove.recurrence import instants, validate
from perijove.schemas.schedules import IntervalSchedule

AFTER = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def fires(schedule: IntervalSchedule, after: datetime = AFTER) -> list[str]:
    return [instant.isoformat()[:-6] for instant in islice(instants(schedule, after), 3)]


def test_an_interval_counts_from_its_anchor() -> None:
    schedule = IntervalSchedule(interval=5 * HOUR, anchor_date=AFTER - HOUR)
    assert fires(schedule) == ["2026-01-01T16:00:00", "2026-01-01T21:00:00", "2026-01-02T02:00:00"]


def test_the_anchor_is_a_phase_and_no_beginning() -> None:
    schedule = IntervalSchedule(interval=5 * HOUR, anchor_date=AFTER + 100 * HOUR)
    assert fires(schedule) == ["2026-01-01T17:00:00", "2026-01-01T22:00:00", "2026-01-02T03:00:00"]


def test_an_interval_without_an_anchor_counts_from_midnight() -> None:
    assert fires(IntervalSchedule(interval=6 * HOUR))[0] == "2026-01-01T18:00:00"


def test_a_day_without_an_anchor_is_at_midnight_in_its_timezone() -> None:
    schedule = IntervalSchedule(interval=DAY, timezone="Asia/Kathmandu")
    assert fires(schedule)[0] == "2026-01-01T18:15:00"


def test_parts_of_a_second_are_kept() -> None:
    schedule = IntervalSchedule(interval=timedelta(seconds=1.5), anchor_date=AFTER + timedelta(microseconds=7))
    assert fires(schedule)[:2] == ["2026-01-01T12:00:00.000007", "2026-01-01T12:00:01.500007"]


def test_the_question_is_exclusive() -> None:
    assert fires(IntervalSchedule(interval=HOUR, anchor_date=AFTER))[0] == "2026-01-01T13:00:00"


@pytest.mark.parametrize("interval", [timedelta(milliseconds=999), timedelta(days=36526)])
def test_an_interval_of_no_sensible_length_is_refused(interval: timedelta) -> None:
    with pytest.raises(ScheduleError, match="between a second and a hundred years"):
        validate(IntervalSchedule(interval=interval))


@pytest.mark.parametrize("interval", [timedelta(seconds=1), timedelta(days=36525)])
def test_the_shortest_and_the_longest_interval_are_accepted(interval: timedelta) -> None:
    validate(IntervalSchedule(interval=interval))


@pytest.mark.parametrize("anchor", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_an_anchor_at_the_ends_of_the_calendar_is_refused(anchor: datetime) -> None:
    with pytest.raises(ScheduleError, match="choose a year before 2999"):
        validate(IntervalSchedule(interval=DAY, anchor_date=anchor))


def test_an_unknown_timezone_is_refused() -> None:
    with pytest.raises(ScheduleError, match="is not an IANA timezone"):
        validate(IntervalSchedule(interval=HOUR, timezone="Mars/Olympus"))


@pytest.mark.parametrize("interval", [HOUR, DAY])
def test_nothing_is_due_at_the_end_of_the_calendar(interval: timedelta) -> None:
    schedule = IntervalSchedule(interval=interval, timezone="America/New_York")
    assert fires(schedule, datetime.max.replace(tzinfo=UTC)) == []


@pytest.mark.parametrize("interval", [HOUR, DAY, timedelta(days=36525)])
def test_the_beginning_of_the_calendar_is_no_trouble(interval: timedelta) -> None:
    schedule = IntervalSchedule(interval=interval, timezone="America/New_York")
    assert len(fires(schedule, datetime.min.replace(tzinfo=UTC))) == 3

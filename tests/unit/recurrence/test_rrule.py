from datetime import UTC, datetime
from itertools import islice
from time import process_time

import pytest

from perijove.errors import ScheduleError
from perijove.recurrence import instants, validate
from perijove.schemas.schedules import RRuleSchedule

AFTER = datetime(2026, 1, 1, 12, tzinfo=UTC)  # a Thursday


def fires(text: str, number: int = 3, after: datetime = AFTER) -> list[str]:
    found = islice(instants(RRuleSchedule(rrule=text), after), number)
    return [instant.strftime("%Y-%m-%d %H:%M:%S") for instant in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=DAILY;BYHOUR=8,20", ["2026-01-01 20:00:00", "2026-01-02 08:00:00", "2026-01-02 20:00:00"]),
        ("FREQ=WEEKLY;BYDAY=FR,MO", ["2026-01-02 00:00:00", "2026-01-05 00:00:00", "2026-01-09 00:00:00"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["2026-01-31 00:00:00", "2026-03-31 00:00:00", "2026-05-31 00:00:00"]),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            ["2026-01-30 00:00:00", "2026-02-27 00:00:00", "2026-03-31 00:00:00"],
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
            ["2026-02-02 00:00:00", "2026-03-02 00:00:00", "2026-04-01 00:00:00"],
        ),
        ("FREQ=DAILY;BYHOUR=8;BYSECOND=0,30", ["2026-01-02 08:00:00", "2026-01-02 08:00:30", "2026-01-03 08:00:00"]),
        ("FREQ=MONTHLY;INTERVAL=5", ["2026-04-01 00:00:00", "2026-09-01 00:00:00", "2027-02-01 00:00:00"]),
        ("FREQ=YEARLY;INTERVAL=3", ["2029-01-01 00:00:00", "2032-01-01 00:00:00", "2035-01-01 00:00:00"]),
        ("FREQ=DAILY;BYHOUR=8,9,10;BYSETPOS=2", ["2026-01-02 09:00:00", "2026-01-03 09:00:00", "2026-01-04 09:00:00"]),
        (
            "FREQ=HOURLY;BYMINUTE=5,25,45;BYSETPOS=-1",
            ["2026-01-01 12:45:00", "2026-01-01 13:45:00", "2026-01-01 14:45:00"],
        ),
        ("FREQ=HOURLY;BYHOUR=8,20", ["2026-01-01 20:00:00", "2026-01-02 08:00:00", "2026-01-02 20:00:00"]),
        ("FREQ=MINUTELY;INTERVAL=7", ["2026-01-01 12:03:00", "2026-01-01 12:10:00", "2026-01-01 12:17:00"]),
        (
            "FREQ=MINUTELY;BYHOUR=5;BYMINUTE=58,59",
            ["2026-01-02 05:58:00", "2026-01-02 05:59:00", "2026-01-03 05:58:00"],
        ),
        ("FREQ=SECONDLY;BYSECOND=10,40", ["2026-01-01 12:00:10", "2026-01-01 12:00:40", "2026-01-01 12:01:10"]),
        (
            "FREQ=SECONDLY;BYHOUR=5;BYMINUTE=0;BYSECOND=0",
            ["2026-01-02 05:00:00", "2026-01-03 05:00:00", "2026-01-04 05:00:00"],
        ),
        ("FREQ=HOURLY;BYDAY=SU;BYHOUR=23", ["2026-01-04 23:00:00", "2026-01-11 23:00:00", "2026-01-18 23:00:00"]),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
            ["2044-02-29 00:00:00", "2072-02-29 00:00:00", "2112-02-29 00:00:00"],
        ),
    ],
)
def test_the_first_instants_of_a_rule(text: str, expected: list[str]) -> None:
    assert fires(text) == expected


def test_every_second_week_keeps_its_phase_over_the_years() -> None:
    text = "DTSTART:20200106T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU"
    assert fires(text) == ["2026-01-04 09:00:00", "2026-01-12 09:00:00", "2026-01-18 09:00:00"]


def test_the_first_day_of_the_week_parts_the_weeks() -> None:
    text = "DTSTART:20200106T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU"
    assert fires(text) == ["2026-01-11 09:00:00", "2026-01-12 09:00:00", "2026-01-25 09:00:00"]


def test_any_day_may_be_the_first_of_the_week() -> None:
    text = "DTSTART:20200106T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,WE;WKST=TH"
    assert fires(text) == ["2026-01-08 09:00:00", "2026-01-14 09:00:00", "2026-01-22 09:00:00"]


def test_nothing_is_due_before_the_start() -> None:
    text = "DTSTART:20260110T093000\nRRULE:FREQ=HOURLY;BYMINUTE=0,45"
    assert fires(text) == ["2026-01-10 09:45:00", "2026-01-10 10:00:00", "2026-01-10 10:45:00"]


def test_a_start_that_fits_is_the_first_instant() -> None:
    assert fires("DTSTART:20260110T093000\nRRULE:FREQ=DAILY", 1) == ["2026-01-10 09:30:00"]


def test_until_is_inclusive() -> None:
    assert fires("FREQ=DAILY;UNTIL=20260103T000000Z") == ["2026-01-02 00:00:00", "2026-01-03 00:00:00"]


def test_until_may_mean_for_ever() -> None:
    assert len(fires("FREQ=DAILY;UNTIL=99991231T235959Z", 50)) == 50


def test_nothing_is_due_once_until_has_passed() -> None:
    assert fires("FREQ=DAILY;UNTIL=20251231T000000Z") == []


def test_count_counts_from_the_start_wherever_the_question_begins() -> None:
    text = "DTSTART:20251230T000000\nRRULE:FREQ=DAILY;COUNT=5"
    assert fires(text) == ["2026-01-02 00:00:00", "2026-01-03 00:00:00"]


def test_count_and_until_end_a_rule_at_whichever_comes_first() -> None:
    until = ";UNTIL=20260102T000000Z"
    assert fires(f"DTSTART:20251230T000000\nRRULE:FREQ=DAILY;COUNT=5{until}") == ["2026-01-02 00:00:00"]
    assert fires(f"DTSTART:20251230T000000\nRRULE:FREQ=DAILY;COUNT=2{until}") == []


def test_exceptions_are_left_out_and_do_count() -> None:
    text = "DTSTART:20260102T080000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260103T080000"
    assert fires(text) == ["2026-01-02 08:00:00", "2026-01-04 08:00:00"]


def test_single_dates_are_added_in_order_and_once() -> None:
    text = "RRULE:FREQ=DAILY;BYHOUR=8\nRDATE:20260102T120000,20260103T080000,20200101T000000"
    assert fires(text) == ["2026-01-02 08:00:00", "2026-01-02 12:00:00", "2026-01-03 08:00:00"]


def test_a_rule_of_the_last_day_that_is_asked_for_in_the_new_year() -> None:
    """The week of 1 January begins in December, and must be whole for BYSETPOS to count it."""
    text = "DTSTART:20200101T080000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    assert fires(text, 2, AFTER) == ["2026-01-02 08:00:00", "2026-01-09 08:00:00"]


def test_single_dates_need_no_rule() -> None:
    assert fires("RDATE:20260102T120000,20260101T130000") == ["2026-01-01 13:00:00", "2026-01-02 12:00:00"]


def test_several_rules_are_merged() -> None:
    text = "RRULE:FREQ=DAILY;BYHOUR=8\nRRULE:FREQ=WEEKLY;BYDAY=FR;BYHOUR=8,9"
    assert fires(text) == ["2026-01-02 08:00:00", "2026-01-02 09:00:00", "2026-01-03 08:00:00"]


def test_a_rule_is_expanded_in_the_timezone_of_its_start() -> None:
    text = "DTSTART;TZID=America/New_York:20260701T080000\nRRULE:FREQ=DAILY"
    found = next(instants(RRuleSchedule(rrule=text, timezone="Europe/Berlin"), AFTER))
    assert found.isoformat() == "2026-07-01T12:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29;UNTIL=20190101",
        "DTSTART:20210101T000000\nRRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYSETPOS=2",
        "FREQ=SECONDLY;BYSETPOS=2",
        "FREQ=DAILY;UNTIL=20191231",
        "DTSTART:20260105T080000\nRRULE:FREQ=DAILY;COUNT=1\nEXDATE:20260105T080000",
    ],
)
def test_a_rule_that_never_fires_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError, match="never fires: no time fits all of its parts"):
        validate(RRuleSchedule(rrule=text))


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=HOURLY;INTERVAL=800000",
        "FREQ=WEEKLY;BYSETPOS=3",
        "FREQ=DAILY;COUNT=1000000",
        "FREQ=MINUTELY;INTERVAL=61;BYHOUR=5;BYMINUTE=1;BYDAY=MO;BYMONTH=2",
    ],
)
def test_a_rule_that_is_too_dear_to_follow_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError, match="fires too seldom, or never, for how finely it counts"):
        validate(RRuleSchedule(rrule=text))


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
        "FREQ=DAILY;COUNT=100000",
        "FREQ=DAILY;INTERVAL=1000;BYWEEKNO=50,-39",
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYSECOND=" + ",".join(map(str, range(60))),
        "RRULE:FREQ=WEEKLY;BYSETPOS=3\n" * 10,
    ],
)
def test_any_rule_is_answered_in_a_blink(text: str) -> None:
    """A tenth of a second is the aim; this leaves room for a slow machine, and none for a search without end."""
    started = process_time()
    try:
        validate(RRuleSchedule(rrule=text))
        fires(text, 100)
    except ScheduleError:
        pass
    assert process_time() - started < 1


@pytest.mark.parametrize(
    "text", ["FREQ=SECONDLY", "FREQ=DAILY;COUNT=1000", "FREQ=YEARLY;INTERVAL=100", "FREQ=DAILY;INTERVAL=365"]
)
def test_an_ordinary_rule_is_accepted(text: str) -> None:
    validate(RRuleSchedule(rrule=text))


def test_a_long_walk_renews_its_budget() -> None:
    assert len(fires("FREQ=MINUTELY;BYHOUR=5;BYMINUTE=0", 5000)) == 5000

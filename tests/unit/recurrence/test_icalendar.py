from datetime import datetime

import pytest

from perijove.errors import ScheduleError
from perijove.recurrence.icalendar import parse


def test_a_rule_alone_counts_from_2020_in_the_schedules_timezone() -> None:
    recurrence = parse("FREQ=DAILY", "Europe/Berlin")
    assert recurrence.start == datetime.fromisoformat("2020-01-01T00:00")
    assert recurrence.tz.key == "Europe/Berlin"
    assert not recurrence.start_is_written


@pytest.mark.parametrize(
    ("line", "wall", "timezone"),
    [
        ("DTSTART:20260701T080000", "2026-07-01T08:00", "Europe/Berlin"),
        ("dtstart:20260701t080000", "2026-07-01T08:00", "Europe/Berlin"),
        ("DTSTART:2026-07-01T08:00:00", "2026-07-01T08:00", "Europe/Berlin"),
        ("DTSTART:20260701", "2026-07-01T00:00", "Europe/Berlin"),
        ("DTSTART;VALUE=DATE:20260701", "2026-07-01T00:00", "Europe/Berlin"),
        ("DTSTART;value=date-time:20260701T080000", "2026-07-01T08:00", "Europe/Berlin"),
        ("DTSTART;TZID=Asia/Tokyo;VALUE=DATE-TIME:20260701T080000", "2026-07-01T08:00", "Asia/Tokyo"),
        ("DTSTART:20260701T080000Z", "2026-07-01T08:00", "UTC"),
        ("DTSTART;TZID=America/New_York:20260701T080000", "2026-07-01T08:00", "America/New_York"),
    ],
)
def test_a_start_is_in_its_own_timezone_or_the_schedules(line: str, wall: str, timezone: str) -> None:
    recurrence = parse(f"{line}\nRRULE:FREQ=DAILY", "Europe/Berlin")
    assert (recurrence.start, recurrence.tz.key) == (datetime.fromisoformat(wall), timezone)


def test_single_dates_are_in_the_timezone_of_the_start_unless_they_say_otherwise() -> None:
    recurrence = parse(
        "DTSTART;TZID=America/New_York:20260701T080000 RRULE:FREQ=DAILY RDATE:20260704T120000,20260703T120000Z "
        "RDATE;TZID=Asia/Tokyo:20260702T120000 EXDATE:20260705T080000",
        "Europe/Berlin",
    )
    assert [date.isoformat() for date in recurrence.dates] == [
        "2026-07-02T03:00:00+00:00",
        "2026-07-03T12:00:00+00:00",
        "2026-07-04T16:00:00+00:00",
    ]
    assert [date.isoformat() for date in recurrence.exceptions] == ["2026-07-05T12:00:00+00:00"]


def test_lines_may_be_indented_and_parted_by_any_space() -> None:
    assert parse("  DTSTART:20260701T080000\r\n\tRRULE:FREQ=DAILY\n", None) == parse(
        "DTSTART:20260701T080000 FREQ=DAILY", "UTC"
    )


@pytest.mark.parametrize("year", ["0002", "2999"])
def test_the_first_and_the_last_year_are_read(year: str) -> None:
    assert parse(f"DTSTART:{year}0601T080000\nRRULE:FREQ=DAILY", None).start.year == int(year)


def test_ten_rules_are_read() -> None:
    assert len(parse("RRULE:FREQ=DAILY\n" * 10, None).rules) == 10


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "names no time"),
        ("DTSTART:20260101T080000", "names no time"),
        ("EXDATE:20260101T080000", "names no time"),
        ("EXRULE:FREQ=DAILY", "line 'EXRULE:FREQ=DAILY' can't be used: write DTSTART, RRULE, RDATE, EXDATE"),
        ("DTSTART:20260101T080000\nDTSTART:20260102T080000\nRRULE:FREQ=DAILY", "more than one DTSTART"),
        ("RRULE:FREQ=DAILY\n" * 11, "more than 10 RRULE lines"),
        ("DTSTART:20260101T080000,20260102T080000\nRRULE:FREQ=DAILY", "is not a time"),
        ("DTSTART:20260230T080000\nRRULE:FREQ=DAILY", "'20260230T080000' is not a time: day"),
        ("DTSTART:20260101T250000\nRRULE:FREQ=DAILY", "is not a time: hour"),
        ("DTSTART:00010101T000000\nRRULE:FREQ=DAILY", "choose a year before 2999"),
        ("DTSTART:99990101T000000\nRRULE:FREQ=DAILY", "choose a year before 2999"),
        ("DTSTART;TZID=Europe/Berlni:20260101T080000\nRRULE:FREQ=DAILY", "did you mean 'Europe/Berlin'"),
        ("RDATE;VALUE=PERIOD:20260101T080000Z/PT1H", "parameter 'VALUE=PERIOD' can't be used"),
        ("RDATE:", "'' is not a time"),
    ],
)
def test_a_line_that_can_not_be_read_is_named(text: str, reason: str) -> None:
    with pytest.raises(ScheduleError, match=reason):
        parse(text, "UTC")

from datetime import UTC, datetime
from itertools import islice

import pytest

from perijove.errors import ScheduleError
from perijove.recurrence import cron, instants, validate
from perijove.schemas.schedules import CronSchedule

AFTER = datetime(2026, 1, 1, 12, tzinfo=UTC)  # a Thursday


def fires(expression: str, number: int = 3, day_or: bool = True) -> list[str]:
    found = islice(instants(CronSchedule(cron=expression, day_or=day_or), AFTER), number)
    return [instant.strftime("%a %d %b %Y %H:%M") for instant in found]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("30 8 * * *", "Fri 02 Jan 2026 08:30"),
        ("0 8 * * MON-FRI", "Fri 02 Jan 2026 08:00"),
        ("0 8 * * sat,sun", "Sat 03 Jan 2026 08:00"),
        ("0 8 * * 7", "Sun 04 Jan 2026 08:00"),
        ("0 8 * * fri-mon", "Fri 02 Jan 2026 08:00"),
        ("10-20/5 12 * * *", "Thu 01 Jan 2026 12:10"),
        ("5/20 * * * *", "Thu 01 Jan 2026 12:05"),
        ("0 0 * feb *", "Sun 01 Feb 2026 00:00"),
        ("0 0 L * *", "Sat 31 Jan 2026 00:00"),
        ("0 0 L 2 *", "Sat 28 Feb 2026 00:00"),
        ("0 0 * * L5", "Fri 30 Jan 2026 00:00"),
        ("0 0 * * 5#2", "Fri 09 Jan 2026 00:00"),
        ("0 0 * * 5#5", "Fri 30 Jan 2026 00:00"),
        ("0 0 * 7 L5", "Fri 31 Jul 2026 00:00"),
        ("0 0 * 2 6#1", "Sat 07 Feb 2026 00:00"),
        ("0 0 29 2 *", "Tue 29 Feb 2028 00:00"),
        ("0 0 ? * *", "Fri 02 Jan 2026 00:00"),
        ("@yearly", "Fri 01 Jan 2027 00:00"),
        ("@annually", "Fri 01 Jan 2027 00:00"),
        ("@monthly", "Sun 01 Feb 2026 00:00"),
        ("@weekly", "Sun 04 Jan 2026 00:00"),
        ("@daily", "Fri 02 Jan 2026 00:00"),
        ("@midnight", "Fri 02 Jan 2026 00:00"),
        ("@HOURLY", "Thu 01 Jan 2026 13:00"),
        ("  0   8 *\t* * ", "Fri 02 Jan 2026 08:00"),
    ],
)
def test_the_first_instant_of_a_line(expression: str, expected: str) -> None:
    assert fires(expression, 1) == [expected]


def test_either_day_field_is_enough() -> None:
    assert fires("0 0 13 * 5") == ["Fri 02 Jan 2026 00:00", "Fri 09 Jan 2026 00:00", "Tue 13 Jan 2026 00:00"]


def test_both_day_fields_must_fit_if_asked() -> None:
    assert fires("0 0 13 * 5", 2, day_or=False) == ["Fri 13 Feb 2026 00:00", "Fri 13 Mar 2026 00:00"]


def test_either_day_field_is_enough_beside_a_numbered_weekday() -> None:
    assert fires("0 0 13 * 5#3") == ["Tue 13 Jan 2026 00:00", "Fri 16 Jan 2026 00:00", "Fri 13 Feb 2026 00:00"]


def test_a_day_that_a_month_lacks_is_left_out() -> None:
    assert fires("0 0 31 * *") == ["Sat 31 Jan 2026 00:00", "Tue 31 Mar 2026 00:00", "Sun 31 May 2026 00:00"]


def test_the_rarest_line_of_all_is_found() -> None:
    assert fires("0 0 29 2 1", 2, day_or=False) == ["Mon 29 Feb 2044 00:00", "Mon 29 Feb 2072 00:00"]


def test_the_question_is_exclusive() -> None:
    assert fires("0 12 * * *", 1) == ["Fri 02 Jan 2026 12:00"]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "has 0 fields where five are expected"),
        ("0 8 * *", "has 4 fields where five are expected"),
        ("0 0 8 * * *", "has 6 fields where five are expected"),
        ("0 0 8 * * * 2026", "has 7 fields where five are expected"),
        ("H * * * *", "asks for a random time"),
        ("0 H(0-7) * * *", "asks for a random time"),
        ("0 1,R/4 * * *", "asks for a random time"),
        ("0 0 15W * *", "nearest working day"),
        ("0 9-9 * * *", "has a range of one value: write '9' for that value"),
        ("0 9-09 * * *", "has a range of one value"),
        ("@reboot", "is not a name that is known"),
        ("60 * * * *", "'60' is not a minute"),
        ("0 24 * * *", "'24' is not an hour"),
        ("0 0 0 * *", "'0' is not a day of the month"),
        ("0 0 32 * *", "'32' is not a day of the month"),
        ("0 0 * 13 *", "'13' is not a month"),
        ("0 0 * juny *", "'juny' is not a month"),
        ("0 0 * * 8", "'8' is not a weekday"),
        ("0 0 * * 1#6", "'1#6' is not a weekday"),
        ("*/0 * * * *", "'\\*/0' is not a minute"),
        ("0 0 * * 1#2,3", "'1#2,3' is not a weekday"),
        ("a b c d e", "'a' is not a minute"),
        ("0 0 30 2 *", "never fires"),
        ("0 0 31 4,6,9,11 *", "never fires"),
        ("0 0 29 2 1#1", "never fires"),
        (",".join(["1"] * 600) + " * * * *", "is longer than 1000 characters"),
    ],
)
def test_a_line_that_means_nothing_is_refused_with_the_reason(expression: str, reason: str) -> None:
    with pytest.raises(ScheduleError, match=reason):
        validate(CronSchedule(cron=expression, day_or=False))


@pytest.mark.parametrize("expression", ["0 0 30 * *", "0 0 30 2,3 *", "0 0 29 2 *", "0 0 31 2 5"])
def test_a_line_that_fires_now_and_then_is_accepted(expression: str) -> None:
    validate(CronSchedule(cron=expression))


def test_an_unknown_timezone_is_refused() -> None:
    with pytest.raises(ScheduleError, match="did you mean 'Europe/Berlin'"):
        validate(CronSchedule(cron="* * * * *", timezone="Europe/Berlni"))


@pytest.mark.parametrize(
    ("expression", "real_time"),
    [
        ("0 8 * * *", False),
        ("0 1-3 * * *", False),
        ("0 0,12 * * *", False),
        ("0 0-22/2 * * *", False),
        ("* 8 * * *", True),
        ("*/5 8 * * *", True),
        ("0 * * * *", True),
        ("0 */6 * * *", True),
        ("0 0-23 * * *", True),
        ("0-59 8 * * *", True),
    ],
)
def test_a_star_in_the_minute_or_hour_follows_real_time(expression: str, real_time: bool) -> None:
    assert cron.parse(expression, True).follows_real_time is real_time

import calendar
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from perijove.recurrence import days, rules

START = datetime.fromisoformat("2026-01-05T08:00")


def named(text: str, year: int) -> list[str]:
    rule = rules.parse(text, START, ZoneInfo("UTC"))
    return [date.fromordinal(day).strftime("%a %d %b") for day in days.of_year(rule, year)]


@pytest.mark.parametrize(
    ("text", "year", "expected"),
    [
        ("FREQ=YEARLY", 2027, ["Tue 05 Jan"]),
        ("FREQ=YEARLY;BYYEARDAY=-1,60", 2028, ["Tue 29 Feb", "Sun 31 Dec"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", 2027, []),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", 2027, ["Sun 28 Feb"]),
        ("FREQ=YEARLY;BYDAY=1MO,-1SU", 2027, ["Mon 04 Jan", "Sun 26 Dec"]),
        ("FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU", 2027, ["Sun 28 Mar", "Sun 31 Oct"]),
        (
            "FREQ=MONTHLY;BYMONTH=2;BYDAY=2TU,FR",
            2027,
            ["Fri 05 Feb", "Tue 09 Feb", "Fri 12 Feb", "Fri 19 Feb", "Fri 26 Feb"],
        ),
        ("FREQ=MONTHLY;BYMONTH=1,2;BYDAY=5FR", 2027, ["Fri 29 Jan"]),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO,SU", 2027, ["Sun 03 Jan"]),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,SU", 2025, ["Sun 05 Jan", "Mon 29 Dec"]),
        ("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO,SU", 2026, ["Mon 28 Dec"]),
        ("FREQ=YEARLY;BYWEEKNO=-2;BYDAY=MO,SU", 2026, ["Mon 21 Dec", "Sun 27 Dec"]),
        ("FREQ=YEARLY;BYWEEKNO=1;WKST=SU;BYDAY=SU,SA", 2026, ["Sun 04 Jan", "Sat 10 Jan"]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 2028, []),
    ],
)
def test_the_days_of_a_year(text: str, year: int, expected: list[str]) -> None:
    assert named(text, year) == expected


def test_each_weekday_of_a_year_may_stand_beside_a_numbered_one() -> None:
    found = named("FREQ=YEARLY;BYDAY=2MO,TU", 2027)
    assert found[:3] == ["Tue 05 Jan", "Mon 11 Jan", "Tue 12 Jan"]
    assert len(found) == 52 + 1


def test_a_rule_without_limits_names_every_day() -> None:
    assert [len(named("FREQ=DAILY", year)) for year in (2027, 2028)] == [365, 366]


@pytest.mark.parametrize("year", [2000, 2023, 2024, 2100, 2399, 2400, 2999])
def test_years_of_one_kind_are_never_taken_for_another(year: int) -> None:
    leap_day = ["29"] if calendar.isleap(year) else []
    assert [day[4:6] for day in named("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", year)] == leap_day
    assert named("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1", year) == [date(year, 1, 1).strftime("%a %d %b")]

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from perijove.errors import ScheduleError
from perijove.recurrence.rules import Frequency, Rule, parse

START = datetime.fromisoformat("2026-01-05T08:30:15")  # a Monday
BERLIN = ZoneInfo("Europe/Berlin")


def rule(text: str) -> Rule:
    return parse(text, START, BERLIN)


def test_every_part_is_read() -> None:
    text = (
        "FREQ=YEARLY;INTERVAL=2;COUNT=9;UNTIL=20301231T230000Z;WKST=SU;BYMONTH=3,1;BYYEARDAY=-1,100;BYMONTHDAY=1,-1;"
        "BYDAY=-1FR,MO,+2TU;BYHOUR=8,7;BYMINUTE=0;BYSECOND=59;BYSETPOS=-2,1"
    )
    assert rule(text) == Rule(
        frequency=Frequency.YEARLY,
        interval=2,
        count=9,
        until=datetime.fromisoformat("2030-12-31T23:00:00+00:00"),
        week_start=6,
        months=(1, 3),
        year_days=(-1, 100),
        month_days=(-1, 1),
        weekdays=((0, 0), (1, 2), (4, -1)),
        hours=(7, 8),
        minutes=(0,),
        seconds=(59,),
        positions=(-2, 1),
    )


def test_small_letters_and_a_last_semicolon_are_read() -> None:
    assert rule("freq=weekly;byday=mo;") == rule("FREQ=WEEKLY;BYDAY=MO")


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("FREQ=YEARLY", {"months": (1,), "month_days": (5,), "hours": (8,), "minutes": (30,), "seconds": (15,)}),
        ("FREQ=YEARLY;BYMONTH=3", {"months": (3,), "month_days": (5,), "hours": (8,)}),
        ("FREQ=YEARLY;BYWEEKNO=3", {"months": (), "month_days": (), "weekdays": ()}),
        ("FREQ=MONTHLY", {"months": (), "month_days": (5,), "hours": (8,)}),
        ("FREQ=MONTHLY;BYDAY=2MO", {"month_days": (), "weekdays": ((0, 2),)}),
        ("FREQ=WEEKLY", {"weekdays": ((0, 0),), "month_days": (), "hours": (8,)}),
        ("FREQ=DAILY", {"weekdays": (), "month_days": (), "hours": (8,), "minutes": (30,), "seconds": (15,)}),
        ("FREQ=DAILY;BYHOUR=9", {"hours": (9,), "minutes": (30,), "seconds": (15,)}),
        ("FREQ=HOURLY", {"hours": (), "minutes": (30,), "seconds": (15,)}),
        ("FREQ=MINUTELY", {"hours": (), "minutes": (), "seconds": (15,)}),
        ("FREQ=SECONDLY", {"hours": (), "minutes": (), "seconds": ()}),
    ],
)
def test_what_a_rule_leaves_open_comes_from_its_start(text: str, filled: dict[str, object]) -> None:
    found = rule(text)
    assert {name: getattr(found, name) for name in filled} == filled


def test_a_floating_until_is_in_the_timezone_of_the_start() -> None:
    until = rule("FREQ=DAILY;UNTIL=20260701T120000").until
    assert until is not None
    assert until.isoformat() == "2026-07-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FREQ=DAILLY", "has no FREQ: write one of YEARLY, MONTHLY"),
        ("INTERVAL=2", "has no FREQ"),
        ("FREQ=DAILY;BYEASTER=0", "part 'BYEASTER=0' is not known"),
        ("FREQ=DAILY;FREQ=WEEKLY", "has FREQ twice"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 can't be read: write a number from 1 up"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1 can't be read"),
        ("FREQ=DAILY;INTERVAL=", "INTERVAL= can't be read"),
        ("FREQ=DAILY;INTERVAL=36501", "INTERVAL=36501 is more than a century: write 36500 at most"),
        ("FREQ=YEARLY;INTERVAL=101", "more than a century"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0 can't be read"),
        ("FREQ=DAILY;UNTIL=tomorrow", "'TOMORROW' is not a time"),
        ("FREQ=DAILY;BYMONTH=13", "BYMONTH=13 can't be read: write numbers from 1 to 12."),
        ("FREQ=DAILY;BYMONTH=-1", "BYMONTH=-1 can't be read"),
        ("FREQ=DAILY;BYMONTHDAY=0", "write numbers from 1 to 31, or -1 to -31 from the end"),
        ("FREQ=DAILY;BYMONTHDAY=-32", "BYMONTHDAY=-32 can't be read"),
        ("FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY=367 can't be read"),
        ("FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO=54 can't be read"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR=24 can't be read: write numbers from 0 to 23"),
        ("FREQ=DAILY;BYMINUTE=60", "BYMINUTE=60 can't be read"),
        ("FREQ=DAILY;BYSECOND=60", "BYSECOND=60 can't be read"),
        ("FREQ=DAILY;BYHOUR=8,x", "BYHOUR=8,X can't be read"),
        ("FREQ=MONTHLY;BYSETPOS=0", "BYSETPOS=0 can't be read"),
        ("FREQ=WEEKLY;BYDAY=MON", "BYDAY=MON can't be read"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY=0MO can't be read"),
        ("FREQ=WEEKLY;WKST=8", "WKST=8 can't be read"),
        ("FREQ=WEEKLY;BYDAY=2MO", "needs FREQ=MONTHLY, or YEARLY"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=2MO", "needs FREQ=MONTHLY, or YEARLY without BYWEEKNO"),
        ("FREQ=MONTHLY;BYDAY=6MO", "asks for weekday number 6"),
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO", "asks for weekday number 6"),
        ("FREQ=YEARLY;BYDAY=54MO", "asks for weekday number 54"),
    ],
)
def test_a_part_that_can_not_be_read_is_named(text: str, reason: str) -> None:
    with pytest.raises(ScheduleError, match=reason):
        rule(text)


@pytest.mark.parametrize("text", ["FREQ=YEARLY;BYDAY=53MO", "FREQ=MONTHLY;BYDAY=-5MO", "FREQ=DAILY;INTERVAL=36500"])
def test_the_greatest_numbers_are_read(text: str) -> None:
    rule(text)

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from perijove.errors import ScheduleError
from perijove.recurrence import build
from perijove.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule

SIX = datetime.fromisoformat("2026-07-01T06:00")


def test_a_cron_line() -> None:
    built = build(cron=" 0 8 * * 1-5 ", timezone="Europe/Berlin", day_or=False)
    assert built == CronSchedule(cron="0 8 * * 1-5", timezone="Europe/Berlin", day_or=False)


def test_an_interval_without_an_anchor_keeps_none() -> None:
    assert build(interval="1h30m") == IntervalSchedule(interval=timedelta(minutes=90))


def test_a_rule_is_in_utc_unless_it_says_otherwise() -> None:
    assert build(rrule="FREQ=DAILY\n") == RRuleSchedule(rrule="FREQ=DAILY", timezone="UTC")
    assert build(rrule="FREQ=DAILY", timezone="Asia/Tokyo").timezone == "Asia/Tokyo"


@pytest.mark.parametrize(
    "anchor", [SIX, "2026-07-01 06:00", "2026-07-01T13:00+09:00", SIX.replace(tzinfo=ZoneInfo("Europe/Berlin"))]
)
def test_a_naive_anchor_is_in_the_schedules_timezone(anchor: datetime | str) -> None:
    built = build(interval="1d", anchor=anchor, timezone="Europe/Berlin")
    assert isinstance(built, IntervalSchedule)
    assert built.anchor_date == datetime(2026, 7, 1, 4, tzinfo=UTC)


def test_a_naive_anchor_is_in_utc_without_a_timezone() -> None:
    built = build(interval="1d", anchor="2026-07-01")
    assert isinstance(built, IntervalSchedule)
    assert built.anchor_date == datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize("given", [{}, {"cron": "* * * * *", "interval": 60}, {"cron": "", "rrule": ""}])
def test_exactly_one_kind_must_be_given(given: dict[str, str]) -> None:
    with pytest.raises(ScheduleError, match="give exactly one of them"):
        build(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"cron": "0 25 * * *"}, "'25' is not an hour"),
        ({"cron": ""}, "has 0 fields"),
        ({"interval": "soon"}, "is not a length of time"),
        ({"interval": 0}, "leads nowhere"),
        ({"interval": 0.5}, "between a second and a hundred years"),
        ({"interval": "1h", "anchor": "noon"}, "The anchor 'noon' is not a time"),
        ({"interval": "1h", "anchor": "2026-01-01", "timezone": "Nowhere"}, "is not an IANA timezone"),
        ({"rrule": "FREQ=NEVER"}, "has no FREQ"),
        ({"rrule": ""}, "names no time"),
        ({"rrule": "FREQ=DAILY;" * 600}, "longer than 6500 characters"),
        ({"rrule": "FREQ=DAILY", "timezone": ""}, "is not an IANA timezone"),
        ({"cron": "* * * * *", "anchor": "2026-01-01"}, "give it with interval alone"),
        ({"interval": "1h", "day_or": False}, "give it with cron alone"),
    ],
)
def test_what_means_nothing_is_refused(given: dict[str, str], reason: str) -> None:
    with pytest.raises(ScheduleError, match=reason):
        build(**given)  # type: ignore[arg-type]

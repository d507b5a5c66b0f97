from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from perijove import recurrence
from perijove.recurrence import build, instants
from perijove.schemas.schedules import Schedule

AFTER = datetime(2026, 1, 1, 12, tzinfo=UTC)
SCHEDULES = [
    build(cron="*/7 * * * *", timezone="Europe/Berlin"),
    build(cron="5 4 * * *", timezone="Europe/Berlin"),
    build(interval="7m", anchor=AFTER),
    build(interval="2d", anchor=AFTER, timezone="Europe/Berlin"),
    build(rrule="FREQ=HOURLY;INTERVAL=5", timezone="Europe/Berlin"),
    build(rrule="FREQ=DAILY;BYHOUR=4", timezone="Europe/Berlin"),
]
any_kind = pytest.mark.parametrize("schedule", SCHEDULES, ids=recurrence.describe)


def test_the_package_exports_these_names() -> None:
    assert recurrence.__all__ == ["build", "describe", "instants", "validate"]


@any_kind
def test_instants_are_found_one_by_one(schedule: Schedule) -> None:
    found = instants(schedule, AFTER)
    assert isinstance(found, Iterator)
    assert next(found) < next(found)


@any_kind
def test_instants_are_in_utc_and_later_than_asked(schedule: Schedule) -> None:
    first = next(instants(schedule, AFTER))
    assert first.tzinfo is UTC
    assert next(instants(schedule, first)) > first
    assert next(instants(schedule, first - timedelta(microseconds=1))) == first


@any_kind
def test_the_question_may_be_put_in_any_timezone(schedule: Schedule) -> None:
    elsewhere = datetime.fromisoformat("2026-01-01T21:00+09:00")
    assert list(islice(instants(schedule, elsewhere), 5)) == list(islice(instants(schedule, AFTER), 5))


@any_kind
def test_a_naive_question_is_in_utc(schedule: Schedule) -> None:
    assert next(instants(schedule, AFTER.replace(tzinfo=None))) == next(instants(schedule, AFTER))


@any_kind
def test_the_calendar_ends_without_an_error(schedule: Schedule) -> None:
    assert list(instants(schedule, datetime.max.replace(tzinfo=UTC))) == []
    assert next(instants(schedule, datetime.min.replace(tzinfo=UTC))) > datetime.min.replace(tzinfo=UTC)
    near_the_end = instants(schedule, datetime(2999, 12, 30, tzinfo=UTC))
    assert list(near_the_end)[-1] < datetime(3000, 1, 2, tzinfo=UTC)

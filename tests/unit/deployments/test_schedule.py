"""A schedule's next runs, as they are shown."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from perijove.deployments.listing import Schedules
from perijove.deployments.schedule import NamedSchedule, next_run, upcoming
from perijove.schemas.schedules import CronSchedule, DeploymentSchedule, IntervalSchedule, Schedule

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EIGHT = CronSchedule(cron="0 8 * * *", timezone="Europe/Berlin")


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def _stored(schedule: Schedule, **fields: Any) -> dict[str, Any]:
    return {"id": uuid4(), "created": NOW, "updated": NOW, "schedule": schedule, **fields}


def test_the_next_runs_are_in_utc() -> None:
    assert upcoming(EIGHT, 2) == [datetime(2026, 11, 25, 7, tzinfo=UTC), datetime(2026, 11, 26, 7, tzinfo=UTC)]


def test_an_interval_without_an_anchor_counts_from_now() -> None:
    assert upcoming(IntervalSchedule(interval=timedelta(minutes=7)), 1) == [NOW + timedelta(minutes=7)]


def test_a_paused_schedule_has_no_next_run() -> None:
    assert next_run([DeploymentSchedule(**_stored(EIGHT, active=False))]) is None
    assert NamedSchedule(deployment="f/d", **_stored(EIGHT, active=False)).upcoming() == []


def test_the_next_run_is_the_first_of_all_schedules() -> None:
    soon = IntervalSchedule(interval=timedelta(hours=1), anchor_date=NOW)
    both = [DeploymentSchedule(**_stored(each)) for each in (EIGHT, soon)]
    assert next_run(both) == NOW + timedelta(hours=1)


def test_schedules_show_their_next_five_runs_in_their_own_timezone() -> None:
    shown = str(Schedules([NamedSchedule(deployment="f/d", **_stored(EIGHT))]))
    assert shown.count("08:00 CET") == 5
    assert "Wed 25 Nov 2026 08:00 CET" in shown


def test_no_schedules_are_told_too() -> None:
    assert str(Schedules()) == "There are no schedules."

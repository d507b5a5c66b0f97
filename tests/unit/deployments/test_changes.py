"""What a redeploy changed, and which schedules are the same."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from perijove import recurrence
from perijove.deployments.apply import Applied
from perijove.deployments.changes import change_words, same_schedules
from perijove.schemas.deployments import Deployment
from perijove.schemas.schedules import (
    CronSchedule,
    DeploymentSchedule,
    DeploymentScheduleCreate,
    IntervalSchedule,
    Schedule,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)
EIGHT = CronSchedule(cron="0 8 * * *", timezone="Europe/Berlin")


def _stored(schedule: Schedule, **fields: Any) -> DeploymentSchedule:
    return DeploymentSchedule(id=uuid4(), created=NOW, updated=NOW, schedule=schedule, **fields)


def _deployment(**fields: Any) -> Deployment:
    return Deployment(id=uuid4(), created=NOW, updated=NOW, name="prod", flow_id=uuid4(), **fields)


def _same(before: list[Schedule], wanted: list[Schedule]) -> bool:
    return same_schedules(
        [_stored(each) for each in before], [DeploymentScheduleCreate(schedule=each) for each in wanted]
    )


def test_schedules_are_the_same_in_any_order() -> None:
    nine = CronSchedule(cron="0 9 * * *")
    assert _same([EIGHT, nine], [nine, EIGHT])


def test_a_schedule_more_less_or_other_makes_a_difference() -> None:
    assert not _same([EIGHT], [])
    assert not _same([], [EIGHT])
    assert not _same([EIGHT], [EIGHT, EIGHT])
    assert not _same([EIGHT], [EIGHT.model_copy(update={"timezone": "UTC"})])


def test_no_timezone_is_utc() -> None:
    assert _same([CronSchedule(cron="@daily", timezone="UTC")], [CronSchedule(cron="@daily")])


def test_an_interval_without_an_anchor_keeps_the_one_it_has() -> None:
    known = IntervalSchedule(interval=timedelta(hours=1), anchor_date=NOW)
    assert _same([known], [IntervalSchedule(interval=timedelta(hours=1))])
    assert not _same([known], [IntervalSchedule(interval=timedelta(hours=1), anchor_date=NOW + timedelta(minutes=1))])


def test_a_paused_schedule_is_still_the_same_schedule() -> None:
    assert same_schedules([_stored(EIGHT, active=False)], [DeploymentScheduleCreate(schedule=EIGHT)])


def test_a_new_deployment_has_no_changes() -> None:
    assert Applied("report", _deployment(), None).changes == []


def test_a_secret_that_changed_is_told_without_what_it_is() -> None:
    schema = {"properties": {"token": {"type": "string", "format": "password"}}}
    before, after = (
        _deployment(
            parameters={"token": word},
            parameter_openapi_schema=schema,
            schedules=[_stored(EIGHT, parameters={"token": word})],
        )
        for word in ("s3cret", "s3cond")
    )
    told = [change_words(change) for change in Applied("report", after, before).changes]
    assert [each.partition(":")[0] for each in told] == ["parameters", "schedules"]
    assert "s3c" not in " ".join(told)


def test_changes_are_told_field_by_field() -> None:
    before = _deployment(version="1", tags=["a"], schedules=[_stored(EIGHT)])
    after = _deployment(version="2", tags=["a"], schedules=[])
    told = {change.field: (change.before, change.after) for change in Applied("report", after, before).changes}
    assert told["version"] == ("1", "2")
    assert told["schedules"] == ([recurrence.describe(EIGHT)], [])
    assert set(told) == {"version", "schedules"}

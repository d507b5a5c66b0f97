"""Catch-up and overlap are dropped for a server that has neither, and never silently."""

import pytest

from perijove.client import Target
from perijove.deployments import policies
from perijove.errors import ScheduleError
from perijove.schemas.schedules import DeploymentScheduleCreate

OURS = Target("http://127.0.0.1:1/api", "embedded")
PREFECT = Target("http://127.0.0.1:2/api", "remote")
PLAIN = DeploymentScheduleCreate(schedule={"cron": "@daily"}, slug="daily")
CAUGHT_UP = DeploymentScheduleCreate(schedule={"cron": "@daily"}, slug="daily", catchup="all", overlap="skip")


def test_prefect_is_sent_nothing_that_it_would_refuse() -> None:
    (sent,) = policies.taken(PREFECT, [CAUGHT_UP])
    assert sent.model_dump(exclude_unset=True) == PLAIN.model_dump(exclude_unset=True)
    assert policies.taken(OURS, [CAUGHT_UP]) == [CAUGHT_UP]


def test_what_is_not_kept_is_told_where_it_was_asked_for() -> None:
    assert policies.unkept(PREFECT, [PLAIN, CAUGHT_UP]) == [policies.INSTEAD]
    assert (
        policies.unkept(PREFECT, [PLAIN]) == policies.unkept(PREFECT, None) == policies.unkept(OURS, [CAUGHT_UP]) == []
    )


def test_a_schedule_that_is_added_for_its_catch_up_is_refused_where_there_is_none() -> None:
    policies.require(OURS, [CAUGHT_UP])
    with pytest.raises(ScheduleError, match="Leave out --catchup and --overlap on http://127.0.0.1:2/api"):
        policies.require(PREFECT, [CAUGHT_UP])

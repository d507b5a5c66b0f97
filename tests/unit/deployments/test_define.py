"""A user's words become a request, or a refusal."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from perijove.deployments.define import Source, Wishes, request, schedules, settle, wish
from perijove.errors import ParameterError, ScheduleError, UsageError
from perijove.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"top": {"type": "integer"}}}
SOURCE = Source(
    flow_name="report",
    entrypoint="perijove_exports/report.py:report",
    directory=Path("/notebooks"),
    parameter_schema=SCHEMA,
    description="The flow's docstring.",
    version="abc",
)


def test_each_word_of_time_makes_a_schedule() -> None:
    wanted = schedules(cron=["0 8 * * *", "@daily"], interval=["15m"], rrule=["FREQ=WEEKLY"], timezone="Europe/Berlin")
    assert wanted is not None
    made = [each.schedule for each in wanted]
    assert [type(each) for each in made] == [CronSchedule, CronSchedule, IntervalSchedule, RRuleSchedule]
    assert {each.timezone for each in made} == {"Europe/Berlin"}
    assert isinstance(made[2], IntervalSchedule)
    assert made[2].interval == timedelta(minutes=15)


def test_no_words_of_time_leave_the_schedules_unsaid() -> None:
    assert schedules() is None


def test_asking_for_none_is_not_the_same_as_asking_for_nothing() -> None:
    assert schedules(none=True) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"cron": ["* * * * * *"]}, "6 fields"),
        ({"cron": ["0 8 * * *"], "timezone": "Europe/Berlni"}, "did you mean 'Europe/Berlin'"),
        ({"interval": ["soon"]}, "soon"),
        ({"timezone": "Europe/Berlin"}, "timezone belongs to a schedule"),
        ({"cron": ["0 8 * * *"], "anchor": "2026-01-01"}, "anchor"),
        ({"cron": ["0 8 * * *"], "none": True}, "no-schedule"),
    ],
)
def test_a_schedule_that_means_nothing_is_refused(words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ScheduleError, match=sentence):
        schedules(**words)


@pytest.mark.parametrize("name", ["a/b", "", "  ", "50%", "a\nb", "a\x1bb", "<b>", "a\ud800"])
def test_a_name_that_can_not_stand_in_a_path_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="can't name a deployment"):
        settle(Wishes(name=name), flow_name="report", parameter_schema=SCHEMA)


def test_words_are_read_by_the_schema() -> None:
    settled = settle(wish(name="prod", params=["top=3"]), flow_name="report", parameter_schema=SCHEMA)
    assert settled.parameters == {"top": 3}


def test_a_parameter_that_the_schema_refuses_is_told_with_the_deployment() -> None:
    with pytest.raises(ParameterError, match="report/prod refuses parameter 'top'"):
        settle(wish(name="prod", params=["top=many"]), flow_name="report", parameter_schema=SCHEMA)


def test_the_request_finds_the_file_from_its_directory() -> None:
    wanted = request(SOURCE, Wishes(), uuid4())
    assert wanted.entrypoint == "perijove_exports/report.py:report"
    assert wanted.pull_steps == [
        {"prefect.deployments.steps.set_working_directory": {"directory": "/notebooks"}},
    ]


def test_the_source_says_what_the_user_leaves_unsaid() -> None:
    wanted = request(SOURCE, Wishes(), uuid4())
    assert (wanted.name, wanted.description, wanted.version) == ("default", "The flow's docstring.", "abc")


def test_what_the_user_says_goes_before_the_source() -> None:
    wanted = request(SOURCE, Wishes(description="", version="1.0", tags=["b", "a", "b"]), uuid4())
    assert (wanted.description, wanted.version, wanted.tags) == ("", "1.0", ["b", "a"])

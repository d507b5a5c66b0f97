"""When a deployment runs: an interval, a cron line or an iCalendar rule. What they mean in time is ``recurrence``'s."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainSerializer

from perijove.schemas.base import Instant, JsonObject, Request, Stored

Seconds = Annotated[timedelta, PlainSerializer(timedelta.total_seconds, return_type=float, when_used="json")]
"""A length of time; on the wire a number of seconds."""

FEWEST_RUNS = 3
MOST_RUNS = 100
SHORTEST_REACH = timedelta(hours=1)
"""How many runs of a schedule are kept ahead, and for how long (Prefect's numbers)."""


class IntervalSchedule(Request):
    """Every ``interval``, counted from ``anchor_date`` (None: from when the schedule is first stored)."""

    interval: Seconds = Field(gt=timedelta(0))
    anchor_date: Instant | None = None
    timezone: str | None = None


class CronSchedule(Request):
    """Five cron fields, or a name such as ``@daily``. ``day_or``: cron's own OR of day-of-month and day-of-week."""

    cron: str
    timezone: str | None = None
    day_or: bool = True


class RRuleSchedule(Request):
    """An RFC 5545 recurrence rule, with or without DTSTART, RDATE and EXDATE lines."""

    rrule: str = Field(max_length=6500)
    timezone: str | None = "UTC"


Schedule = IntervalSchedule | CronSchedule | RRuleSchedule


class Catchup(StrEnum):
    """What becomes of a schedule's instants that passed while no server ran: the last one is made up for, or all
    (100 at most), or none. Perijove's own; Prefect's clients don't send it."""

    LATEST = "latest"
    ALL = "all"
    NONE = "none"


class Overlap(StrEnum):
    """What becomes of a run whose predecessor of the same schedule goes on: it begins all the same, is cancelled, or
    waits. Perijove's own; Prefect's clients don't send it."""

    ALLOW = "allow"
    SKIP = "skip"
    QUEUE = "queue"


class DeploymentScheduleCreate(Request):
    schedule: Schedule
    active: bool = True
    parameters: JsonObject = Field(default_factory=dict)
    slug: str | None = None
    max_scheduled_runs: int | None = Field(default=None, gt=0)
    replaces: str | None = None
    catchup: Catchup = Catchup.LATEST
    overlap: Overlap = Overlap.ALLOW


class DeploymentScheduleUpdate(Request):
    schedule: Schedule | None = None
    active: bool | None = None
    parameters: JsonObject | None = None
    slug: str | None = None
    max_scheduled_runs: int | None = Field(default=None, gt=0)
    replaces: str | None = None
    catchup: Catchup | None = None
    overlap: Overlap | None = None


class RunsAhead(Request):
    """Which runs to make of a schedule: at least ``min_runs``, and until ``start_time`` + ``min_time``, but at most
    ``max_runs``, and none after ``end_time``. Without a start it is now; without an end, as far as the scheduler looks.
    """

    start_time: Instant | None = None
    end_time: Instant | None = None
    min_time: Seconds = Field(default=SHORTEST_REACH, ge=timedelta(0))
    min_runs: int = Field(default=FEWEST_RUNS, ge=0)
    max_runs: int = Field(default=MOST_RUNS, ge=0, le=1000)


class DeploymentSchedule(Stored):
    deployment_id: UUID | None = None
    schedule: Schedule
    active: bool = True
    parameters: JsonObject = Field(default_factory=dict)
    slug: str | None = None
    max_scheduled_runs: int | None = None
    catchup: Catchup = Catchup.LATEST
    overlap: Overlap = Overlap.ALLOW

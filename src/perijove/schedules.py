"""Schedules as values, for ``serve``, ``deploy`` and ``to_deployment``: Prefect's ``prefect.schedules``."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from perijove import recurrence
from perijove.schemas.schedules import DeploymentScheduleCreate, Schedule

__all__ = ["Cron", "Interval", "RRule"]


def Cron(  # noqa: N802  (Prefect's name)
    cron: str,
    /,
    timezone: str | None = None,
    day_or: bool = True,
    active: bool = True,
    parameters: Mapping[str, Any] | None = None,
    slug: str | None = None,
) -> DeploymentScheduleCreate:
    """Five cron fields or ``@daily`` and the like, in an IANA timezone (None: UTC). Raises ScheduleError."""
    return _schedule(recurrence.build(cron=cron, timezone=timezone, day_or=day_or), active, parameters, slug)


def Interval(  # noqa: N802
    interval: timedelta | float | str,
    /,
    anchor_date: datetime | str | None = None,
    timezone: str | None = None,
    active: bool = True,
    parameters: Mapping[str, Any] | None = None,
    slug: str | None = None,
) -> DeploymentScheduleCreate:
    """Every so many seconds, or ``15m``, counted from ``anchor_date``. Raises ScheduleError."""
    schedule = recurrence.build(interval=interval, timezone=timezone, anchor=anchor_date)
    return _schedule(schedule, active, parameters, slug)


def RRule(  # noqa: N802
    rrule: str,
    /,
    timezone: str | None = "UTC",
    active: bool = True,
    parameters: Mapping[str, Any] | None = None,
    slug: str | None = None,
) -> DeploymentScheduleCreate:
    """An RFC 5545 recurrence rule. Raises ScheduleError."""
    return _schedule(recurrence.build(rrule=rrule, timezone=timezone), active, parameters, slug)


def _schedule(
    schedule: Schedule, active: bool, parameters: Mapping[str, Any] | None, slug: str | None
) -> DeploymentScheduleCreate:
    said = {"active": active} if not active else {}
    named = {"slug": slug} if slug else {}
    own = {"parameters": dict(parameters)} if parameters else {}
    return DeploymentScheduleCreate.model_validate({"schedule": schedule, **said, **own, **named})

"""A schedule from what a person types."""

from datetime import datetime, timedelta

from perijove.errors import ScheduleError
from perijove.recurrence import durations, schedules, zones
from perijove.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

_MAX_RRULE = 6500  # characters, as on the wire


def build(
    *,
    cron: str | None = None,
    interval: timedelta | float | str | None = None,
    rrule: str | None = None,
    timezone: str | None = None,
    anchor: datetime | str | None = None,
    day_or: bool = True,
) -> Schedule:
    """The schedule that exactly one of ``cron``, ``interval`` and ``rrule`` gives.

    ``interval`` is a timedelta, a number of seconds or text such as "15m", "1h30m" or "2d". ``anchor`` goes with an
    interval: a datetime or ISO 8601 text; a naive one is in ``timezone``. ``day_or=False`` goes with a cron line
    whose day of the month and weekday must both fit. ``timezone`` is an IANA name; None is UTC.

    Raises ScheduleError for a schedule that means nothing, or never fires, with what to write instead.
    """
    if sum(given is not None for given in (cron, interval, rrule)) != 1:
        raise ScheduleError("A schedule is one of cron, interval and rrule: give exactly one of them.")
    if anchor is not None and interval is None:
        raise ScheduleError("An anchor is where an interval is counted from: give it with interval alone.")
    if not day_or and cron is None:
        raise ScheduleError("day_or=False is about the two day fields of a cron line: give it with cron alone.")
    schedule = _schedule(cron, interval, rrule, timezone, anchor, day_or)
    schedules.validate(schedule)
    return schedule


def _schedule(
    cron: str | None,
    interval: timedelta | float | str | None,
    rrule: str | None,
    timezone: str | None,
    anchor: datetime | str | None,
    day_or: bool,
) -> Schedule:
    if cron is not None:
        return CronSchedule(cron=cron.strip(), timezone=timezone, day_or=day_or)
    if interval is not None:
        anchor_date = None if anchor is None else _instant(anchor, timezone)
        return IntervalSchedule(interval=durations.parse(interval), anchor_date=anchor_date, timezone=timezone)
    text = (rrule or "").strip()
    if len(text) > _MAX_RRULE:
        raise ScheduleError(f"The rrule is longer than {_MAX_RRULE} characters: write a schedule for each part of it.")
    return RRuleSchedule(rrule=text, timezone="UTC" if timezone is None else timezone)


def _instant(anchor: datetime | str, timezone: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(anchor) if isinstance(anchor, str) else anchor
    except ValueError:
        raise ScheduleError(f"The anchor {anchor!r:.66} is not a time: write one such as '2026-01-01 06:00'.") from None
    return zones.resolve(moment, zones.zone(timezone)) if moment.tzinfo is None else moment

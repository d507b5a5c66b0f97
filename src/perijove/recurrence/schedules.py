"""A schedule of any kind: whether it is sound, and when it fires."""

from collections.abc import Iterator
from datetime import datetime
from itertools import dropwhile

from perijove.recurrence import cron, interval, rrule, zones
from perijove.schemas.schedules import CronSchedule, IntervalSchedule, Schedule


def validate(schedule: Schedule) -> None:
    """Raise ScheduleError, with what is wrong and what to write instead, unless the schedule can be kept."""
    match schedule:
        case CronSchedule():
            cron.validate(schedule)
        case IntervalSchedule():
            interval.validate(schedule)
        case _:
            rrule.validate(schedule)


def instants(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """When the schedule fires later than ``after``: aware, in UTC, strictly increasing, found as they are asked for.

    What is due later than an instant does not depend on where the question began. A naive ``after`` is taken as UTC.
    Raises ScheduleError for a schedule that ``validate`` would refuse.
    """
    after = zones.in_utc(after)
    start = zones.within_calendar(after)
    match schedule:
        case CronSchedule():
            found = cron.instants(schedule, start)
        case IntervalSchedule():
            found = interval.instants(schedule, start)
        case _:
            found = rrule.instants(schedule, start)
    return dropwhile(lambda instant: instant <= after, found)

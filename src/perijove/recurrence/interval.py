"""An interval's instants: elapsed time, or the wall clock's where the interval is whole days.

Whole days keep their time of day when the clock is moved: one that a gap swallows fires at the first instant after
the gap and is back at its time the day after, one that a fold repeats fires the first time.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from perijove.errors import ScheduleError
from perijove.recurrence import durations, zones
from perijove.schemas.schedules import IntervalSchedule

_DAY = timedelta(days=1)
_SHORTEST = timedelta(seconds=1)
_LONGEST = timedelta(days=36525)


def validate(schedule: IntervalSchedule) -> None:
    """Raise ScheduleError unless the interval is of a sensible length and in a known timezone."""
    zones.zone(schedule.timezone)
    if not _SHORTEST <= schedule.interval <= _LONGEST:
        raise ScheduleError(
            f"An interval of {durations.words(schedule.interval)} can't be kept: "
            "choose one between a second and a hundred years."
        )
    if schedule.anchor_date and schedule.anchor_date != zones.within_calendar(schedule.anchor_date):
        raise ScheduleError(
            f"The anchor {schedule.anchor_date} is out of reach: choose a year before {zones.LAST_YEAR}."
        )


def is_elapsed_time(interval: timedelta) -> bool:
    """Whether the interval counts real seconds, rather than days of the wall clock."""
    return bool(interval % _DAY)


def instants(schedule: IntervalSchedule, after: datetime) -> Iterator[datetime]:
    """The schedule's instants in UTC, strictly increasing, from ``after`` or a little earlier.

    The anchor gives the phase and is no beginning: instants before it count too, as they do for Prefect.
    """
    tz = zones.zone(schedule.timezone)
    anchor = schedule.anchor_date or zones.resolve(zones.COUNT_FROM, tz)
    if is_elapsed_time(schedule.interval):
        return _steps(anchor, schedule.interval, after)
    walls = _steps(zones.wall_time(anchor, tz), schedule.interval, zones.lowest_wall(after, tz))
    return zones.once(walls, tz)


def _steps(anchor: datetime, step: timedelta, start: datetime) -> Iterator[datetime]:
    """``anchor`` plus and minus whole steps, from ``start`` on."""
    moment = anchor - (anchor - start) // step * step
    while moment.year <= zones.LAST_YEAR:
        yield moment
        moment += step

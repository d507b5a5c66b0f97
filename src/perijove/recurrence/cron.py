"""A cron line's instants. croniter reads the fields; what they mean on a clock that is moved is decided here.

A line whose minute or hour field starts with ``*`` (or names every value) follows real time: it fires at each
instant whose wall time it names, in both passes of a repeated hour and not in a skipped one. Any other line has
fixed times: each fires once, the first time it is shown, and what a gap swallows fires at the first instant after
the gap. That is Debian's rule (its cron(8), on daylight saving).
"""

import calendar
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from croniter import CroniterError, croniter

from perijove.errors import ScheduleError
from perijove.recurrence import zones
from perijove.schemas.schedules import CronSchedule

LAST = -1
"""Among days, or weekdays, of a month: the last."""

_ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_FIELDS = (
    "a minute (0-59)",
    "an hour (0-23)",
    "a day of the month (1-31, or L for the last)",
    "a month (1-12 or JAN-DEC)",
    "a weekday (0-7 or SUN-SAT; 1#2 is the second Monday, L5 the last Friday)",
)
_MAX_LENGTH = 1000  # every value of every field, written out, is shorter
_KINDS_OF_YEAR = range(2001, 2029)  # in any 28 years without a century, each first weekday, leap and not


@dataclass(frozen=True, slots=True)
class Line:
    """The values that each field names; empty where a field names all."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    month_days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]  # 0 is Sunday
    nth_weekdays: tuple[tuple[int, int], ...]  # (weekday, which of the month); if there are any, weekdays says no more
    both_days: bool  # a day must fit month_days and weekdays; otherwise either will do
    follows_real_time: bool


def validate(schedule: CronSchedule) -> None:
    """Raise ScheduleError unless the line can be read, fires at all, and is in a known timezone."""
    zones.zone(schedule.timezone)
    line = parse(schedule.cron, schedule.day_or)
    table = _days_by_month(line)
    if not any(table[calendar.monthrange(year, month)] for year in _KINDS_OF_YEAR for month in _months(line)):
        raise ScheduleError(f"The cron expression {schedule.cron!r} never fires: none of its months has such a day.")


def instants(schedule: CronSchedule, after: datetime) -> Iterator[datetime]:
    """The schedule's instants in UTC, strictly increasing, from ``after`` or a little earlier."""
    tz = zones.zone(schedule.timezone)
    line = parse(schedule.cron, schedule.day_or)
    walls = _walls(line, zones.lowest_wall(after, tz))
    return zones.every_pass(walls, tz) if line.follows_real_time else zones.once(walls, tz)


@lru_cache(maxsize=512)
def parse(expression: str, day_or: bool) -> Line:
    """What the five fields name. Raises ScheduleError, naming the field that can't be read."""
    text = expression.strip().lower()
    fields = _ALIASES.get(text, text).split()
    _refuse_what_cron_is_not(expression, fields)
    try:
        (minutes, hours, month_days, months, weekdays), nth_weekdays = croniter.expand(" ".join(fields))
    except CroniterError:
        raise ScheduleError(_unreadable(expression, fields)) from None
    return Line(
        minutes=_values(minutes),
        hours=_values(hours),
        month_days=_values(month_days),
        months=_values(months),
        weekdays=_values(weekdays),
        nth_weekdays=tuple((weekday, n) for weekday, nth in sorted(nth_weekdays.items()) for n in _values(nth)),
        both_days=not day_or,
        follows_real_time=any(
            field.startswith("*") or not _values(values)
            for field, values in zip(fields, (minutes, hours), strict=False)
        ),
    )


def _values(expanded: Any) -> tuple[int, ...]:
    """croniter's list of numbers, ``"*"`` and ``"l"`` (last), as numbers alone; empty for ``*``."""
    return tuple(sorted(LAST if value == "l" else value for value in expanded if value != "*"))


def _refuse_what_cron_is_not(expression: str, fields: list[str]) -> None:
    said = f"The cron expression {expression[:_MAX_LENGTH]!r}"
    if fields[:1] and fields[0].startswith("@"):
        raise ScheduleError(f"{said} is not a name that is known: write five fields or one of {', '.join(_ALIASES)}.")
    if len(fields) != len(_FIELDS):
        raise ScheduleError(
            f"{said} has {len(fields)} fields where five are expected: minute, hour, day of the month, month and "
            "weekday; for seconds, use an interval."
        )
    if len(expression) > _MAX_LENGTH:
        raise ScheduleError(f"{said} is longer than {_MAX_LENGTH} characters: use ranges and steps such as */5.")
    for field in fields:
        if re.search(r"(^|,)[hr](?![a-z])", field):
            raise ScheduleError(f"{said} asks for a random time ({field!r}): write the time that it should be.")
        if alone := re.search(r"(?:^|,)0*(\w+)-0*\1(?![\w#])", field):
            raise ScheduleError(f"{said} has a range of one value: write {alone[1]!r} for that value or '*' for all.")
    if "w" in fields[2]:
        raise ScheduleError(f"{said} asks for the nearest working day ({fields[2]!r}), which is not supported here.")


def _unreadable(expression: str, fields: list[str]) -> str:
    for position, (field, meaning) in enumerate(zip(fields, _FIELDS, strict=True)):
        alone = ["*"] * position + [field] + ["*"] * (len(_FIELDS) - position - 1)
        if not croniter.is_valid(" ".join(alone)):
            return f"The cron expression {expression!r} can't be read: {field!r} is not {meaning}."
    return f"The cron expression {expression!r} can't be read: write five fields such as '0 8 * * 1-5'."


def _walls(line: Line, start: datetime) -> Iterator[datetime]:
    """The wall times from ``start`` on that the line names."""
    times = _times_of_day(line)
    for day in _days(line, start.date()):
        midnight = datetime.combine(day, time.min)
        for time_of_day in islice(times, bisect_left(times, start - midnight), None):
            yield midnight + time_of_day


def _days(line: Line, start: date) -> Iterator[date]:
    table = _days_by_month(line)
    for year in range(start.year, zones.LAST_YEAR + 1):
        for month in _months(line):
            if (year, month) >= (start.year, start.month):
                for day in table[calendar.monthrange(year, month)]:
                    yield date(year, month, day)


def _months(line: Line) -> tuple[int, ...] | range:
    return line.months or range(1, 13)


@lru_cache(maxsize=512)
def _times_of_day(line: Line) -> tuple[timedelta, ...]:
    return tuple(
        timedelta(hours=hour, minutes=minute)
        for hour in line.hours or range(24)
        for minute in line.minutes or range(60)
    )


@lru_cache(maxsize=512)
def _days_by_month(line: Line) -> Mapping[tuple[int, int], tuple[int, ...]]:
    """The days that fit, for each kind of month there is: the weekday of its first (0 is Monday) and its length."""
    return {
        (first, length): tuple(day for day in range(1, length + 1) if _fits(line, day, (first + day) % 7, length))
        for first in range(7)
        for length in range(28, 32)
    }


def _fits(line: Line, day: int, weekday: int, length: int) -> bool:
    """Whether ``day``, a ``weekday`` (0 is Sunday), fits in a month of ``length`` days."""
    answers = []
    if line.month_days:
        answers.append(day in line.month_days or (day == length and LAST in line.month_days))
    if line.nth_weekdays:
        places = {(weekday, (day + 6) // 7)} | ({(weekday, LAST)} if day + 7 > length else set())
        answers.append(not places.isdisjoint(line.nth_weekdays))
    elif line.weekdays:
        answers.append(weekday in line.weekdays)
    return all(answers) if line.both_days or not answers else any(answers)

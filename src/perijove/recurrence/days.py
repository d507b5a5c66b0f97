"""The days of a year that a rule names. dateutil expands them, one year at a time.

One year at a time, because dateutil's own walk over the years does not come back from a rule that names no day
(30 February); and one year of a kind, because the calendar has few kinds.
"""

import calendar
from collections.abc import Iterator
from datetime import MAXYEAR, date, datetime
from functools import lru_cache

from dateutil.rrule import YEARLY, rrule, weekday

from perijove.recurrence.rules import Frequency, Rule


def of_year(rule: Rule, year: int) -> list[int]:
    """The days of ``year`` that fit the rule's parts, as ordinals (1 January of the year 1 is 1)."""
    new_year = date(year, 1, 1).toordinal()
    return [new_year + day for day in _after_new_year(rule, _YEARS[_kind(year)])]


def _kind(year: int) -> tuple[int, ...]:
    """All that tells one year from another; the leap years beside it decide how its first and last week count."""
    return (calendar.weekday(year, 1, 1), *(calendar.isleap(near) for near in (year - 1, year, year + 1)))


_YEARS = {_kind(year): year for year in range(2001, 2401)}  # the calendar repeats itself after these


@lru_cache(maxsize=1024)
def _after_new_year(rule: Rule, year: int) -> tuple[int, ...]:
    new_year = datetime(year, 1, 1)  # noqa: DTZ001  (days alone have no timezone)
    fitting = rrule(
        YEARLY,
        dtstart=new_year,
        interval=MAXYEAR,  # no second year
        bymonth=rule.months or (range(1, 13) if rule.frequency is Frequency.MONTHLY else None),
        bymonthday=rule.month_days or range(1, 32),
        byyearday=rule.year_days or None,
        byweekday=[weekday(day, n or None) for day, n in _weekdays(rule)] or None,
        byhour=0,
        byminute=0,
        bysecond=0,
    )
    return tuple((day - new_year).days for day in fitting if not rule.weeks or _is_in_weeks(day.date(), rule))


def _weekdays(rule: Rule) -> Iterator[tuple[int, int]]:
    """The rule's weekdays; beside numbered ones every Monday is the first, second, ... Monday, for dateutil's sake."""
    numbered = any(n for _, n in rule.weekdays)
    numbers = range(1, 6 if rule.weekdays_are_of_months else 54)
    for day, n in rule.weekdays:
        yield from [(day, each) for each in numbers] if numbered and not n else [(day, n)]


def _is_in_weeks(day: date, rule: Rule) -> bool:
    """Whether BYWEEKNO fits: a week is of the year that has its fourth day. (dateutil miscounts the last weeks.)"""
    fourth = date.fromordinal(day.toordinal() - (day.weekday() - rule.week_start) % 7 + 3)
    ends = date(fourth.year, 12, 31)
    from_start = (fourth - date(fourth.year, 1, 1)).days // 7 + 1
    from_end = -((ends - fourth).days // 7 + 1)
    return from_start in rule.weeks or from_end in rule.weeks

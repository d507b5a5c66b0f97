"""The instants of an RFC 5545 recurrence. ``days`` says which days a rule names; the walk over them is here.

A rule that counts days, or more, fires once at each wall time that it names: not at all in a gap (3.3.10), the first
time in a fold. One that counts hours, minutes or seconds follows real time: it fires at each instant whose wall time
it names, in both passes of a fold.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from heapq import merge
from itertools import groupby, islice, product
from zoneinfo import ZoneInfo

from perijove.errors import ScheduleError
from perijove.recurrence import days, icalendar, zones
from perijove.recurrence.budget import Budget
from perijove.recurrence.icalendar import Recurrence
from perijove.recurrence.rules import Frequency, Rule
from perijove.schemas.schedules import RRuleSchedule

_BATCH = 100  # instants
_STEPS_A_BATCH = 100_000  # about 50 ms
_STEPS_ON_TRIAL = 40_000  # no rule is even in time: one that is let in may cost twice as much elsewhere
_STEPS_TO_COUNT = 60_000  # for the whole of a COUNT, once
_YEAR, _DAY, _PERIOD, _INSTANT = 10, 1, 4, 10  # what looking at one costs, in steps

_PERIOD_SECONDS = {Frequency.HOURLY: 3600, Frequency.MINUTELY: 60, Frequency.SECONDLY: 1}
_DAY_SECONDS = 86400
_ONE_WEEK = timedelta(weeks=1)


def validate(schedule: RRuleSchedule) -> None:
    """Raise ScheduleError unless the text can be read, fires at all, and is found out in reasonable time."""
    recurrence = icalendar.parse(schedule.rrule, schedule.timezone)
    first_of_all = zones.within_calendar(datetime.min.replace(tzinfo=UTC))
    if not list(islice(_instants(recurrence, first_of_all, Budget(_STEPS_ON_TRIAL)), _BATCH)):
        raise ScheduleError(f"The rrule {schedule.rrule[:200]!r} never fires: no time fits all of its parts.")


def instants(schedule: RRuleSchedule, after: datetime) -> Iterator[datetime]:
    """The schedule's instants in UTC, strictly increasing, later than ``after``."""
    return _instants(icalendar.parse(schedule.rrule, schedule.timezone), after, Budget(_STEPS_A_BATCH))


def _instants(recurrence: Recurrence, after: datetime, budget: Budget) -> Iterator[datetime]:
    latest, found = after, 0
    for instant in merge(recurrence.dates, *(_of_rule(rule, recurrence, after, budget) for rule in recurrence.rules)):
        if instant > latest and instant not in recurrence.exceptions:
            latest, found = instant, found + 1
            yield instant
            if found % _BATCH == 0:
                budget.renew()


def _of_rule(rule: Rule, recurrence: Recurrence, after: datetime, budget: Budget) -> Iterator[datetime]:
    """One rule's instants, from ``after`` or a little earlier."""
    start, tz = recurrence.start, recurrence.tz
    end = _end(rule, start, tz)
    if end and end <= after:
        return
    for instant in _shown(rule, start, tz, max(start, zones.lowest_wall(after, tz)), budget):
        if end and instant > end:
            return
        yield instant


@lru_cache(maxsize=128)
def _end(rule: Rule, start: datetime, tz: ZoneInfo) -> datetime | None:
    """When the rule ends, if it does: UNTIL, or the last that COUNT counts (of those that exist, 3.3.10)."""
    if rule.count is None:
        return rule.until
    counted = islice(_shown(rule, start, tz, start, Budget(_STEPS_TO_COUNT)), rule.count)
    last = max(counted, default=datetime.min.replace(tzinfo=UTC))
    return min(last, rule.until) if rule.until else last


def _shown(rule: Rule, start: datetime, tz: ZoneInfo, lowest: datetime, budget: Budget) -> Iterator[datetime]:
    """The instants of the wall times, not below ``lowest``, that a rule names when it counts from ``start``."""
    walls = _walls(rule, start, lowest, budget)
    for instant in zones.every_pass(walls, tz) if rule.is_sub_daily else zones.existing(walls, tz):
        budget.spend(_INSTANT)
        yield instant


def _walls(rule: Rule, start: datetime, lowest: datetime, budget: Budget) -> Iterator[datetime]:
    search = _by_period_of_the_day if rule.is_sub_daily else _by_day
    for day, second in search(rule, start, lowest, budget):
        wall = datetime.fromordinal(day) + timedelta(seconds=second)
        if wall >= lowest:
            yield wall


def _days(rule: Rule, year: int, budget: Budget) -> Iterator[int]:
    for each in range(year, zones.LAST_YEAR + 1):
        fitting = days.of_year(rule, each)
        budget.spend(_YEAR + _DAY * len(fitting))
        yield from fitting


def _by_day(rule: Rule, start: datetime, lowest: datetime, budget: Budget) -> Iterator[tuple[int, int]]:
    """The days and seconds of the day of a rule that counts days, weeks, months or years."""
    period = _period(rule)
    origin = period(start.toordinal())
    seconds = [_second(*time) for time in product(rule.hours, rule.minutes, rule.seconds)]
    whole_periods = _days(rule, (lowest - _ONE_WEEK).year, budget)
    for index, group in groupby(whole_periods, period):
        if (index - origin) % rule.interval == 0:
            budget.spend(_PERIOD)
            yield from _chosen(rule.positions, list(group), seconds, lowest)


def _second(hour: int, minute: int, second: int) -> int:
    return hour * 3600 + minute * 60 + second


def _period(rule: Rule) -> Callable[[int], int]:
    """Which day, week, month or year a day is in, as a number that grows by 1."""
    match rule.frequency:
        case Frequency.YEARLY:
            return lambda day: date.fromordinal(day).year
        case Frequency.MONTHLY:
            return lambda day: (it := date.fromordinal(day)).year * 12 + it.month
        case Frequency.WEEKLY:
            return lambda day: (day - 1 - rule.week_start) // 7  # the first day of all was a Monday
        case _:
            return lambda day: day


def _chosen(
    positions: tuple[int, ...], group: list[int], seconds: list[int], lowest: datetime
) -> Iterator[tuple[int, int]]:
    """The times of one period: those that BYSETPOS picks, or all from ``lowest`` on."""
    if positions:
        places = _picked(positions, len(group) * len(seconds))
        return ((group[place // len(seconds)], seconds[place % len(seconds)]) for place in places)
    first_day = lowest.toordinal()
    rest_of_first_day = seconds[bisect_left(seconds, _second(lowest.hour, lowest.minute, lowest.second)) :]
    return (
        (day, second)
        for day in group[bisect_left(group, first_day) :]
        for second in (seconds if day > first_day else rest_of_first_day)
    )


def _picked(positions: tuple[int, ...], size: int) -> list[int]:
    places = {position - 1 if position > 0 else size + position for position in positions}
    return sorted(place for place in places if 0 <= place < size)


def _by_period_of_the_day(rule: Rule, start: datetime, lowest: datetime, budget: Budget) -> Iterator[tuple[int, int]]:
    """The days and seconds of the day of a rule that counts hours, minutes or seconds."""
    unit = _PERIOD_SECONDS[rule.frequency]
    a_day = _DAY_SECONDS // unit
    origin = _seconds_since_day_0(start) // unit
    floor = _seconds_since_day_0(lowest) // unit
    offsets = _offsets(rule)
    for day in _days(rule, lowest.year, budget) if offsets else ():
        index = max(day * a_day, floor)
        while (index := index + (origin - index) % rule.interval) < (day + 1) * a_day:
            budget.spend(_PERIOD)
            second = (index - day * a_day) * unit
            allowed = _next_allowed(rule, second)
            if allowed == second:
                yield from ((day, second + offset) for offset in offsets)
            index = max(index + 1, day * a_day + allowed // unit)


def _seconds_since_day_0(wall: datetime) -> int:
    return wall.toordinal() * _DAY_SECONDS + _second(wall.hour, wall.minute, wall.second)


def _offsets(rule: Rule) -> list[int]:
    """The seconds of each hour, minute or second at which the rule fires."""
    minutes = rule.minutes if rule.frequency is Frequency.HOURLY else (0,)
    seconds = rule.seconds if rule.frequency is not Frequency.SECONDLY else (0,)
    offsets = [_second(0, minute, second) for minute in minutes for second in seconds]
    return [offsets[place] for place in _picked(rule.positions, len(offsets))] if rule.positions else offsets


def _next_allowed(rule: Rule, second: int) -> int:
    """The least second of the day, not below ``second``, that the rule's limits let through; or one past the day."""
    hour, minute = second // 3600, second // 60 % 60
    if (later := _at_least(rule.hours, hour, 24)) > hour:
        return later * 3600
    if rule.frequency >= Frequency.MINUTELY and (later := _at_least(rule.minutes, minute, 60)) > minute:
        return hour * 3600 + later * 60
    if rule.frequency is Frequency.SECONDLY:
        return second // 60 * 60 + _at_least(rule.seconds, second % 60, 60)
    return second


def _at_least(allowed: tuple[int, ...], value: int, none: int) -> int:
    if not allowed:
        return value
    place = bisect_left(allowed, value)
    return allowed[place] if place < len(allowed) else none

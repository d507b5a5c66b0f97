"""One RRULE: its parts, read from text and checked (RFC 5545, 3.3.10). ``rrule`` turns them into instants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from zoneinfo import ZoneInfo

from perijove.errors import ScheduleError
from perijove.recurrence import times

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile(rf"([+-]?[1-9]\d?)?({'|'.join(_WEEKDAYS)})", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_RANGES = {  # the least and the greatest number, and whether -1 is the last
    "BYMONTH": (1, 12, False),
    "BYWEEKNO": (1, 53, True),
    "BYYEARDAY": (1, 366, True),
    "BYMONTHDAY": (1, 31, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),
    "BYSETPOS": (1, 366, True),
}
_PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_RANGES)


class Frequency(IntEnum):
    """What a rule counts, from coarse to fine."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6


_PERIODS_IN_A_CENTURY = {
    Frequency.YEARLY: 100,
    Frequency.MONTHLY: 1200,
    Frequency.WEEKLY: 5200,
    Frequency.DAILY: 36_500,
    Frequency.HOURLY: 876_000,
    Frequency.MINUTELY: 52_560_000,
    Frequency.SECONDLY: 3_153_600_000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The parts of a rule; an empty tuple limits nothing. Weekdays count from 0, Monday."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()  # (weekday, which one of its month or year; 0 for each)
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()

    @property
    def is_sub_daily(self) -> bool:
        return self.frequency > Frequency.DAILY

    @property
    def weekdays_are_of_months(self) -> bool:
        """Whether the second Monday is that of a month, rather than that of a year."""
        return self.frequency is Frequency.MONTHLY or bool(self.months)


def parse(text: str, start: datetime, tz: ZoneInfo) -> Rule:
    """Read ``FREQ=...;...``, counted from the wall time ``start`` of ``tz``.

    Raises ScheduleError with the part that can't be read.
    """
    parts = _split(text)
    if parts.get("FREQ") not in Frequency.__members__:
        raise ScheduleError(f"The rrule {text[:64]!r} has no FREQ: write one of {', '.join(Frequency.__members__)}.")
    rule = Rule(
        frequency=Frequency[parts["FREQ"]],
        interval=_positive("INTERVAL", parts) or 1,
        count=_positive("COUNT", parts),
        until=times.read_end(parts["UNTIL"], tz) if "UNTIL" in parts else None,
        week_start=(_weekdays("WKST", parts) or ((0, 0),))[0][0],
        weekdays=_weekdays("BYDAY", parts),
        months=_numbers("BYMONTH", parts),
        weeks=_numbers("BYWEEKNO", parts),
        year_days=_numbers("BYYEARDAY", parts),
        month_days=_numbers("BYMONTHDAY", parts),
        hours=_numbers("BYHOUR", parts),
        minutes=_numbers("BYMINUTE", parts),
        seconds=_numbers("BYSECOND", parts),
        positions=_numbers("BYSETPOS", parts),
    )
    _refuse_long_cycles(rule)
    _refuse_misplaced_weekdays(rule)
    return filled(rule, start)


def _split(text: str) -> Mapping[str, str]:
    parts: dict[str, str] = {}
    for part in text.upper().removesuffix(";").split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS:
            raise ScheduleError(f"The rrule part {part[:64]!r} is not known: the parts are {', '.join(_PARTS)}.")
        if name in parts:
            raise ScheduleError(f"The rrule has {name} twice: write it once, with commas between the values.")
        parts[name] = value
    return parts


def _positive(name: str, parts: Mapping[str, str]) -> int | None:
    if name not in parts:
        return None
    value = parts[name]
    if not _INTEGER.fullmatch(value) or int(value) < 1:
        raise ScheduleError(f"The rrule part {name}={value[:64]} can't be read: write a number from 1 up.")
    return int(value)


def _numbers(name: str, parts: Mapping[str, str]) -> tuple[int, ...]:
    if name not in parts:
        return ()
    least, greatest, from_end = _RANGES[name]
    allowed = {*range(least, greatest + 1), *(range(-greatest, 0) if from_end else ())}
    values = parts[name].split(",")
    if not all(_INTEGER.fullmatch(value) and int(value) in allowed for value in values):
        last = f", or -1 to -{greatest} from the end" if from_end else ""
        raise ScheduleError(
            f"The rrule part {name}={parts[name][:64]} can't be read: write numbers from {least} to {greatest}{last}."
        )
    return tuple(sorted({int(value) for value in values}))


def _weekdays(name: str, parts: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    if name not in parts:
        return ()
    days = [_WEEKDAY.fullmatch(value) for value in parts[name].split(",")]
    if not all(days):
        raise ScheduleError(
            f"The rrule part {name}={parts[name][:64]} can't be read: write {', '.join(_WEEKDAYS)}, or 2MO, -1FR."
        )
    return tuple(sorted({(_WEEKDAYS.index(day[2]), int(day[1] or 0)) for day in days if day}))


def _refuse_long_cycles(rule: Rule) -> None:
    most = _PERIODS_IN_A_CENTURY[rule.frequency]
    if rule.interval > most:
        raise ScheduleError(f"The rrule part INTERVAL={rule.interval} is more than a century: write {most} at most.")


def _refuse_misplaced_weekdays(rule: Rule) -> None:
    """The second Monday of what? RFC 5545 knows those of a month and of a year; a fifth, or a 53rd, is the last."""
    greatest = max(abs(n) for _, n in rule.weekdays or ((0, 0),))
    if greatest and (rule.frequency > Frequency.MONTHLY or rule.weeks):
        raise ScheduleError("The rrule numbers its BYDAY (2MO), which needs FREQ=MONTHLY, or YEARLY without BYWEEKNO.")
    if greatest > (5 if rule.weekdays_are_of_months else 53):
        raise ScheduleError(f"The rrule's BYDAY asks for weekday number {greatest}, which no month or year has.")


def filled(rule: Rule, start: datetime) -> Rule:
    """The rule with what it leaves to its start (DTSTART) written in."""
    frequency = rule.frequency
    if not (rule.weeks or rule.year_days or rule.month_days or rule.weekdays):
        if frequency is Frequency.YEARLY:
            rule = replace(rule, months=rule.months or (start.month,))
        if frequency <= Frequency.MONTHLY:
            rule = replace(rule, month_days=(start.day,))
        if frequency is Frequency.WEEKLY:
            rule = replace(rule, weekdays=((start.weekday(), 0),))
    return replace(
        rule,
        hours=rule.hours or ((start.hour,) if frequency < Frequency.HOURLY else ()),
        minutes=rule.minutes or ((start.minute,) if frequency < Frequency.MINUTELY else ()),
        seconds=rule.seconds or ((start.second,) if frequency < Frequency.SECONDLY else ()),
    )

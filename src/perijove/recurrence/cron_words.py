"""A cron line in words."""

from zoneinfo import ZoneInfo

from perijove.recurrence import phrases
from perijove.recurrence.cron import Line


def describe(line: Line, tz: ZoneInfo) -> str | None:
    """The line in words, or None if they would be long or not exact."""
    days = _days(line)
    times = phrases.at_times(line.hours, line.minutes)
    rate = None if times else _rate(line)
    if days is None or not (times or rate):
        return None
    if rate and not days and _is_the_same_everywhere(line):
        return rate
    return f"{', '.join(filter(None, (times, rate, days or (times and 'every day'))))} ({tz.key})"


def _is_the_same_everywhere(line: Line) -> bool:
    """Whether the words are true in any timezone: no hour is named, and no minute that another zone's may not share."""
    return not line.hours and (len(line.minutes) != 1 or line.minutes == (0,))


def _rate(line: Line) -> str | None:
    """ "every 15 minutes", "every hour from 09:00 to 17:00"; None for times that are not evenly spread."""
    minutes_step = _step(line.minutes, 60)
    if minutes_step:
        last_minute = 60 - minutes_step
        return _between(phrases.every(minutes_step, "minute"), line.hours, 0, last_minute)
    if len(line.minutes) != 1:
        return None
    minute = line.minutes[0]
    hours_step = _step(line.hours, 24)
    if hours_step and line.follows_real_time:
        rate = phrases.every(hours_step, "hour")
        return f"{rate} at minute {minute}" if minute else rate
    return _between("every hour", line.hours, minute, minute)


def _step(values: tuple[int, ...], size: int) -> int | None:
    """The step of values that go evenly around the clock from 0, or None if they don't."""
    step = values[1] if len(values) > 1 else 1
    return step if not values or (values == tuple(range(0, size, step)) and size % step == 0) else None


def _between(rate: str, hours: tuple[int, ...], first_minute: int, last_minute: int) -> str | None:
    if not hours:
        return rate
    if hours != tuple(range(hours[0], hours[-1] + 1)):
        return None
    return f"{rate} from {phrases.clock(hours[0], first_minute)} to {phrases.clock(hours[-1], last_minute)}"


def _days(line: Line) -> str | None:
    """The days, empty for every day; None where there are no short words for them."""
    named = []
    if line.month_days:
        named.append(phrases.on_month_days(line.month_days))
    if line.nth_weekdays:
        named.append(phrases.on_nth_weekdays([(_from_monday(day), n) for day, n in line.nth_weekdays]))
    elif line.weekdays:
        named.append(phrases.on_weekdays(sorted(_from_monday(day) for day in line.weekdays)))
    if None in named or (line.both_days and len(named) > 1):
        return None
    days = " and also ".join(filter(None, named))
    if not line.months:
        return days
    months = phrases.in_months(line.months)
    return f"{days}, {months}" if days else f"every day {months}"


def _from_monday(weekday: int) -> int:
    return (weekday - 1) % 7

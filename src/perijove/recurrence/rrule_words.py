"""An iCalendar recurrence in words."""

from perijove.recurrence import phrases, rules, zones
from perijove.recurrence.icalendar import Recurrence
from perijove.recurrence.rules import Frequency, Rule

_UNITS = {
    Frequency.YEARLY: "year",
    Frequency.MONTHLY: "month",
    Frequency.WEEKLY: "week",
    Frequency.DAILY: "day",
    Frequency.HOURLY: "hour",
    Frequency.MINUTELY: "minute",
    Frequency.SECONDLY: "second",
}


def describe(recurrence: Recurrence) -> str | None:
    """The recurrence in words, or None if they would be long or not exact."""
    if len(recurrence.rules) != 1 or recurrence.dates or recurrence.exceptions:
        return None
    rule = recurrence.rules[0]
    words = _rate(rule, recurrence) if rule.is_sub_daily else _times_and_days(rule)
    return words and f"{', '.join([words, *_bounds(rule, recurrence)])} ({recurrence.tz.key})"


def _rate(rule: Rule, recurrence: Recurrence) -> str | None:
    """ "every 2 hours", for a rule that says no more than that."""
    bare = Rule(frequency=rule.frequency, interval=rule.interval, count=rule.count, until=rule.until)
    if rules.filled(bare, recurrence.start) != rule:
        return None
    return phrases.every(rule.interval, _UNITS[rule.frequency])


def _times_and_days(rule: Rule) -> str | None:
    times = phrases.at_times(rule.hours, rule.minutes)
    days = _days(rule)
    if times is None or days is None or rule.seconds != (0,) or rule.positions or rule.weeks or rule.year_days:
        return None
    if rule.interval == 1:
        return f"{times}, {days or 'every day'}"
    return ", ".join(filter(None, (times, phrases.every(rule.interval, _UNITS[rule.frequency]), days)))


def _days(rule: Rule) -> str | None:
    """The days, empty for every day; None where there are no short words for them."""
    if (rule.month_days and rule.weekdays) or (rule.interval > 1 and not _is_plain_cycle(rule)):
        return None
    numbered = [n for _, n in rule.weekdays if n]
    if numbered and (len(numbered) < len(rule.weekdays) or not rule.weekdays_are_of_months):
        return None
    days: str | None = ""
    if rule.month_days:
        days = phrases.on_month_days(rule.month_days)
    elif numbered:
        days = phrases.on_nth_weekdays(rule.weekdays)
    elif rule.weekdays:
        days = phrases.on_weekdays([day for day, _ in rule.weekdays])
    if days is None or not rule.months:
        return days
    months = phrases.in_months(rule.months)
    return f"{days}, {months}" if days else f"every day {months}"


def _is_plain_cycle(rule: Rule) -> bool:
    """Whether "every 2 weeks, Monday and Friday" says it all: its days part what is counted, and limit nothing."""
    each_weekday = any(not n for _, n in rule.weekdays)
    match rule.frequency:
        case Frequency.YEARLY:
            return not each_weekday
        case Frequency.MONTHLY:
            return not (each_weekday or rule.months)
        case Frequency.WEEKLY:
            return not (rule.month_days or rule.months or rule.week_start)
        case _:
            return not (rule.month_days or rule.months or rule.weekdays)


def _bounds(rule: Rule, recurrence: Recurrence) -> list[str]:
    bounds = []
    if recurrence.start_is_written or rule.interval > 1 or rule.count:
        bounds.append(f"from {phrases.moment(recurrence.start)}")
    if rule.count:
        bounds.append("once" if rule.count == 1 else f"{rule.count} times")
    if rule.until:
        bounds.append(f"until {phrases.moment(zones.wall_time(rule.until, recurrence.tz))}")
    return bounds

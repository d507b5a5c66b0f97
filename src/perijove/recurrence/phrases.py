"""The English of times and days: "at 08:00 and 20:00", "Monday to Friday", "on the 2nd Tuesday of the month".

In this module -1 is the last of its month, weekday 0 is Monday, and None means that there are no short words.
"""

from collections.abc import Sequence
from datetime import datetime

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MOST_TIMES = 4


def at_times(hours: Sequence[int], minutes: Sequence[int]) -> str | None:
    """Each of the hours at each of the minutes, where that is few: "at 08:00 and 20:00"."""
    if not 0 < len(hours) * len(minutes) <= _MOST_TIMES:
        return None
    return "at " + listed([clock(hour, minute) for hour in hours for minute in minutes])


def moment(wall: datetime) -> str:
    """ "2026-01-01 06:00"; with its seconds if it has any."""
    return wall.isoformat(" ", "auto" if wall.second or wall.microsecond else "minutes")


def clock(hour: int, minute: int) -> str:
    return f"{hour:02}:{minute:02}"


def every(count: int, unit: str) -> str:
    """ "every day", "every 2 days"."""
    return f"every {unit}" if count == 1 else f"every {count} {unit}s"


def on_weekdays(weekdays: Sequence[int]) -> str:
    """ "every Monday", "Monday to Friday", "Tuesday and Thursday"."""
    if len(weekdays) == 1:
        return f"every {_WEEKDAYS[weekdays[0]]}"
    return _run_or_list([_WEEKDAYS[day] for day in weekdays], weekdays)


def on_month_days(days: Sequence[int]) -> str | None:
    """ "on the 1st and 15th of the month", "on the last day of the month"."""
    if min(days) < -1:
        return None
    named = ["last day" if day == -1 else _ordinal(day) for day in sorted(days, key=lambda day: day % 32)]
    return f"on the {_run_or_list(named, days)} of the month"


def on_nth_weekdays(places: Sequence[tuple[int, int]]) -> str | None:
    """ "on the 2nd Tuesday and last Friday of the month", from (weekday, which of the month)."""
    if min(n for _, n in places) < -1:
        return None
    named = [f"{'last' if n == -1 else _ordinal(n)} {_WEEKDAYS[day]}" for day, n in places]
    return f"on the {listed(named)} of the month"


def in_months(months: Sequence[int]) -> str:
    return "in " + _run_or_list([_MONTHS[month - 1] for month in months], months)


def listed(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *firsts, last = items
    return f"{', '.join(firsts)} and {last}" if firsts else last


def _run_or_list(names: Sequence[str], numbers: Sequence[int]) -> str:
    is_run = len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[0] + len(numbers)))
    return f"{names[0]} to {names[-1]}" if is_run else listed(names)


def _ordinal(number: int) -> str:
    suffix = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"

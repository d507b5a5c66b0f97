"""Lengths of time as people write and read them: ``1h30m``, ``90 seconds``, ``2d``."""

import re
from datetime import timedelta
from math import fsum

from perijove.errors import ScheduleError

_SECONDS = {"week": 604800, "day": 86400, "hour": 3600, "minute": 60, "second": 1}
_SPELLINGS = {
    "w": "week",
    "d": "day",
    "h": "hour",
    "hr": "hour",
    "m": "minute",
    "min": "minute",
    "s": "second",
    "sec": "second",
    **{unit: unit for unit in _SECONDS},
}
_NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_TERM = re.compile(rf"({_NUMBER}) ?([a-z]+) ?", re.ASCII)
_TERMS = re.compile(rf"(?:{_NUMBER} ?[a-z]+ ?)+", re.ASCII)


def parse(written: timedelta | float | str) -> timedelta:
    """A length of time, from text or a number of seconds. Raises ScheduleError for what is none, or not above zero."""
    try:
        length = written if isinstance(written, timedelta) else timedelta(seconds=_seconds(written))
    except (ValueError, OverflowError):  # what is no number at all, or too great a one
        raise ScheduleError(
            f"{str(written)[:64]!r} is not a length of time: write '15m', '1h30m', '2d' or a number of seconds."
        ) from None
    if length <= timedelta(0):
        raise ScheduleError(f"An interval of {written} leads nowhere: write one longer than nothing, such as '15m'.")
    return length


def _seconds(written: float | str) -> float:
    if not isinstance(written, str):
        return written
    text = " ".join(written.lower().split())
    if re.fullmatch(_NUMBER, text, re.ASCII):
        return float(text)
    if not _TERMS.fullmatch(text):
        raise ValueError(text)
    terms = [(float(number), _unit_seconds(unit)) for number, unit in _TERM.findall(text)]
    sizes = [size for _, size in terms]
    if sizes != sorted(set(sizes), reverse=True):  # "1h2h" and "5m1h" are slips of the pen
        raise ValueError(text)
    return fsum(number * size for number, size in terms)


def _unit_seconds(spelling: str) -> int:
    unit = _SPELLINGS.get(spelling) or _SPELLINGS.get(spelling.removesuffix("s"))
    if unit is None:
        raise ValueError(spelling)
    return _SECONDS[unit]


def words(length: timedelta) -> str:
    """``length`` in full: "15 minutes", "1 hour 30 minutes", "2 weeks"."""
    if length and not length % timedelta(weeks=1):
        return _counted(str(length // timedelta(weeks=1)), "week")
    minutes, seconds = divmod(length, timedelta(minutes=1))
    counts = {
        "day": str(minutes // 1440),
        "hour": str(minutes // 60 % 24),
        "minute": str(minutes % 60),
        "second": f"{seconds.total_seconds():.6f}".rstrip("0").rstrip("."),
    }
    return " ".join(_counted(count, unit) for unit, count in counts.items() if count != "0") or "0 seconds"


def _counted(count: str, unit: str) -> str:
    return f"{count} {unit}" if count == "1" else f"{count} {unit}s"


def every(length: timedelta) -> str:
    """ "every hour", "every 2 hours", "every 1 hour 30 minutes"."""
    written = words(length)
    return f"every {written.removeprefix('1 ') if written.count(' ') == 1 else written}"

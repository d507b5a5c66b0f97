"""Times as RFC 5545 writes them (3.3.4, 3.3.5): ``20260105T080000``, ``20260105T070000Z``, ``20260105``."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from perijove.errors import ScheduleError
from perijove.recurrence import zones

_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)(Z?))?", re.ASCII | re.IGNORECASE)
_LAST = datetime(zones.LAST_YEAR, 12, 31)  # noqa: DTZ001  (a wall time)


def read(value: str, tz: ZoneInfo) -> tuple[datetime, ZoneInfo]:
    """The wall time written, and its timezone: UTC after a Z, else ``tz``. A date alone is its midnight.

    Raises ScheduleError for what is no time, or one that no schedule reaches.
    """
    wall, tz = _parsed(value, tz)
    if not zones.FIRST_YEAR <= wall.year <= zones.LAST_YEAR:
        raise ScheduleError(f"{value!r} is out of reach: choose a year before {zones.LAST_YEAR}.")
    return wall, tz


def read_instant(value: str, tz: ZoneInfo) -> datetime:
    """The instant of a time that is written out; see ``zones.resolve`` for gaps and folds."""
    return zones.resolve(*read(value, tz))


def read_end(value: str, tz: ZoneInfo) -> datetime:
    """The instant of an UNTIL, which may well be in the year 9999 and mean for ever."""
    wall, tz = _parsed(value, tz)
    return zones.resolve(min(wall, _LAST), tz)


def _parsed(value: str, tz: ZoneInfo) -> tuple[datetime, ZoneInfo]:
    found = _TIME.fullmatch(value)
    if found is None:
        raise ScheduleError(f"{value[:64]!r} is not a time: write one such as 20260105T080000.")
    *numbers, utc = found.groups()
    try:
        wall = datetime(*(int(number or 0) for number in numbers))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError as error:
        raise ScheduleError(f"{value!r} is not a time: {error}.") from None
    return wall, zones.zone("UTC") if utc else tz

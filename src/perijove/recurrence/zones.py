"""Between a timezone's wall clock and UTC: the only module that knows what a gap and a fold are.

A *wall time* is a naive datetime: what a clock on a wall of that zone shows. A **gap** (clocks go forward) is a
stretch of wall times that no instant shows, a **fold** (clocks go back) a stretch that is shown twice.
"""

import difflib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from perijove.errors import ScheduleError

COUNT_FROM = datetime(2020, 1, 1)  # noqa: DTZ001  (a wall time has no timezone)
"""The wall time that a schedule counts from when it names none (Prefect's: 2020-01-01, midnight)."""

FIRST_YEAR, LAST_YEAR = 2, 2999
"""Schedules live between them: room on both sides for any step, and an end to the search for what never comes."""

_NOT_IANA = ("localtime", "posixrules", "posix/", "right/")  # what some systems keep beside the IANA names
_FIRST_INSTANT = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
_LAST_INSTANT = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)
_NONE = timedelta(0)
_LONGEST_FOLD = timedelta(days=1)


def zone(name: str | None) -> ZoneInfo:
    """The IANA timezone called ``name``; None is UTC.

    Raises ScheduleError for a name that is none, with the likeliest that is.
    """
    wanted = "UTC" if name is None else name
    if not wanted.startswith(_NOT_IANA):
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a directory's name, or an endless one
            return ZoneInfo(wanted)
    raise ScheduleError(f"{wanted[:64]!r} is not an IANA timezone: {_suggestion(wanted[:64])}")


def _suggestion(name: str) -> str:
    wanted = name.casefold().strip().replace(" ", "_")
    known = {zone.casefold(): zone for zone in sorted(available_timezones()) if "/" in zone}
    cities = {folded.rpartition("/")[2]: zone for folded, zone in known.items()}
    for candidates in (known, cities):
        for close in difflib.get_close_matches(wanted, candidates, n=1, cutoff=0.8):
            return f"did you mean {candidates[close]!r}?"
    return "write one such as 'Europe/Berlin', 'America/New_York' or 'UTC'."


def in_utc(instant: datetime) -> datetime:
    """The same instant in UTC; a naive one is taken as UTC, as it is on the wire."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def within_calendar(instant: datetime) -> datetime:
    """``instant``, or the nearest that leaves room on both sides for what a schedule computes."""
    return min(max(instant, _FIRST_INSTANT), _LAST_INSTANT)


def wall_time(instant: datetime, tz: ZoneInfo) -> datetime:
    """What the clock shows at ``instant``."""
    return instant.astimezone(tz).replace(tzinfo=None)


def resolve(wall: datetime, tz: ZoneInfo) -> datetime:
    """The instant that a single, written-out wall time means (RFC 5545, 3.3.5).

    In a fold it is the first of the two; in a gap it is read with the offset from before the gap.
    """
    return wall.replace(tzinfo=tz).astimezone(UTC)


def lowest_wall(after: datetime, tz: ZoneInfo) -> datetime:
    """A wall time below which the clock never falls once ``after`` has passed, not even in a fold to come."""
    return min(wall_time(after, tz), wall_time(after + _LONGEST_FOLD, tz) - _LONGEST_FOLD)


def once(walls: Iterable[datetime], tz: ZoneInfo) -> Iterator[datetime]:
    """Each wall time once: the first of two in a fold, and for those in a gap the first instant after it.

    ``walls`` increase strictly, and so do the instants: what a gap swallows fires together, one time.
    """
    latest = datetime.min.replace(tzinfo=UTC)
    for wall in walls:
        shown = _shown(wall, tz)
        instant = shown[0] if shown else _end_of_gap(wall, tz)
        if instant > latest:
            latest = instant
            yield instant


def existing(walls: Iterable[datetime], tz: ZoneInfo) -> Iterator[datetime]:
    """Each wall time that exists, once: the first of two in a fold, none in a gap (RFC 5545, 3.3.10)."""
    for wall in walls:
        yield from _shown(wall, tz)[:1]


def every_pass(walls: Iterable[datetime], tz: ZoneInfo) -> Iterator[datetime]:
    """Every instant at which the clock shows one of ``walls``, in real order: both in a fold, none in a gap."""
    second_passes: deque[datetime] = deque()
    for wall in walls:
        shown = _shown(wall, tz)
        while shown and second_passes and second_passes[0] < shown[0]:
            yield second_passes.popleft()
        yield from shown[:1]
        second_passes.extend(shown[1:])
    yield from second_passes


def _shown(wall: datetime, tz: ZoneInfo) -> tuple[datetime, ...]:
    """The instants, in order, at which the clock shows ``wall``: none, one or two."""
    before, after = _offsets(wall, tz)
    if before == after:
        return (_instant(wall, before),)
    if before < after:
        return ()
    return (_instant(wall, before), _instant(wall, after))


def _offsets(wall: datetime, tz: ZoneInfo) -> tuple[timedelta, timedelta]:
    """The zone's offsets before and after the change that ``wall`` is caught in; the same one twice where it isn't."""
    return tz.utcoffset(wall) or _NONE, tz.utcoffset(wall.replace(fold=1)) or _NONE


def _instant(wall: datetime, offset: timedelta) -> datetime:
    return (wall - offset).replace(tzinfo=UTC)


def _end_of_gap(wall: datetime, tz: ZoneInfo) -> datetime:
    """The first instant after the gap that swallows ``wall``, by halving (changes are at whole seconds)."""
    before, after = _offsets(wall, tz)
    early = _instant(wall.replace(microsecond=0), after)
    low, high = 0, int((after - before).total_seconds()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        passed = (early + timedelta(seconds=middle)).astimezone(tz).utcoffset() == after
        low, high = (low, middle) if passed else (middle, high)
    return early + timedelta(seconds=high)

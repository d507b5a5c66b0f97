"""The text of an RFC 5545 recurrence: DTSTART, RRULE, RDATE and EXDATE lines, read and checked.

A time that ends in Z or has a TZID is taken at its word. A floating one is in the timezone of DTSTART, and that is
the schedule's where DTSTART names none.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from perijove.errors import ScheduleError
from perijove.recurrence import rules, times, zones

_NAMES = ("DTSTART", "RRULE", "RDATE", "EXDATE")
_MAX_RULES = 10
_LINE = re.compile(r"([A-Za-z-]+)((?:;[^:;=]+=[^:;=]*)*):(.*)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A whole text: the rules, the wall time and timezone they count from, and the single dates beside them."""

    start: datetime
    start_is_written: bool
    tz: ZoneInfo
    rules: tuple[rules.Rule, ...]
    dates: tuple[datetime, ...]
    exceptions: frozenset[datetime]


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    tz: ZoneInfo | None
    value: str


@lru_cache(maxsize=128)
def parse(text: str, timezone: str | None) -> Recurrence:
    """Read a recurrence. Raises ScheduleError with the line or part that can't be read."""
    lines = [_line(word) for word in text.split()]
    starts = [line for line in lines if line.name == "DTSTART"]
    rule_texts = [line.value for line in lines if line.name == "RRULE"]
    _refuse_too_many(starts, rule_texts)
    start, tz = zones.COUNT_FROM, zones.zone(timezone)
    for line in starts:
        start, tz = times.read(line.value, line.tz or tz)
    dates = _instants(lines, "RDATE", tz)
    if not rule_texts and not dates:
        raise ScheduleError("The rrule names no time: write a rule such as 'FREQ=DAILY;BYHOUR=8;BYMINUTE=0'.")
    return Recurrence(
        start=start,
        start_is_written=bool(starts),
        tz=tz,
        rules=tuple(rules.parse(rule_text, start, tz) for rule_text in rule_texts),
        dates=tuple(sorted(dates)),
        exceptions=_instants(lines, "EXDATE", tz),
    )


def _line(word: str) -> _Line:
    """A content line (RFC 5545, 3.1); one without a name is an RRULE."""
    found = _LINE.fullmatch(word)
    name, parameters, value = found.groups() if found else ("RRULE", "", word)
    if name.upper() not in _NAMES:
        raise ScheduleError(f"The rrule line {word[:64]!r} can't be used: write {', '.join(_NAMES)} lines.")
    return _Line(name.upper(), _zone(parameters), value)


def _zone(parameters: str) -> ZoneInfo | None:
    """The timezone that a line's parameters name, as in ``DTSTART;TZID=Europe/Berlin:20260105T080000``."""
    named = None
    for parameter in parameters.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.upper() == "TZID":
            named = zones.zone(value)
        elif parameter.upper() not in ("VALUE=DATE-TIME", "VALUE=DATE"):
            raise ScheduleError(f"The rrule parameter {parameter[:64]!r} can't be used: write TZID or VALUE=DATE-TIME.")
    return named


def _refuse_too_many(starts: list[_Line], rule_texts: list[str]) -> None:
    if len(starts) > 1:
        raise ScheduleError("The rrule has more than one DTSTART: write a schedule for each.")
    if len(rule_texts) > _MAX_RULES:
        raise ScheduleError(f"The rrule has more than {_MAX_RULES} RRULE lines: write a schedule for each.")


def _instants(lines: list[_Line], name: str, tz: ZoneInfo) -> frozenset[datetime]:
    return frozenset(
        times.read_instant(value, line.tz or tz)
        for line in lines
        if line.name == name
        for value in line.value.split(",")
    )

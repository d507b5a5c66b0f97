"""The promises of ``recurrence``, checked on windows that crowd around the clock changes of every timezone there is.

A window is a schedule, an instant ``a`` and a later instant ``b``. In each, the instants after ``a`` are in UTC,
strictly increase, are later than ``a``, and after ``b`` they are those that are found by asking from ``b``. Other
windows are compared with an oracle that looks at the clock on the wall in every minute of some days, and knows
nothing of offsets, fields or phases.

``PERIJOVE_WINDOWS`` is the number of windows in all (10,000 if unset). The full run:
``PERIJOVE_WINDOWS=1000000 pytest tests/property/test_recurrence.py --timeout=0``.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from perijove.recurrence import instants
from perijove.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

WINDOWS = int(os.environ.get("PERIJOVE_WINDOWS", "10000"))
B_PER_A = 5  # so many windows share their ``a``
LENGTH = 40  # instants
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def examples(number: int) -> settings:
    return settings(max_examples=number, deadline=None, database=None, suppress_health_check=list(HealthCheck))


# Three tests of each sort: the oracle is slow, and gets a fourth of the windows.
of_promises = examples(WINDOWS // 4 // B_PER_A)
of_the_oracle = examples(WINDOWS // 12)


# --- where: every zone, and its changes from 2020 to 2037 ---


@cache
def clock_changes(name: str) -> list[datetime]:
    """The first instants of each new offset; a day in 2025 for a zone that has none."""
    zone, step = ZoneInfo(name), timedelta(days=6)
    found, low, end = [], datetime(2020, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
    while low < end:
        if offset(low, zone) != offset(low + step, zone):
            found.append(first_of_new_offset(low, low + step, zone))
        low += step
    return found or [datetime(2025, 6, 1, tzinfo=UTC)]


def first_of_new_offset(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    while high - low > MINUTE:
        middle = low + (high - low) // 2
        middle = middle.replace(second=0, microsecond=0)
        low, high = (middle, high) if offset(middle, zone) == offset(low, zone) else (low, middle)
    return high


def offset(instant: datetime, zone: ZoneInfo) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()


def wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


ZONES = sorted(available_timezones() - {"localtime"})


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, datetime]:
    """A timezone, and a moment when its clock is changed."""
    name = draw(st.sampled_from(ZONES))
    return name, draw(st.sampled_from(clock_changes(name)))


def near(moment: datetime, hours: int = 30) -> st.SearchStrategy[datetime]:
    """Instants close to ``moment``, often on a round minute."""
    seconds = st.integers(-hours * 3600, hours * 3600)
    return st.one_of(seconds.map(lambda second: second // 900 * 900), seconds).map(
        lambda second: moment + timedelta(seconds=second)
    )


# --- what: schedules, with the meaning of their parts worked out beside their text ---


@dataclass(frozen=True)
class Field:
    text: str
    values: frozenset[int]

    @property
    def is_star(self) -> bool:
        return self.text.startswith("*")


@st.composite
def fields(draw: st.DrawFn, least: int, greatest: int) -> Field:
    everything = range(least, greatest + 1)
    match draw(st.sampled_from(["star", "step", "list", "list", "range"])):
        case "star":
            return Field("*", frozenset(everything))
        case "step":
            step = draw(st.integers(2, (greatest - least) // 2))
            return Field(f"*/{step}", frozenset(everything[::step]))
        case "range":
            low = draw(st.integers(least, greatest - 1))
            high = draw(st.integers(low + 1, greatest))
            assume(high - low < greatest - least)
            return Field(f"{low}-{high}", frozenset(range(low, high + 1)))
        case _:
            values = draw(st.sets(st.integers(least, greatest), min_size=1, max_size=4))
            return Field(",".join(map(str, sorted(values))), frozenset(values))


@dataclass(frozen=True)
class CronLine:
    minute: Field
    hour: Field
    day: Field
    weekday: Field
    day_or: bool

    def schedule(self, timezone: str) -> CronSchedule:
        cron = f"{self.minute.text} {self.hour.text} {self.day.text} * {self.weekday.text}"
        return CronSchedule(cron=cron, timezone=timezone, day_or=self.day_or)

    def names(self, moment: datetime) -> bool:
        if moment.minute not in self.minute.values or moment.hour not in self.hour.values:
            return False
        days = [moment.day in self.day.values] if self.day.text != "*" else []
        weekdays = [moment.isoweekday() % 7 in self.weekday.values] if self.weekday.text != "*" else []
        return (any if self.day_or and days and weekdays else all)(days + weekdays)

    @property
    def follows_real_time(self) -> bool:
        return self.minute.is_star or self.hour.is_star


any_value = Field("*", frozenset())
cron_lines = st.builds(
    CronLine,
    minute=fields(0, 59),
    hour=st.one_of(fields(0, 23), fields(0, 23).filter(lambda field: not field.values.isdisjoint(range(4)))),
    day=st.one_of(st.just(any_value), fields(1, 31)),
    weekday=st.one_of(st.just(any_value), fields(0, 6)),
    day_or=st.booleans(),
)
spans = st.one_of(
    st.integers(1, 48).map(lambda n: n * timedelta(minutes=15)),
    st.integers(1, 4).map(lambda n: n * DAY),
    st.integers(60, 400_000).map(lambda n: timedelta(seconds=n)),
)


@st.composite
def rule_texts(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["MINUTELY", "HOURLY", "DAILY", "WEEKLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 4 if frequency == 'WEEKLY' else 50))}"]
    if frequency in ("DAILY", "WEEKLY"):
        parts.append(f"BYHOUR={numbers(draw, 0, 23)}")
        if draw(st.booleans()):
            parts.append("BYDAY=" + ",".join(draw(st.sets(st.sampled_from(["MO", "FR", "SA", "SU"]), min_size=1))))
            parts[1] = "INTERVAL=1"
    if frequency != "MINUTELY":
        parts.append(f"BYMINUTE={numbers(draw, 0, 59)}")
    return ";".join(parts)


def numbers(draw: st.DrawFn, least: int, greatest: int) -> str:
    return ",".join(map(str, sorted(draw(st.sets(st.integers(least, greatest), min_size=1, max_size=4)))))


# --- the four promises ---


def check_promises(schedule: Schedule, a: datetime, near_b: Sequence[datetime]) -> None:
    from_a = list(islice(instants(schedule, a), LENGTH))
    assert all(instant.tzinfo is UTC for instant in from_a)
    assert all(earlier < later for earlier, later in zip([a, *from_a], from_a, strict=False))
    for b in near_b:
        from_a_later_than_b = [instant for instant in from_a if instant > b]
        assert list(islice(instants(schedule, b), len(from_a_later_than_b))) == from_a_later_than_b


@st.composite
def windows(draw: st.DrawFn) -> tuple[str, datetime, list[datetime]]:
    """A timezone, an instant ``a`` and some ``b``, all near a change of the clock."""
    name, change = draw(changes())
    several_b = st.lists(near(change), min_size=B_PER_A, max_size=B_PER_A)
    moments = sorted([draw(near(change)), *draw(several_b)])
    return name, moments[0], moments[1:]


@of_promises
@given(windows(), cron_lines)
def test_a_cron_line_keeps_its_promises(window: tuple[str, datetime, list[datetime]], line: CronLine) -> None:
    name, a, several_b = window
    check_promises(line.schedule(name), a, several_b)


@of_promises
@given(windows(), spans, st.data())
def test_an_interval_keeps_its_promises(
    window: tuple[str, datetime, list[datetime]], span: timedelta, data: st.DataObject
) -> None:
    name, a, several_b = window
    anchor = data.draw(near(a, hours=20_000))
    check_promises(IntervalSchedule(interval=span, anchor_date=anchor, timezone=name), a, several_b)


@of_promises
@given(windows(), rule_texts(), st.data())
def test_a_recurrence_rule_keeps_its_promises(
    window: tuple[str, datetime, list[datetime]], text: str, data: st.DataObject
) -> None:
    name, a, several_b = window
    start = data.draw(near(a, hours=5_000))
    count = data.draw(st.one_of(st.just(""), st.integers(1, 50).map(lambda n: f";COUNT={n}")))
    rrule = f"DTSTART:{start:%Y%m%dT%H%M%S}\nRRULE:{text}{count}"
    check_promises(RRuleSchedule(rrule=rrule, timezone=name), a, several_b)


# --- the oracle: what the clock on the wall shows, minute by minute ---


def scan(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, bool, list[datetime]]]:
    """Each minute, with what the clock shows, whether it is for the first time, and what was skipped just before."""
    seen: set[datetime] = set()
    minute = start - 4 * HOUR  # longer than any fold
    shown_before = wall(minute - MINUTE, zone)
    while minute <= end:
        shown = wall(minute, zone)
        skipped = [shown_before + n * MINUTE for n in range(1, (shown - shown_before) // MINUTE)]
        if minute > start:
            yield minute, shown, shown not in seen, skipped
        seen.add(shown)
        shown_before = shown
        minute += MINUTE


def expected_once(named: Callable[[datetime], bool], zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    return [
        minute
        for minute, shown, first, skipped in scan(zone, start, end)
        if (first and named(shown)) or any(map(named, skipped))
    ]


def found(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    return list(takewhile(lambda instant: instant <= end, instants(schedule, start)))


@st.composite
def hours_of_change(draw: st.DrawFn) -> tuple[str, datetime, datetime]:
    """A timezone, and the start and end of some hours around a change of its clock."""
    name, change = draw(changes())
    start = change + draw(st.integers(-300, 60)) * MINUTE
    return name, start, start + 7 * HOUR


@of_the_oracle
@given(hours_of_change(), cron_lines)
def test_a_cron_line_fires_when_the_clock_on_the_wall_says_so(
    hours: tuple[str, datetime, datetime], line: CronLine
) -> None:
    name, start, end = hours
    zone = ZoneInfo(name)
    if line.follows_real_time:
        expected = [minute for minute, shown, *_ in scan(zone, start, end) if line.names(shown)]
    else:
        expected = expected_once(line.names, zone, start, end)
    assert found(line.schedule(name), start, end) == expected


@of_the_oracle
@given(hours_of_change(), st.integers(1, 3), st.integers(-2000, 2000))
def test_an_interval_of_days_fires_when_the_clock_on_the_wall_says_so(
    hours: tuple[str, datetime, datetime], length: int, minutes: int
) -> None:
    name, start, end = hours
    zone = ZoneInfo(name)
    anchor = start + minutes * MINUTE
    schedule = IntervalSchedule(interval=length * DAY, anchor_date=anchor, timezone=name)
    anchored = wall(anchor, zone)
    expected = expected_once(lambda shown: not (shown - anchored) % (length * DAY), zone, start, end)
    assert found(schedule, start, end) == expected


@of_the_oracle
@given(hours_of_change(), rule_texts(), st.integers(0, 6_000))
def test_a_recurrence_rule_fires_when_the_clock_on_the_wall_says_so(
    hours: tuple[str, datetime, datetime], text: str, minutes_before: int
) -> None:
    name, start, end = hours
    zone = ZoneInfo(name)
    first = wall(start, zone) - minutes_before * MINUTE
    rule = rrulestr(text, dtstart=first.replace(second=0))
    named = set(rule.between(wall(start, zone) - 2 * DAY, wall(end, zone) + 2 * DAY, inc=True))
    counts_days = "DAILY" in text or "WEEKLY" in text
    expected = [
        minute
        for minute, shown, is_first, _ in scan(zone, start, end)
        if shown in named and (is_first or not counts_days)
    ]
    schedule = RRuleSchedule(rrule=f"DTSTART:{first:%Y%m%dT%H%M}00\n{text}", timezone=name)
    assert found(schedule, start, end) == expected

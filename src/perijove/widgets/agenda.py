"""Runs over a week that was and one that comes, deployment by deployment, and where they meet: data for a picture."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from statistics import median_high
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from perijove import recurrence
from perijove.errors import ScheduleError
from perijove.recurrence import zones
from perijove.schemas.deployments import Deployment
from perijove.schemas.runs import FlowRun
from perijove.schemas.schedules import IntervalSchedule, Schedule
from perijove.schemas.states import FINAL, StateType

DAYS = 7
"""Days before today, and days after it."""

MOST_OF_ONE = 10_080
"""Coming runs of one schedule that are looked for: one a minute."""

MOST = 100_000
"""Coming runs of all deployments that are looked for."""

CLOSE = timedelta(minutes=15)
"""What asks for runs no further apart than this, ``STEADY`` times or more, is drawn as one stretch and meets nobody:
it would meet everybody."""

STEADY = 8

_MINUTE = timedelta(minutes=1)
_schedule: TypeAdapter[Schedule] = TypeAdapter(Schedule)


@dataclass(frozen=True, slots=True)
class Mark:
    """A run that was or is, or one that is to come (no ``state_type``). ``end``: where it is not known, as long after
    its start as such runs take. ``count``: of a stretch, its runs. ``meets``: it begins with, or goes on beside,
    another deployment's."""

    start: datetime
    end: datetime
    state_type: StateType | None = None
    state_name: str = ""
    name: str = ""
    count: int = 1
    meets: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A deployment's runs, in their order. ``zone``: the timezone of its schedules; ``takes``: what its runs take, in
    the median."""

    id: UUID
    name: str
    words: str
    zone: str
    takes: timedelta | None
    past: tuple[Mark, ...]
    coming: tuple[Mark, ...]


class Clash(NamedTuple):
    """Coming runs of several deployments (their names, in order) that begin in one minute, or go on at once."""

    start: datetime
    end: datetime
    names: tuple[str, ...]
    in_one_minute: bool


@dataclass(frozen=True, slots=True)
class Agenda:
    """The lanes that have any runs. ``days``: midnights, one more than there are days; ``idle``: deployments without
    runs; ``unknown``: those whose coming runs were not all looked for, since there are too many."""

    days: tuple[datetime, ...]
    lanes: tuple[Lane, ...]
    clashes: tuple[Clash, ...]
    idle: int
    unknown: int


def midnights(now: datetime, zone: ZoneInfo | None) -> tuple[datetime, ...]:
    """Where the days of the picture begin, and its last one ends, in UTC: today is the eighth of fifteen.

    ``zone`` None: this machine's own.
    """
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    walls = [today + timedelta(days=number) for number in range(-DAYS, DAYS + 2)]
    return tuple(zones.resolve(wall, zone) if zone else wall.astimezone(UTC) for wall in walls)


def agenda(
    deployments: Mapping[str, Deployment], runs: Iterable[FlowRun], now: datetime, days: Sequence[datetime]
) -> Agenda:
    """The deployments (by their full names) with their runs, and what their schedules will ask for."""
    by_deployment: dict[UUID | None, list[FlowRun]] = {}
    for run in sorted(runs, key=_start):
        if days[0] <= _start(run) < days[-1]:
            by_deployment.setdefault(run.deployment_id, []).append(run)
    left, unknown = MOST, set()
    lanes: list[Lane] = []
    for name, deployment in deployments.items():
        lane = _lane(name, deployment, by_deployment.get(deployment.id, ()), now, days[-1], left)
        left -= sum(mark.count for mark in lane.coming)
        lanes.append(lane)
        if left <= 0 and lane.words:
            unknown.add(lane.id)
    busy = tuple(lane for lane in lanes if lane.past or lane.coming)
    clashes, meeting = _clashes(busy)
    idle = len({lane.id for lane in lanes} - {lane.id for lane in busy} - unknown)
    told = tuple(_meeting(lane, meeting) for lane in busy)
    return Agenda(tuple(days), told, clashes, idle, len(unknown))


def repeated(clashes: Sequence[Clash]) -> list[tuple[Clash, int]]:
    """The first clash of each set of deployments, and how many such there are."""
    counts = Counter((clash.names, clash.in_one_minute) for clash in clashes)
    firsts: dict[tuple[tuple[str, ...], bool], Clash] = {}
    for clash in clashes:
        firsts.setdefault((clash.names, clash.in_one_minute), clash)
    return [(first, counts[key]) for key, first in firsts.items()]


def _lane(name: str, deployment: Deployment, runs: Sequence[FlowRun], now: datetime, end: datetime, most: int) -> Lane:
    took = [each.end_time - each.start_time for each in runs if each.start_time and each.end_time]
    takes = median_high(took) if took else None
    active = [each.schedule for each in deployment.schedules if each.active and not deployment.paused]
    asked_for = [run for run in runs if _is_to_come(run, now)]
    coming = {instant for schedule in active for instant in islice(_instants(schedule, now, end), max(most, 0))}
    coming |= {_start(run) for run in asked_for}
    marks = [Mark(instant, instant + (takes or timedelta(0))) for instant in sorted(coming)]
    return Lane(
        id=deployment.id,
        name=name,
        words="\n".join(recurrence.describe(schedule) for schedule in active),
        zone=next((schedule.timezone for schedule in active if schedule.timezone), "UTC"),
        takes=takes,
        past=tuple(_mark(run, takes, now) for run in runs if not _is_to_come(run, now)),
        coming=tuple(_drawn(marks)),
    )


def _mark(run: FlowRun, takes: timedelta | None, now: datetime) -> Mark:
    start = _start(run)
    is_over = run.state_type in FINAL
    end = run.end_time or (start if is_over or run.start_time is None else max(now, start + (takes or timedelta(0))))
    return Mark(start, end, run.state_type, run.state_name or "", run.name)


def _is_to_come(run: FlowRun, now: datetime) -> bool:
    return run.state_type is StateType.SCHEDULED and _start(run) > now


def _start(run: FlowRun) -> datetime:
    return run.start_time or run.expected_start_time or run.created


def _instants(schedule: Schedule, after: datetime, end: datetime) -> Iterable[datetime]:
    """The schedule's instants until then. Many deployments have the same schedule, and each is asked for often."""
    if isinstance(schedule, IntervalSchedule) and schedule.anchor_date is None:
        schedule = schedule.model_copy(update={"anchor_date": after})
    hour = after.replace(minute=0, second=0, microsecond=0)
    found = _of_hour(_schedule.dump_json(schedule), hour, end)
    return (instant for instant in found if instant > after)


@lru_cache(maxsize=2_000)
def _of_hour(written: bytes, after: datetime, end: datetime) -> tuple[datetime, ...]:
    try:
        instants = recurrence.instants(_schedule.validate_json(written), after)
        return tuple(islice(takewhile(lambda instant: instant < end, instants), MOST_OF_ONE))
    except ScheduleError:  # another kind of server may keep what we would refuse
        return ()


def _drawn(marks: Iterable[Mark]) -> Iterable[Mark]:
    """The marks, with those of a stretch as one."""
    near: list[Mark] = []
    for mark in marks:
        if near and mark.start - near[-1].start > CLOSE:
            yield from _stretch(near)
            near = []
        near.append(mark)
    yield from _stretch(near)


def _stretch(near: list[Mark]) -> list[Mark]:
    return near if len(near) < STEADY else [replace(near[0], end=near[-1].end, count=len(near))]


# -- where runs meet -------------------------------------------------------------------------------------------------


def _clashes(lanes: Sequence[Lane]) -> tuple[tuple[Clash, ...], set[tuple[UUID, datetime]]]:
    """The clashes, and which coming marks are in one. A run takes up the minutes that it touches."""
    spans = sorted(
        (_minute(mark.start), max(mark.end, _minute(mark.start) + _MINUTE), lane.name, lane.id, mark.start)
        for lane in lanes
        for mark in lane.coming
        if mark.count == 1
    )
    clashes: list[Clash] = []
    meeting: set[tuple[UUID, datetime]] = set()
    for crowd in _crowds(spans):
        names = sorted({name for _, _, name, _, _ in crowd})
        if len(names) > 1:
            start, end = crowd[0][0], max(span[1] for span in crowd)
            clashes.append(Clash(start, end, tuple(names), crowd[-1][0] == start))
            meeting |= {(lane, began) for *_, lane, began in crowd}
    return tuple(clashes), meeting


_Span = tuple[datetime, datetime, str, UUID, datetime]


def _crowds(spans: Iterable[_Span]) -> Iterable[list[_Span]]:
    """Spans, given in their order, that follow one another without a gap."""
    crowd: list[_Span] = []
    end: datetime | None = None
    for span in spans:
        if end is not None and span[0] >= end:
            yield crowd
            crowd, end = [], None
        crowd.append(span)
        end = max(end, span[1]) if end else span[1]
    if crowd:
        yield crowd


def _meeting(lane: Lane, meeting: set[tuple[UUID, datetime]]) -> Lane:
    told = tuple(replace(mark, meets=(lane.id, mark.start) in meeting) for mark in lane.coming)
    return replace(lane, coming=told)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)

"""The schedule calendar: the past week's runs and the coming week's, deployment by deployment, and where they meet.

The page says which deployments it wants to see, and in which timezone its days begin. What changes comes as events.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import traitlets

import perijove
from perijove import clock
from perijove.client import AsyncClient, Target
from perijove.deployments.rows import RowQuery
from perijove.errors import ScheduleError
from perijove.recurrence import zones
from perijove.widgets import agenda, agenda_picture, gathering, load, showing
from perijove.widgets.agenda import Agenda, Clash, Lane, Mark
from perijove.widgets.changes import Changed
from perijove.widgets.gathering import Gathered
from perijove.widgets.live_view import LiveView

LANES = 25
"""Deployments that are drawn at once."""

CLASHES = 100
"""Clashes that are told: the first of each set of deployments."""

NAMES = 5
"""Deployments of a clash that are named."""


class ScheduleCalendar(LiveView):
    """A picture of a week of runs before today, and one after it.

    ``wanted``: which deployments; ``zone``: the timezone of the days (empty: the viewer's, or this machine's).
    """

    _esm = showing.script("calendar", "runs")
    _css = showing.style("calendar", "runs")
    wanted = traitlets.Dict().tag(sync=True)
    zone = traitlets.Unicode().tag(sync=True)

    def __init__(self, target: Target, wanted: RowQuery, zone: str = "") -> None:
        super().__init__(target, wanted=wanted.model_dump(mode="json", exclude={"cursor"}), zone=zone)
        self._viewer = ""  # the browser's timezone
        self._first = 0
        self._gathered = Gathered()
        self._agenda = Agenda((), (), (), 0, 0)
        self.observe(lambda _: self._from_the_first(self._read_all()), "wanted")
        self.observe(lambda _: self._from_the_first(self._build_and_tell()), "zone")

    @property
    def clashes(self) -> list[Clash]:
        """Coming runs of different deployments that begin in the same minute, or will overlap. Instants are in UTC."""
        return list(self._agenda.clashes)

    def picture(self) -> str:
        return agenda_picture.html(self._agenda, self._notes(), self._zone())

    def __repr__(self) -> str:
        return agenda_picture.text(self._agenda, self._notes(), self._zone())

    # -- what the page asks for ------------------------------------------------------------------------------------

    def _heard(self, message: Any) -> None:
        match message:
            case {"type": "zone", "zone": str(viewer)} if viewer != self._viewer:
                self._viewer = viewer
                self._do(self._build_and_tell())
            case {"type": "turn", "first": int(first)}:
                self._first = first
                self._tell()

    def _from_the_first(self, work: Coroutine[Any, Any, None]) -> None:
        self._first = 0
        self._do(work)

    def _zone(self) -> ZoneInfo | None:
        """That of the days: what was chosen, or the browser's; None: this machine's."""
        for name in filter(None, (self.zone, self._viewer)):
            with suppress(ScheduleError):  # a browser may know others than this machine
                return zones.zone(name)
        return None

    # -- what is read, and told ------------------------------------------------------------------------------------

    async def _read(self, client: AsyncClient) -> None:
        asked = RowQuery(**self.wanted)
        gathered = await gathering.gather(client, asked)
        if asked == RowQuery(**self.wanted):  # else the page has asked for others meanwhile
            self._gathered = gathered
            await self._build()

    async def _take(self, client: AsyncClient, changed: Changed) -> None:
        if changed.deployments:
            await self._read(client)
        else:
            await gathering.update(client, self._gathered, changed)
            await self._build()
        self._tell()

    async def _build(self) -> None:
        """In a thread of its own: the widgets' loop has others to serve."""
        now = clock.now()
        days = agenda.midnights(now, self._zone())
        known = self._gathered
        self._agenda = await asyncio.to_thread(agenda.agenda, known.deployments, [*known.runs.values()], now, days)

    async def _build_and_tell(self) -> None:
        await self._build()
        self._tell()
        self._draw_anew()

    def _tell(self) -> None:
        lanes = self._agenda.lanes
        self._first = self._first if self._first < len(lanes) else 0
        zone = self._zone()
        self.send(
            {
                "type": "agenda",
                "days": [_number(day) for day in self._agenda.days],
                "zone": zone.key if zone else "",
                "zones": sorted({lane.zone for lane in lanes} | {"UTC"}),
                "lanes": [_lane(lane) for lane in lanes[self._first : self._first + LANES]],
                "first": self._first,
                "count": len(lanes),
                "step": LANES,
                "load": load.hours(self._agenda, self._gathered.hours),
                "clashes": [_clash(*each) for each in agenda.repeated(self._agenda.clashes)[:CLASHES]],
                "clash_count": len(self._agenda.clashes),
                "notes": self._notes(),
            }
        )

    def _notes(self) -> list[str]:
        """What is not in the picture."""
        known, drawn = self._gathered, self._agenda
        notes = []
        if known.total > len(known.deployments):
            notes.append(
                f"These are the first {len(known.deployments):,} of {known.total:,} deployments: search for others."
            )
        if drawn.idle:
            notes.append(f"Without any runs in these days: {drawn.idle:,} of {len(known.deployments):,} deployments.")
        if known.hours is not None:
            notes.append(
                f"Only the latest {gathering.MOST_RUNS:,} past runs are drawn one by one: search for fewer deployments."
            )
        if drawn.unknown:
            notes.append(
                f"The coming runs of {drawn.unknown:,} deployments were not looked for: there are more than "
                f"{agenda.MOST:,}. Search for fewer deployments."
            )
        return notes


def calendar(search: str = "", *, tags: Iterable[str] = (), timezone: str = "") -> ScheduleCalendar:
    """A live picture of the past week's runs and the coming week's across deployments, with where they clash.

    - search: a part of the flow's or the deployment's name.
    - tags: only deployments that have all of them.
    - timezone: where its days begin (default: the viewer's).

    Raises ScheduleError for a timezone that is none, and ServerError.
    """
    if timezone:
        zones.zone(timezone)
    with perijove.get_client(sync_client=True) as client:
        shown = ScheduleCalendar(client.target, RowQuery(search=search, tags=list(tags)), timezone)
    shown.read()
    return shown


def _lane(lane: Lane) -> dict[str, Any]:
    told = {"name": lane.name, "words": lane.words, "zone": lane.zone}
    return {**told, "marks": [_mark(mark) for mark in (*lane.past, *lane.coming)]}


def _mark(mark: Mark) -> dict[str, Any]:
    times = {"start": _number(mark.start), "end": _number(mark.end)}
    said = {
        "type": mark.state_type,
        "state": mark.state_name,
        "run": mark.name,
        "count": mark.count,
        "meets": mark.meets,
    }
    return {**times, **said}


def _clash(clash: Clash, times: int) -> dict[str, Any]:
    span = {"start": _number(clash.start), "end": _number(clash.end)}
    return {
        **span,
        "in_one_minute": clash.in_one_minute,
        "times": times,
        "names": clash.names[:NAMES],
        "count": len(clash.names),
    }


def _number(instant: datetime) -> int:
    """Milliseconds since 1970, as a page counts time."""
    return round(1000 * instant.timestamp())

"""Routes of the schedule editor: what was typed in words, and the next instants, by the one truth that there is."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from perijove import recurrence
from perijove.deployments.schedule import upcoming
from perijove.lab.handlers import Handler, route
from perijove.schemas.base import Instant, Model, Request
from perijove.schemas.schedules import Schedule


class ScheduleText(Request):
    """A schedule as it is typed: one of ``cron``, ``interval`` (such as ``15m``) and ``rrule``."""

    cron: str | None = None
    interval: str | None = None
    rrule: str | None = None
    timezone: str | None = None
    anchor: str | None = None
    day_or: bool = True


class Wall(Model):
    """What a clock on a wall of the schedule's timezone shows: ``2026-03-29T02:30:00``, and the zone's abbreviation."""

    time: str
    zone: str


class Coming(Model):
    """An instant at which a schedule asks for a run."""

    instant: Instant
    wall: Wall


class Told(Model):
    """A schedule as the wire has it, in English words, and its next instants."""

    schedule: Schedule
    words: str
    instants: list[Coming]


class PreviewHandler(Handler):
    """What was typed, told; or why it is no schedule."""

    @route
    async def post(self) -> None:
        typed = self.body(ScheduleText)
        self.answer(_told(recurrence.build(**typed.model_dump())))


class WordsHandler(Handler):
    """Schedules of the wire, told."""

    @route
    async def post(self) -> None:
        self.answer([_told(each) for each in self.body(Schedules).schedules])


class Schedules(Request):
    schedules: list[Schedule]


class TimezonesHandler(Handler):
    """The names of the timezones that a schedule can have."""

    @route
    async def get(self) -> None:
        self.answer(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


def _told(schedule: Schedule) -> Told:
    zone = ZoneInfo(schedule.timezone or "UTC")
    return Told(
        schedule=schedule,
        words=recurrence.describe(schedule),
        instants=[Coming(instant=each, wall=_wall(each.astimezone(zone))) for each in upcoming(schedule)],
    )


def _wall(there: datetime) -> Wall:
    return Wall(time=there.replace(tzinfo=None).isoformat(timespec="seconds"), zone=there.tzname() or "")

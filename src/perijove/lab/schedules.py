"""Routes of the schedule editor: what was typed in words, and the next instants, by the one truth that there is."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from perijove import recurrence
from perijove.deployments.schedule import upcoming
from perijove.lab.handlers import Handler, route
from perijove.schemas.base import Request
from perijove.schemas.schedules import Schedule


class ScheduleText(Request):
    """A schedule as it is typed: one of ``cron``, ``interval`` (such as ``15m``) and ``rrule``."""

    cron: str | None = None
    interval: str | None = None
    rrule: str | None = None
    timezone: str | None = None
    anchor: str | None = None
    day_or: bool = True


class PreviewHandler(Handler):
    """The schedule as the wire has it, in words, and its next instants; or why it is none."""

    @route
    async def post(self) -> None:
        typed = self.body(ScheduleText)
        schedule = recurrence.build(**typed.model_dump())
        instants = [_local(each, schedule) for each in upcoming(schedule)]
        self.answer({"schedule": schedule, "words": recurrence.describe(schedule), "instants": instants})


class WordsHandler(Handler):
    """Schedules of the wire in words, each with its next instants."""

    @route
    async def post(self) -> None:
        asked = self.body(Schedules).schedules
        self.answer(
            [
                {"words": recurrence.describe(each), "instants": [_local(one, each) for one in upcoming(each)]}
                for each in asked
            ]
        )


class Schedules(Request):
    schedules: list[Schedule]


class TimezonesHandler(Handler):
    """The names of the timezones that a schedule can have."""

    @route
    async def get(self) -> None:
        self.answer(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


def _local(instant: datetime, schedule: Schedule) -> dict[str, str]:
    """An instant, and what a clock on a wall of the schedule's timezone shows then."""
    there = instant.astimezone(ZoneInfo(schedule.timezone or "UTC"))
    return {"instant": instant.isoformat(), "there": there.strftime("%a %d %b %Y %H:%M %Z")}

"""A deployment's schedule in words, and the instants at which it next asks for a run."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from perijove import clock, recurrence
from perijove.deployments.table import Shown, Table
from perijove.deployments.words import moment
from perijove.errors import UsageError
from perijove.schemas.schedules import DeploymentSchedule, IntervalSchedule, Schedule

UPCOMING = 5
"""How many of a schedule's next instants are shown."""


class NamedSchedule(Shown, DeploymentSchedule):
    """A schedule that knows its deployment's full name, and whether that is not paused."""

    deployment: str
    in_force: bool = True
    secret: frozenset[str] = frozenset()
    """Those of its parameters that are not shown."""

    def upcoming(self, count: int = UPCOMING) -> list[datetime]:
        """The next instants (in UTC) at which it asks for a run; none while it is inactive."""
        return upcoming(self.schedule, count) if self.active else []

    def row(self) -> tuple[str, str, str, str]:
        """Deployment, words, next runs in the schedule's timezone, and in this machine's."""
        state = "" if self.active and self.in_force else "\n(paused)"
        there, here = in_both_zones(self.schedule, self.upcoming())
        return self.deployment, recurrence.describe(self.schedule) + state, "\n".join(there), "\n".join(here)

    def table(self) -> Table:
        """The schedule at a glance."""
        return Table([self.row()], ("deployment", "schedule", "next runs", "here"))


class Instants(Shown, list[datetime]):
    """Instants in UTC, in their order; shown in this machine's time."""

    def table(self) -> Table:
        """One row an instant."""
        return Table([(moment(each),) for each in self], ("next runs",)) if self else Table([], title="There are none.")


def instants(schedules: Iterable[NamedSchedule], count: int) -> Instants:
    """The next instants at which any of the schedules that are in force asks for a run. Raises UsageError."""
    if count < 1:
        raise UsageError(f"--count {count} asks for nothing: give 1 or more.")
    found = {instant for each in schedules if each.in_force for instant in each.upcoming(count)}
    return Instants(sorted(found)[:count])


def upcoming(schedule: Schedule, count: int = UPCOMING) -> list[datetime]:
    """The next instants of a schedule, in UTC; an interval without an anchor counts from now."""
    now = clock.now()
    if isinstance(schedule, IntervalSchedule) and schedule.anchor_date is None:
        schedule = schedule.model_copy(update={"anchor_date": now})
    return list(islice(recurrence.instants(schedule, now), count))


def next_run(schedules: Iterable[DeploymentSchedule]) -> datetime | None:
    """The first instant at which one of the active ones asks for a run."""
    firsts = [instant for each in schedules if each.active for instant in upcoming(each.schedule, 1)]
    return min(firsts, default=None)


def schedule_words(schedule: DeploymentSchedule) -> str:
    """The schedule in words."""
    return recurrence.describe(schedule.schedule) + ("" if schedule.active else " (paused)")


def in_both_zones(schedule: Schedule, instants: Iterable[datetime]) -> tuple[list[str], list[str]]:
    """The instants as the schedule's timezone and as this machine's clock shows them."""
    zone = ZoneInfo(schedule.timezone or "UTC")
    instants = list(instants)
    return [moment(each, zone) for each in instants], [moment(each) for each in instants]

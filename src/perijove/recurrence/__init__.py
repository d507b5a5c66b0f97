"""When a schedule fires: cron lines, intervals and iCalendar rules as strictly increasing UTC instants."""

from perijove.recurrence.build import build
from perijove.recurrence.schedules import instants, validate
from perijove.recurrence.words import describe

__all__ = ["build", "describe", "instants", "validate"]

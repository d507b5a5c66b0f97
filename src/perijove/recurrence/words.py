"""A schedule in short English words, for people; or its own expression, where no short words would be exact."""

from perijove.errors import ScheduleError
from perijove.recurrence import cron, cron_words, durations, icalendar, interval, phrases, rrule_words, zones
from perijove.schemas.schedules import CronSchedule, IntervalSchedule, Schedule


def describe(schedule: Schedule) -> str:
    """Words such as "at 08:00, Monday to Friday (Europe/Berlin)" or "every 15 minutes".

    What ``validate`` would refuse is described by its expression, as it may come from a server that takes it.
    """
    try:
        words = _words(schedule)
    except ScheduleError:
        words = None
    return words or f"{_expression(schedule)} ({schedule.timezone or 'UTC'})"


def _words(schedule: Schedule) -> str | None:
    tz = zones.zone(schedule.timezone)
    match schedule:
        case CronSchedule():
            return cron_words.describe(cron.parse(schedule.cron, schedule.day_or), tz)
        case IntervalSchedule():
            return _interval(schedule)
        case _:
            return rrule_words.describe(icalendar.parse(schedule.rrule, schedule.timezone))


def _interval(schedule: IntervalSchedule) -> str:
    words = durations.every(schedule.interval)
    tz = zones.zone(schedule.timezone)
    if schedule.anchor_date is not None:
        return f"{words}, from {phrases.moment(zones.wall_time(schedule.anchor_date, tz))} ({tz.key})"
    return words if interval.is_elapsed_time(schedule.interval) else f"{words} ({tz.key})"


def _expression(schedule: Schedule) -> str:
    match schedule:
        case CronSchedule():
            return f"cron {schedule.cron}"
        case IntervalSchedule():
            return durations.every(schedule.interval)
        case _:
            return f"rrule {' '.join(schedule.rrule.split())}"

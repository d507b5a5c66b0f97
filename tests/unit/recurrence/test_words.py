import locale

import pytest

from perijove.recurrence import build, describe
from perijove.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0,20,40 * * * *", "every 20 minutes"),
        ("0 * * * *", "every hour"),
        ("@hourly", "every hour"),
        ("30 * * * *", "every hour at minute 30 (Europe/Berlin)"),
        ("0 */2 * * *", "every 2 hours (Europe/Berlin)"),
        ("15 */4 * * *", "every 4 hours at minute 15 (Europe/Berlin)"),
        ("0 */12 * * *", "at 00:00 and 12:00, every day (Europe/Berlin)"),
        ("@daily", "at 00:00, every day (Europe/Berlin)"),
        ("0 8 * * 1-5", "at 08:00, Monday to Friday (Europe/Berlin)"),
        ("0 8 * * MON-FRI", "at 08:00, Monday to Friday (Europe/Berlin)"),
        ("5 7 * * 0", "at 07:05, every Sunday (Europe/Berlin)"),
        ("5 7 * * 6,0", "at 07:05, Saturday and Sunday (Europe/Berlin)"),
        ("5 7 * * 1,3,0", "at 07:05, Monday, Wednesday and Sunday (Europe/Berlin)"),
        ("0,30 9,10 * * *", "at 09:00, 09:30, 10:00 and 10:30, every day (Europe/Berlin)"),
        ("*/15 9-17 * * 1-5", "every 15 minutes from 09:00 to 17:45, Monday to Friday (Europe/Berlin)"),
        ("* 9 * * *", "every minute from 09:00 to 09:59 (Europe/Berlin)"),
        ("0 9-17 * * *", "every hour from 09:00 to 17:00 (Europe/Berlin)"),
        ("20 9-17 * * *", "every hour from 09:20 to 17:20 (Europe/Berlin)"),
        ("*/20 * * * 6", "every 20 minutes, every Saturday (Europe/Berlin)"),
        ("0 0 1 * *", "at 00:00, on the 1st of the month (Europe/Berlin)"),
        ("0 0 12,13,23 * *", "at 00:00, on the 12th, 13th and 23rd of the month (Europe/Berlin)"),
        ("0 0 2,3,11,22 * *", "at 00:00, on the 2nd, 3rd, 11th and 22nd of the month (Europe/Berlin)"),
        ("0 0 1-7 * *", "at 00:00, on the 1st to 7th of the month (Europe/Berlin)"),
        ("0 0 15,L * *", "at 00:00, on the 15th and last day of the month (Europe/Berlin)"),
        ("0 0 * * 2#1,5#2", "at 00:00, on the 1st Tuesday and 2nd Friday of the month (Europe/Berlin)"),
        ("0 0 * * L5", "at 00:00, on the last Friday of the month (Europe/Berlin)"),
        ("0 0 13 * 5", "at 00:00, on the 13th of the month and also every Friday (Europe/Berlin)"),
        ("0 8 * 6 *", "at 08:00, every day in June (Europe/Berlin)"),
        ("0 8 1 1,7 *", "at 08:00, on the 1st of the month, in January and July (Europe/Berlin)"),
        ("0 * * 3-5 *", "every hour, every day in March to May (Europe/Berlin)"),
        # what has no short words
        ("*/7 * * * *", "cron */7 * * * * (Europe/Berlin)"),
        ("0 */5 * * *", "cron 0 */5 * * * (Europe/Berlin)"),
        ("1,2,7 * * * *", "cron 1,2,7 * * * * (Europe/Berlin)"),
        ("0 5,7,9,11,13 * * *", "cron 0 5,7,9,11,13 * * * (Europe/Berlin)"),
        ("*/10 8,10 * * *", "cron */10 8,10 * * * (Europe/Berlin)"),
    ],
)
def test_a_cron_line_in_words(line: str, words: str) -> None:
    assert describe(build(cron=line, timezone=BERLIN)) == words


def test_one_day_field_fits_alone_whichever_the_rule() -> None:
    assert describe(build(cron="0 8 * * 1", day_or=False)) == "at 08:00, every Monday (UTC)"


def test_two_day_fields_that_must_both_fit_have_no_short_words() -> None:
    assert describe(build(cron="0 0 13 * 5", day_or=False)) == "cron 0 0 13 * 5 (UTC)"


@pytest.mark.parametrize(
    ("interval", "anchor", "timezone", "words"),
    [
        ("15m", None, None, "every 15 minutes"),
        ("15m", None, BERLIN, "every 15 minutes"),
        ("2h", "2026-01-01 06:00", None, "every 2 hours, from 2026-01-01 06:00 (UTC)"),
        ("1h", "2026-01-01 06:00:30", BERLIN, "every hour, from 2026-01-01 06:00:30 (Europe/Berlin)"),
        ("1d", "2026-01-01 06:00", BERLIN, "every day, from 2026-01-01 06:00 (Europe/Berlin)"),
        ("1d", None, BERLIN, "every day (Europe/Berlin)"),
    ],
)
def test_an_interval_in_words(interval: str, anchor: str | None, timezone: str | None, words: str) -> None:
    assert describe(build(interval=interval, anchor=anchor, timezone=timezone)) == words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY;BYHOUR=8", "at 08:00, every day (Europe/Berlin)"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE;BYHOUR=8", "at 08:00, Monday to Wednesday (Europe/Berlin)"),
        ("FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=9", "at 09:00, Monday and Friday (Europe/Berlin)"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
            "at 00:00, every 2 weeks, Monday and Friday, from 2020-01-01 00:00 (Europe/Berlin)",
        ),
        ("FREQ=DAILY;INTERVAL=3", "at 00:00, every 3 days, from 2020-01-01 00:00 (Europe/Berlin)"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "at 00:00, on the 1st and last day of the month (Europe/Berlin)"),
        ("FREQ=MONTHLY;BYDAY=2TU", "at 00:00, on the 2nd Tuesday of the month (Europe/Berlin)"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "at 00:00, on the last Sunday of the month, in March (Europe/Berlin)"),
        ("FREQ=YEARLY", "at 00:00, on the 1st of the month, in January (Europe/Berlin)"),
        ("FREQ=DAILY;BYMONTH=6", "at 00:00, every day in June (Europe/Berlin)"),
        ("FREQ=DAILY;BYMONTH=6;BYDAY=MO", "at 00:00, every Monday, in June (Europe/Berlin)"),
        (
            "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1",
            "at 00:00, every 2 months, on the 1st of the month, from 2020-01-01 00:00 (Europe/Berlin)",
        ),
        (
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=3",
            "at 00:00, every 2 years, on the 1st of the month, in March, from 2020-01-01 00:00 (Europe/Berlin)",
        ),
        ("FREQ=HOURLY", "every hour (Europe/Berlin)"),
        ("FREQ=HOURLY;COUNT=5", "every hour, from 2020-01-01 00:00, 5 times (Europe/Berlin)"),
        ("FREQ=HOURLY;UNTIL=20301231T230000Z", "every hour, until 2031-01-01 00:00 (Europe/Berlin)"),
        ("FREQ=MINUTELY;INTERVAL=15", "every 15 minutes, from 2020-01-01 00:00 (Europe/Berlin)"),
        (
            "DTSTART:20260105T080000\nRRULE:FREQ=DAILY;COUNT=10",
            "at 08:00, every day, from 2026-01-05 08:00, 10 times (Europe/Berlin)",
        ),
        (
            "DTSTART:20260105T080000\nRRULE:FREQ=DAILY;COUNT=1",
            "at 08:00, every day, from 2026-01-05 08:00, once (Europe/Berlin)",
        ),
        (
            "DTSTART:20260105T080000\nRRULE:FREQ=DAILY;UNTIL=20261231T220000Z",
            "at 08:00, every day, from 2026-01-05 08:00, until 2026-12-31 23:00 (Europe/Berlin)",
        ),
        (
            "DTSTART;TZID=America/New_York:20260105T080000\nRRULE:FREQ=WEEKLY",
            "at 08:00, every Monday, from 2026-01-05 08:00 (America/New_York)",
        ),
    ],
)
def test_a_recurrence_rule_in_words(rule: str, words: str) -> None:
    assert describe(build(rrule=rule, timezone=BERLIN)) == words


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=MONTHLY;BYDAY=2MO,FR",
        "FREQ=MONTHLY;BYMONTHDAY=-2",
        "FREQ=MONTHLY;BYDAY=-2MO",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=YEARLY;BYYEARDAY=100",
        "FREQ=YEARLY;INTERVAL=2;BYDAY=MO",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTH=1",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        "FREQ=WEEKLY;INTERVAL=2;BYMONTH=3",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=2;BYMONTH=3",
        "FREQ=DAILY;BYSECOND=30",
        "FREQ=DAILY;BYHOUR=1,2,3,4,5",
        "FREQ=HOURLY;BYHOUR=9",
        "FREQ=MINUTELY;BYMINUTE=0",
        "FREQ=HOURLY;BYMINUTE=30",
        "FREQ=DAILY EXDATE:20260105T000000",
        "FREQ=DAILY RDATE:20260105T080000",
        "FREQ=DAILY RRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=1",
    ],
)
def test_a_recurrence_without_short_words_is_shown_as_it_is(rule: str) -> None:
    assert describe(build(rrule=rule, timezone=BERLIN)) == f"rrule {rule} (Europe/Berlin)"


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (CronSchedule(cron="0 0 8 * * *"), "cron 0 0 8 * * * (UTC)"),
        (CronSchedule(cron="0 8 * * *", timezone="Nowhere"), "cron 0 8 * * * (Nowhere)"),
        (RRuleSchedule(rrule="EXRULE:FREQ=DAILY\nFREQ=DAILY"), "rrule EXRULE:FREQ=DAILY FREQ=DAILY (UTC)"),
        (IntervalSchedule.model_validate({"interval": 60, "timezone": "Nowhere"}), "every minute (Nowhere)"),
    ],
)
def test_a_schedule_of_another_server_is_shown_even_if_it_would_be_refused_here(schedule: Schedule, words: str) -> None:
    assert describe(schedule) == words


def test_the_words_do_not_follow_the_locale() -> None:
    before = locale.setlocale(locale.LC_ALL)
    try:
        for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"):
            try:
                locale.setlocale(locale.LC_ALL, name)
            except locale.Error:
                continue
            assert describe(build(cron="0 8 * 1 1")) == "at 08:00, every Monday, in January (UTC)"
    finally:
        locale.setlocale(locale.LC_ALL, before)

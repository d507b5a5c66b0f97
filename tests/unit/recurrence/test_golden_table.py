"""What each schedule means on the days when clocks are moved, one row a rule. Times are local, with their offset."""

from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from perijove.recurrence import build, instants
from perijove.schemas.schedules import Schedule

NEW_YORK = "America/New_York"  # 2025: 9 March 02:00 -> 03:00 (-05:00 -> -04:00), 2 November 02:00 -> 01:00
LORD_HOWE = "Australia/Lord_Howe"  # 2025: 6 April 02:00 -> 01:30 (+11:00 -> +10:30), 5 October 02:00 -> 02:30
SANTIAGO = "America/Santiago"  # 2025: 7 September 00:00 -> 01:00 (-04:00 -> -03:00), 6 April 00:00 -> 5 April 23:00
BEIRUT = "Asia/Beirut"  # 2025: 30 March 00:00 -> 01:00 (+02:00 -> +03:00), 26 October 00:00 -> 25 October 23:00
CAIRO = "Africa/Cairo"  # 2025: 25 April 00:00 -> 01:00 (+02:00 -> +03:00), 31 October 00:00 -> 30 October 23:00
DUBLIN = "Europe/Dublin"  # 2025: 30 March 01:00 -> 02:00, 26 October 02:00 -> 01:00; its winter time is the "saving"
CASABLANCA = "Africa/Casablanca"  # 2025, Ramadan: 23 February 03:00 -> 02:00 (+01:00 -> +00:00), 6 April 02:00 -> 03:00
TROLL = "Antarctica/Troll"  # 2025: 30 March 01:00 -> 03:00 (+00:00 -> +02:00), 26 October 03:00 -> 01:00
CASEY = "Antarctica/Casey"  # 4 October 2020 00:01 -> 03:01 (+08:00 -> +11:00); 14 March 2021 00:00 -> 13 March 21:00
ALMATY = "Asia/Almaty"  # 1 March 2024 00:00 -> 29 February 23:00 (+06:00 -> +05:00), and so it stays
NUUK = "America/Nuuk"  # 25 March 2023 22:00 -> 23:00 (-03:00 -> -02:00): a new standard time
MEXICO = "America/Mexico_City"  # 30 October 2022 02:00 -> 01:00 (-05:00 -> -06:00), for the last time
APIA = "Pacific/Apia"  # 30 December 2011 is left out: 24:00 of the 29th -> 00:00 of the 31st (-10:00 -> +14:00)

NOV_1 = "2025-11-01T12:00-04:00"
MAR_8 = "2025-03-08T12:00-05:00"


def row(meaning: str, schedule: Schedule, after: str, *expected: str) -> object:
    return pytest.param(schedule, after, expected, id=meaning)


TABLE = [
    # cron, fixed times: once, and none is lost
    row(
        "a fixed time in the gap fires at its end, and is back the day after",
        build(cron="30 2 * * *", timezone=NEW_YORK),
        MAR_8,
        *("2025-03-09T03:00-04:00", "2025-03-10T02:30-04:00", "2025-03-11T02:30-04:00"),
    ),
    row(
        "two fixed times in the gap, and one at its end, fire together",
        build(cron="0,30 2,3 * * *", timezone=NEW_YORK),
        MAR_8,
        *("2025-03-09T03:00-04:00", "2025-03-09T03:30-04:00", "2025-03-10T02:00-04:00"),
    ),
    row(
        "a fixed time in the fold fires the first time",
        build(cron="30 1 * * *", timezone=NEW_YORK),
        NOV_1,
        *("2025-11-02T01:30-04:00", "2025-11-03T01:30-05:00"),
    ),
    row(
        "a fixed time is not due again when asked for within the fold",
        build(cron="30 1 * * *", timezone=NEW_YORK),
        "2025-11-02T01:10-05:00",
        "2025-11-03T01:30-05:00",
    ),
    row(
        "a list of hours is fixed, so it pauses while the clock repeats one",
        build(cron="0 0-3 * * *", timezone=NEW_YORK),
        NOV_1,
        *("2025-11-02T00:00-04:00", "2025-11-02T01:00-04:00", "2025-11-02T02:00-05:00", "2025-11-02T03:00-05:00"),
    ),
    row(
        "midnight in a gap fires at one o'clock",
        build(cron="0 0 * * *", timezone=SANTIAGO),
        "2025-09-06T12:00-04:00",
        *("2025-09-07T01:00-03:00", "2025-09-08T00:00-03:00"),
    ),
    row(
        "midnight after a fold fires once",
        build(cron="0 0 * * *", timezone=SANTIAGO),
        "2025-04-05T12:00-03:00",
        *("2025-04-06T00:00-04:00", "2025-04-07T00:00-04:00"),
    ),
    row(
        "a weekday that begins with a gap has its midnight",
        build(cron="0 0 * * 0", timezone=BEIRUT),
        "2025-03-28T12:00+02:00",
        *("2025-03-30T01:00+03:00", "2025-04-06T00:00+03:00"),
    ),
    row(
        "the evening before a fold at midnight fires once",
        build(cron="30 23 * * *", timezone=BEIRUT),
        "2025-10-25T12:00+03:00",
        *("2025-10-25T23:30+03:00", "2025-10-26T23:30+02:00"),
    ),
    row(
        "a Friday's midnight in Cairo moves to one o'clock",
        build(cron="15 0 * * 5", timezone=CAIRO),
        "2025-04-24T12:00+02:00",
        *("2025-04-25T01:00+03:00", "2025-05-02T00:15+03:00"),
    ),
    row(
        "a half-hour gap swallows half an hour",
        build(cron="15,45 2 * * *", timezone=LORD_HOWE),
        "2025-10-04T12:00+10:30",
        *("2025-10-05T02:30+11:00", "2025-10-05T02:45+11:00", "2025-10-06T02:15+11:00"),
    ),
    row(
        "a half-hour fold repeats half an hour",
        build(cron="15,45 1 * * *", timezone=LORD_HOWE),
        "2025-04-05T12:00+11:00",
        *("2025-04-06T01:15+11:00", "2025-04-06T01:45+11:00", "2025-04-07T01:15+10:30"),
    ),
    row(
        "a saving of minus one hour has the same gap",
        build(cron="30 1 * * *", timezone=DUBLIN),
        "2025-03-29T12:00+00:00",
        *("2025-03-30T02:00+01:00", "2025-03-31T01:30+01:00"),
    ),
    row(
        "a saving of minus one hour has the same fold",
        build(cron="30 1 * * *", timezone=DUBLIN),
        "2025-10-25T12:00+01:00",
        *("2025-10-26T01:30+01:00", "2025-10-27T01:30+00:00"),
    ),
    row(
        "Ramadan begins with a fold",
        build(cron="30 2 * * *", timezone=CASABLANCA),
        "2025-02-22T12:00+01:00",
        *("2025-02-23T02:30+01:00", "2025-02-24T02:30+00:00"),
    ),
    row(
        "a gap of two hours",
        build(cron="0,59 1,2 * * *", timezone=TROLL),
        "2025-03-29T12:00+00:00",
        *("2025-03-30T03:00+02:00", "2025-03-31T01:00+02:00"),
    ),
    row(
        "a gap of three hours that begins at 00:01",
        build(cron="0 0,2,5 * * *", timezone=CASEY),
        "2020-10-03T12:00+08:00",
        *("2020-10-04T00:00+08:00", "2020-10-04T03:01+11:00", "2020-10-04T05:00+11:00"),
    ),
    row(
        "a fold of three hours",
        build(cron="30 21,23 * * *", timezone=CASEY),
        "2021-03-13T12:00+11:00",
        *("2021-03-13T21:30+11:00", "2021-03-13T23:30+11:00", "2021-03-14T21:30+08:00"),
    ),
    row(
        "a new standard time, with a fold",
        build(cron="30 23 * * *", timezone=ALMATY),
        "2024-02-29T12:00+06:00",
        *("2024-02-29T23:30+06:00", "2024-03-01T23:30+05:00"),
    ),
    row(
        "a new standard time, with a gap",
        build(cron="15 22 * * *", timezone=NUUK),
        "2023-03-25T12:00-03:00",
        *("2023-03-25T23:00-02:00", "2023-03-26T22:15-02:00"),
    ),
    row(
        "a day that is left out",
        build(cron="0 8 * * *", timezone=APIA),
        "2011-12-29T00:00-10:00",
        *("2011-12-29T08:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T08:00+14:00"),
    ),
    # cron, wildcards: real time
    row(
        "every hour is every real hour through the fold",
        build(cron="0 * * * *", timezone=NEW_YORK),
        "2025-11-02T00:00-04:00",
        *("2025-11-02T01:00-04:00", "2025-11-02T01:00-05:00", "2025-11-02T02:00-05:00"),
    ),
    row(
        "every hour is every real hour through the gap",
        build(cron="0 * * * *", timezone=NEW_YORK),
        "2025-03-09T00:30-05:00",
        *("2025-03-09T01:00-05:00", "2025-03-09T03:00-04:00", "2025-03-09T04:00-04:00"),
    ),
    row(
        "all hours written out are every hour",
        build(cron="0 0-23 * * *", timezone=NEW_YORK),
        "2025-11-02T00:30-04:00",
        *("2025-11-02T01:00-04:00", "2025-11-02T01:00-05:00", "2025-11-02T02:00-05:00"),
    ),
    row(
        "@hourly is every real hour",
        build(cron="@hourly", timezone=NEW_YORK),
        "2025-11-02T00:30-04:00",
        *("2025-11-02T01:00-04:00", "2025-11-02T01:00-05:00", "2025-11-02T02:00-05:00"),
    ),
    row(
        "every quarter is every real quarter, asked for within the fold",
        build(cron="*/15 * * * *", timezone=NEW_YORK),
        "2025-11-02T01:40-04:00",
        *("2025-11-02T01:45-04:00", "2025-11-02T01:00-05:00", "2025-11-02T01:15-05:00"),
    ),
    row(
        "every quarter through a half-hour fold",
        build(cron="*/15 * * * *", timezone=LORD_HOWE),
        "2025-04-06T01:40+11:00",
        *("2025-04-06T01:45+11:00", "2025-04-06T01:30+10:30", "2025-04-06T01:45+10:30", "2025-04-06T02:00+10:30"),
    ),
    row(
        "every minute of one hour fires in both of its passes",
        build(cron="*/30 1 * * *", timezone=NEW_YORK),
        NOV_1,
        *("2025-11-02T01:00-04:00", "2025-11-02T01:30-04:00", "2025-11-02T01:00-05:00", "2025-11-02T01:30-05:00"),
    ),
    row(
        "a wildcard's time in the gap is not made up for",
        build(cron="30 */2 * * *", timezone=NEW_YORK),
        "2025-03-09T00:00-05:00",
        *("2025-03-09T00:30-05:00", "2025-03-09T04:30-04:00"),
    ),
    row(
        "every hour of the last summer time of Mexico",
        build(cron="0 * * * *", timezone=MEXICO),
        "2022-10-30T00:30-05:00",
        *("2022-10-30T01:00-05:00", "2022-10-30T01:00-06:00", "2022-10-30T02:00-06:00"),
    ),
    # intervals
    row(
        "an interval of an hour is elapsed time through the fold",
        build(interval="1h", anchor="2025-01-01T00:30", timezone=NEW_YORK),
        "2025-11-02T00:30-04:00",
        *("2025-11-02T01:30-04:00", "2025-11-02T01:30-05:00", "2025-11-02T02:30-05:00"),
    ),
    row(
        "an interval of an hour is elapsed time through the gap",
        build(interval="1h", anchor="2025-01-01T00:30", timezone=NEW_YORK),
        "2025-03-09T00:30-05:00",
        *("2025-03-09T01:30-05:00", "2025-03-09T03:30-04:00", "2025-03-09T04:30-04:00"),
    ),
    row(
        "an interval of 36 hours is elapsed time",
        build(interval="36h", anchor="2025-03-08T12:00", timezone=NEW_YORK),
        MAR_8,
        *("2025-03-10T01:00-04:00", "2025-03-11T13:00-04:00"),
    ),
    row(
        "a day's interval in the gap fires at its end, and is back the day after",
        build(interval="24h", anchor="2025-03-01T02:30", timezone=NEW_YORK),
        MAR_8,
        *("2025-03-09T03:00-04:00", "2025-03-10T02:30-04:00", "2025-03-11T02:30-04:00"),
    ),
    row(
        "a day's interval in the fold fires the first time",
        build(interval="1d", anchor="2025-10-01T01:30", timezone=NEW_YORK),
        NOV_1,
        *("2025-11-02T01:30-04:00", "2025-11-03T01:30-05:00"),
    ),
    row(
        "an interval of two days keeps its days and its time",
        build(interval="2d", anchor="2025-10-31T09:00", timezone=NEW_YORK),
        "2025-10-31T09:00-04:00",
        *("2025-11-02T09:00-05:00", "2025-11-04T09:00-05:00"),
    ),
    row(
        "a day's interval at a midnight that does not exist",
        build(interval="1d", anchor="2025-09-01T00:00", timezone=SANTIAGO),
        "2025-09-06T12:00-04:00",
        *("2025-09-07T01:00-03:00", "2025-09-08T00:00-03:00"),
    ),
    # recurrence rules
    row(
        "a daily rule skips the time that does not exist",
        build(rrule="DTSTART:20250301T023000\nRRULE:FREQ=DAILY", timezone=NEW_YORK),
        MAR_8,
        *("2025-03-10T02:30-04:00", "2025-03-11T02:30-04:00"),
    ),
    row(
        "a skipped time is not counted",
        build(rrule="DTSTART:20250308T023000\nRRULE:FREQ=DAILY;COUNT=3", timezone=NEW_YORK),
        "2025-03-01T00:00-05:00",
        *("2025-03-08T02:30-05:00", "2025-03-10T02:30-04:00", "2025-03-11T02:30-04:00"),
    ),
    row(
        "a daily rule in the fold fires the first time",
        build(rrule="DTSTART:20251001T013000\nRRULE:FREQ=DAILY", timezone=NEW_YORK),
        NOV_1,
        *("2025-11-02T01:30-04:00", "2025-11-03T01:30-05:00"),
    ),
    row(
        "an hourly rule fires every real hour through the fold",
        build(rrule="DTSTART:20250101T000000\nRRULE:FREQ=HOURLY", timezone=NEW_YORK),
        "2025-11-02T00:00-04:00",
        *("2025-11-02T01:00-04:00", "2025-11-02T01:00-05:00", "2025-11-02T02:00-05:00"),
    ),
    row(
        "an hourly rule fires every real hour through the gap",
        build(rrule="DTSTART:20250101T000000\nRRULE:FREQ=HOURLY", timezone=NEW_YORK),
        "2025-03-09T00:00-05:00",
        *("2025-03-09T01:00-05:00", "2025-03-09T03:00-04:00", "2025-03-09T04:00-04:00"),
    ),
    row(
        "a rule of minutes follows real time through a half-hour fold",
        build(rrule="DTSTART:20250101T000000\nRRULE:FREQ=MINUTELY;INTERVAL=20", timezone=LORD_HOWE),
        "2025-04-06T01:30+11:00",
        *("2025-04-06T01:40+11:00", "2025-04-06T01:40+10:30", "2025-04-06T02:00+10:30"),
    ),
    row(
        "every sixth hour stays at its hours when the clock is moved",
        build(rrule="DTSTART:20250101T000000\nRRULE:FREQ=HOURLY;INTERVAL=6", timezone=NEW_YORK),
        MAR_8,
        *("2025-03-08T18:00-05:00", "2025-03-09T00:00-05:00", "2025-03-09T06:00-04:00"),
    ),
    row(
        "a weekly rule skips the midnight that does not exist",
        build(rrule="DTSTART:20250824T000000\nRRULE:FREQ=WEEKLY", timezone=SANTIAGO),
        "2025-08-30T12:00-04:00",
        *("2025-08-31T00:00-04:00", "2025-09-14T00:00-03:00"),
    ),
]


@pytest.mark.parametrize(("schedule", "after", "expected"), TABLE)
def test_the_golden_table(schedule: Schedule, after: str, expected: tuple[str, ...]) -> None:
    found = islice(instants(schedule, datetime.fromisoformat(after)), len(expected))
    zone = ZoneInfo(schedule.timezone or "UTC")
    assert [instant.astimezone(zone).isoformat(timespec="minutes") for instant in found] == list(expected)

from datetime import timedelta

import pytest

from perijove.errors import ScheduleError
from perijove.recurrence import durations


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("15m", 900),
        ("1h30m", 5400),
        ("2d", 172800),
        ("90s", 90),
        ("1w", 604800),
        ("1d2h3m4s", 93784),
        ("1.5h", 5400),
        ("0.25 s", 0.25),
        ("1 hour 30 minutes", 5400),
        ("2 Hours", 7200),
        ("10 mins", 600),
        (" 5  min ", 300),
        ("3 hrs", 10800),
        ("20 secs", 20),
        ("1 day", 86400),
        ("2 weeks", 1209600),
        ("900", 900),
        (900, 900),
        (0.5, 0.5),
        (timedelta(hours=2), 7200),
    ],
)
def test_lengths_of_time_are_read_as_people_write_them(written: timedelta | float | str, seconds: float) -> None:
    assert durations.parse(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    ["", "soon", "15", "m", "5x", "15m1h", "1h1h", "-5m", "1h,30m", "1e3s", "٣m", "9" * 10 + "s", float("nan")][3:],
)
def test_what_is_no_length_of_time_is_refused(written: str | float) -> None:
    with pytest.raises(ScheduleError, match="is not a length of time: write '15m'"):
        durations.parse(written)


@pytest.mark.parametrize("written", [0, -1, "0s", "0", timedelta(0), timedelta(days=-1)])
def test_an_interval_of_nothing_or_less_is_refused(written: timedelta | float | str) -> None:
    with pytest.raises(ScheduleError, match="leads nowhere"):
        durations.parse(written)


def test_a_length_beyond_counting_is_refused() -> None:
    with pytest.raises(ScheduleError, match="is not a length of time"):
        durations.parse(float("inf"))


@pytest.mark.parametrize(
    ("length", "words", "every"),
    [
        (timedelta(seconds=1), "1 second", "every second"),
        (timedelta(minutes=15), "15 minutes", "every 15 minutes"),
        (timedelta(hours=1), "1 hour", "every hour"),
        (timedelta(minutes=90), "1 hour 30 minutes", "every 1 hour 30 minutes"),
        (timedelta(seconds=1.5), "1.5 seconds", "every 1.5 seconds"),
        (timedelta(microseconds=1), "0.000001 seconds", "every 0.000001 seconds"),
        (timedelta(days=1), "1 day", "every day"),
        (timedelta(days=7), "1 week", "every week"),
        (timedelta(days=14), "2 weeks", "every 2 weeks"),
        (timedelta(days=8, hours=1), "8 days 1 hour", "every 8 days 1 hour"),
        (timedelta(minutes=1, seconds=30), "1 minute 30 seconds", "every 1 minute 30 seconds"),
    ],
)
def test_lengths_of_time_in_words(length: timedelta, words: str, every: str) -> None:
    assert durations.words(length) == words
    assert durations.every(length) == every

"""Times and near misses in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from perijove.deployments.words import as_words, did_you_mean, distance, length, moment

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(milliseconds=20), "20 ms"),
        (timedelta(seconds=1.34), "1.3 s"),
        (timedelta(seconds=59.6), "1 min"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(hours=2, minutes=5, seconds=9), "2 h 5 min"),
        (timedelta(days=3, seconds=4), "3 d"),
        (timedelta(0), "0 ms"),
    ],
)
def test_a_length_is_told_in_its_two_largest_units(duration: timedelta, words: str) -> None:
    assert length(duration) == words


def test_a_distance_says_which_way() -> None:
    assert distance(NOON + timedelta(hours=1), NOON) == "in 1 h"
    assert distance(NOON - timedelta(minutes=2), NOON) == "2 min ago"


def test_a_moment_is_told_in_the_zone_it_is_asked_for() -> None:
    assert moment(NOON, ZoneInfo("Europe/Berlin")) == "Tue 24 Nov 2026 13:00 CET"


def test_seconds_are_told_where_there_are_some() -> None:
    assert moment(NOON + timedelta(seconds=7), ZoneInfo("UTC")) == "Tue 24 Nov 2026 12:00:07 UTC"


def test_a_near_word_is_suggested_and_a_far_one_is_not() -> None:
    assert did_you_mean("daily_reprt", ["daily_report", "other"]) == " Did you mean 'daily_report'?"
    assert did_you_mean("zzz", ["daily_report"]) == ""


def test_values_are_told_as_json() -> None:
    assert as_words({"region": "EU", "tops": [1, 2], "none": None}) == 'region="EU", tops=[1, 2], none=null'

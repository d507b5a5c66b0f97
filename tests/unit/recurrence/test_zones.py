import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from perijove.errors import ScheduleError
from perijove.recurrence import zones

NEW_YORK = ZoneInfo("America/New_York")
GAP = datetime.fromisoformat("2025-03-09T02:00")  # to 03:00; 07:00 UTC
FOLD = datetime.fromisoformat("2025-11-02T01:00")  # to 02:00; 05:00 and 06:00 UTC
QUARTERS = [timedelta(minutes=15) * n for n in range(4)]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_no_timezone_is_utc() -> None:
    assert zones.zone(None).key == "UTC"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Europe/Berlni", "Europe/Berlin"),
        ("europe/berlin ", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("America/NewYork", "America/New_York"),
        ("Asia/Calcuta", "Asia/Calcutta"),
        ("Ushuaia", "America/Argentina/Ushuaia"),
    ],
)
def test_a_slip_in_a_name_is_answered_with_the_name_that_was_meant(typed: str, meant: str) -> None:
    with pytest.raises(ScheduleError, match=rf"is not an IANA timezone: did you mean '{meant}'\?$"):
        zones.zone(typed)


@pytest.mark.parametrize(
    "name", ["", "PST", "Europe", "../UTC", "/etc/passwd", "\0", "x" * 5000, "right/UTC", "localtime"]
)
def test_what_is_no_name_is_answered_with_examples(name: str) -> None:
    with pytest.raises(
        ScheduleError, match="write one such as 'Europe/Berlin', 'America/New_York' or 'UTC'"
    ) as refusal:
        zones.zone(name)
    assert len(str(refusal.value)) < 500


def test_a_time_in_the_gap_fires_once_at_its_end() -> None:
    walls = [GAP + quarter for quarter in QUARTERS] + [GAP + timedelta(hours=1)]
    assert list(zones.once(walls, NEW_YORK)) == [utc("2025-03-09T07:00")]


def test_the_end_of_a_gap_is_exact_for_times_with_seconds_and_microseconds() -> None:
    assert list(zones.once([GAP + timedelta(seconds=1, microseconds=5)], NEW_YORK)) == [utc("2025-03-09T07:00")]
    assert list(zones.once([GAP + timedelta(minutes=59, seconds=59)], NEW_YORK)) == [utc("2025-03-09T07:00")]


def test_a_time_in_the_gap_does_not_exist() -> None:
    walls = [GAP - timedelta(seconds=1), *(GAP + quarter for quarter in QUARTERS), GAP + timedelta(hours=1)]
    assert list(zones.existing(walls, NEW_YORK)) == [utc("2025-03-09T06:59:59"), utc("2025-03-09T07:00")]


def test_a_time_in_the_fold_exists_the_first_time() -> None:
    expected = [utc("2025-11-02T05:00") + quarter for quarter in QUARTERS]
    walls = [FOLD + quarter for quarter in QUARTERS]
    assert list(zones.existing(walls, NEW_YORK)) == expected
    assert list(zones.once(walls, NEW_YORK)) == expected


def test_both_passes_of_a_fold_come_in_real_order() -> None:
    walls = [FOLD - timedelta(minutes=15), *(FOLD + quarter for quarter in QUARTERS), FOLD + timedelta(hours=1)]
    assert list(zones.every_pass(walls, NEW_YORK)) == [utc("2025-11-02T04:45") + n * QUARTERS[1] for n in range(10)]


def test_the_second_passes_are_not_lost_when_nothing_follows_them() -> None:
    assert list(zones.every_pass([FOLD], NEW_YORK)) == [utc("2025-11-02T05:00"), utc("2025-11-02T06:00")]


def test_a_written_time_in_a_gap_is_read_with_the_offset_from_before_it() -> None:
    assert zones.resolve(GAP + timedelta(minutes=30), NEW_YORK) == utc("2025-03-09T07:30")


def test_a_written_time_in_a_fold_is_the_first_of_the_two() -> None:
    assert zones.resolve(FOLD, NEW_YORK) == utc("2025-11-02T05:00")


def test_the_lowest_wall_time_is_now_on_an_ordinary_day() -> None:
    assert zones.lowest_wall(utc("2025-06-01T12:00"), NEW_YORK) == datetime.fromisoformat("2025-06-01T08:00")


def test_the_lowest_wall_time_foresees_a_fold() -> None:
    assert zones.lowest_wall(utc("2025-11-02T05:45"), NEW_YORK) <= FOLD


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine itself is in Tokyo."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_a_naive_instant_is_in_utc_wherever_the_machine_is() -> None:
    assert zones.in_utc(datetime.fromisoformat("2025-06-01T12:00")) == utc("2025-06-01T12:00")


@pytest.mark.usefixtures("in_tokyo")
def test_instants_are_in_utc_wherever_the_machine_is() -> None:
    assert zones.in_utc(datetime(2025, 6, 1, 8, tzinfo=NEW_YORK)).tzinfo is UTC
    assert zones.resolve(FOLD, NEW_YORK).tzinfo is UTC


def test_an_aware_instant_keeps_its_moment() -> None:
    assert zones.in_utc(datetime(2025, 6, 1, 8, tzinfo=NEW_YORK)).isoformat() == "2025-06-01T12:00:00+00:00"

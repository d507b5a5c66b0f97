"""In UTC, where no clock is moved, a recurrence rule means what dateutil says that it means."""

from datetime import UTC, datetime, timedelta
from itertools import islice

from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from perijove.errors import ScheduleError
from perijove.recurrence import instants, validate
from perijove.schemas.schedules import RRuleSchedule

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
LENGTH = 30

starts = st.integers(0, 9 * 366 * 86400).map(
    lambda second: datetime(2019, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
)


def numbers(least: int, greatest: int, most: int = 4) -> st.SearchStrategy[str]:
    return st.sets(st.integers(least, greatest).filter(bool), min_size=1, max_size=most).map(
        lambda chosen: ",".join(map(str, sorted(chosen)))
    )


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]))
    weekdays = st.sets(st.sampled_from(DAYS), min_size=1, max_size=7).map(lambda days: ",".join(sorted(days)))
    if frequency in ("YEARLY", "MONTHLY"):
        nth = st.tuples(st.sampled_from(["1", "2", "-1"]), st.sampled_from(DAYS)).map("".join)
        weekdays = st.one_of(weekdays, st.sets(nth, min_size=1, max_size=3).map(lambda days: ",".join(sorted(days))))
    optional = {
        "INTERVAL": st.integers(1, 40).map(str),
        "WKST": st.sampled_from(DAYS),
        "BYMONTH": numbers(1, 12),
        "BYMONTHDAY": numbers(-31, 31, 10),
        "BYYEARDAY": numbers(-366, 366, 40),
        "BYDAY": weekdays,
        "BYHOUR": numbers(0, 23),
        "BYMINUTE": numbers(0, 59, 20),
        "BYSECOND": numbers(0, 59, 20),
        "BYSETPOS": numbers(-8, 8),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(optional)), max_size=4))
    return ";".join([f"FREQ={frequency}", *(f"{name}={draw(optional[name])}" for name in sorted(chosen))])


@given(rules(), starts)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_rule_fires_when_dateutil_says_so(rule: str, start: datetime) -> None:
    schedule = RRuleSchedule(rrule=f"DTSTART:{start:%Y%m%dT%H%M%S}\nRRULE:{rule}", timezone="UTC")
    try:
        validate(schedule)
    except ScheduleError:
        assume(False)
    partial_weeks = "WEEKLY" in rule and "BYSETPOS" in rule  # dateutil's first week begins with DTSTART
    after = start + timedelta(days=7) if partial_weeks else start - timedelta(days=1)
    ours = list(islice(instants(schedule, after), LENGTH))
    theirs = rrulestr(rule, dtstart=start).xafter(after, count=len(ours))
    assert ours == list(theirs)


@given(st.integers(1, 53), st.sampled_from([1, -1]), st.integers(2000, 2100))
def test_week_numbers_are_those_of_iso_8601(number: int, sign: int, year: int) -> None:
    last_week = datetime(year, 12, 28, tzinfo=UTC).isocalendar().week
    rule = f"DTSTART:{year - 1}1201T000000\nRRULE:FREQ=YEARLY;BYWEEKNO={sign * number}"
    found = islice(instants(RRuleSchedule(rrule=rule), datetime(year - 1, 12, 20, tzinfo=UTC)), 14)
    named = [day for day in found if day.isocalendar().year == year]
    week = number if sign == 1 else last_week + 1 - number
    assert [day.isocalendar().week for day in named] == ([week] * 7 if 1 <= week <= last_week else [])

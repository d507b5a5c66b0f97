"""Whatever is typed, ``recurrence`` answers with instants or with a sentence, and soon."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice

from hypothesis import example, given, settings
from hypothesis import strategies as st

from perijove.errors import ScheduleError
from perijove.recurrence import build, describe, instants
from perijove.schemas.schedules import Schedule

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)

cron_fields = "* */5 */0 0 7 59 99 1-5 5-1 9-9 L L5 l-3 1#2 1#9 15W H R/3 h(1-5) mon MON-FRI jan feb-apr/2 ? -1 , 1,,2"
cron_words = st.sampled_from([*cron_fields.split(), "@daily", "@reboot", "\x00", "\u0661", "1e3"])
cron_texts = st.one_of(st.lists(cron_words, min_size=1, max_size=7).map(" ".join), st.text(max_size=30))

frequencies = st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"])
part_names = (
    "FREQ INTERVAL COUNT UNTIL WKST BYDAY BYMONTH BYWEEKNO BYYEARDAY BYMONTHDAY BYHOUR BYMINUTE BYSECOND BYSETPOS"
)
part_values = st.one_of(
    frequencies,
    st.sampled_from(
        ["MO", "2TU", "-1FR", "MO,2TU", "53SU", "0MO", "20261231", "20260105T080000Z", "20269999", "DAILLY"]
    ),
    st.lists(st.integers(-400, 400), min_size=1, max_size=4).map(lambda numbers: ",".join(map(str, numbers))),
    st.integers(0, 10**12).map(str),
)
parts = st.tuples(st.sampled_from([*part_names.split(), "BYEASTER", "freq", ""]), part_values).map("=".join)
rules = st.builds(
    lambda frequency, rest: ";".join([f"FREQ={frequency}", *rest]), frequencies, st.lists(parts, max_size=5)
)
lines = st.sampled_from(
    [
        "DTSTART:20260105T080000",
        "DTSTART;TZID=Europe/Berlin:20260105T080000",
        "DTSTART;TZID=Nowhere:20260105T080000",
        "DTSTART:9999",
        "RDATE:20270101T080000,20270102T080000Z",
        "EXDATE:20260106T080000",
        "EXRULE:FREQ=DAILY",
    ]
)
rrule_texts = st.one_of(
    rules, st.builds(lambda before, rule: "\n".join([*before, rule]), st.lists(lines, max_size=3), rules), st.text()
)


def answer(typed: Callable[[], Schedule]) -> str:
    """The schedule in words, or the sentence that refuses it."""
    try:
        schedule = typed()
    except ScheduleError as refusal:
        return str(refusal)
    assert list(islice(instants(schedule, NOW), 100)) is not None
    return f"{describe(schedule)}."


@given(cron_texts)
@settings(max_examples=500, deadline=2000)
def test_any_cron_text_is_answered(text: str) -> None:
    assert answer(lambda: build(cron=text, timezone="America/New_York")).endswith((".", "?"))


@given(rrule_texts)
@settings(max_examples=500, deadline=2000)
@example("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
@example("FREQ=SECONDLY;INTERVAL=2;BYSECOND=1")
@example("FREQ=DAILY;INTERVAL=7;BYDAY=TU")
@example("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=100")
def test_any_rrule_text_is_answered(text: str) -> None:
    assert answer(lambda: build(rrule=text, timezone="America/New_York")).endswith((".", "?"))


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=2000)
def test_any_interval_text_is_answered(text: str) -> None:
    assert answer(lambda: build(interval=text)).endswith((".", "?"))


@given(st.one_of(st.text(max_size=40), st.text("abcEuropBlin/_+-09. \x00", max_size=40)))
@settings(max_examples=200, deadline=2000)
def test_any_timezone_text_is_answered(text: str) -> None:
    assert answer(lambda: build(interval="1h", timezone=text)).endswith((".", "?"))

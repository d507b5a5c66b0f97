"""When triggers fire, by Prefect's counting."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from perijove.schemas.automations import CompoundTrigger, EventTrigger, SequenceTrigger
from perijove.schemas.events import Event
from perijove.server.rules import windows

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _event(seconds: float, name: str = "ping", **labels: str) -> Event:
    resource = {"prefect.resource.id": "thing.1", **labels}
    return Event(event=name, resource=resource, occurred=START + timedelta(seconds=seconds))


def _firings(trigger: EventTrigger, *events: Event, until: float = 0) -> list[float]:
    """Seconds after the start at which the trigger fires, time passing a second at a time."""
    window, fired = windows.first(trigger, START), []
    left = list(events)
    for second in range(int(until) + 1):
        now = START + timedelta(seconds=second)
        while left and left[0].occurred <= now:
            event = left.pop(0)
            outcome = windows.observe(trigger, window, event)
            window = outcome.window
            fired += [(event.occurred - START).total_seconds()] * outcome.fires
        if window is not None and window.end <= now and trigger.posture is windows.Posture.PROACTIVE:
            outcome = windows.expire(trigger, window, now)
            window = outcome.window
            fired += [float(second)] * outcome.fires
    return fired


def _trigger(**fields: Any) -> EventTrigger:
    return EventTrigger.model_validate({"expect": ["ping"], **fields})


def test_a_plain_trigger_fires_at_every_event() -> None:
    assert _firings(_trigger(), _event(1), _event(1), _event(2), until=3) == [1, 1, 2]


def test_a_threshold_counts_within_its_time_and_then_rests() -> None:
    trigger = _trigger(threshold=3, within=60)
    pings = [_event(second) for second in (1, 2, 3, 4, 5, 6)]
    assert _firings(trigger, *pings, until=10) == [3]


def test_a_threshold_that_is_not_reached_in_time_counts_anew() -> None:
    trigger = _trigger(threshold=2, within=10)
    assert _firings(trigger, _event(1), _event(20), _event(40), _event(41), until=60) == [41]


def test_an_absence_fires_at_the_end_of_each_time_without_the_event() -> None:
    trigger = _trigger(posture="Proactive", within=10)
    assert _firings(trigger, _event(5), until=31) == [20, 30]


def test_an_absence_after_something_fires_once() -> None:
    trigger = _trigger(posture="Proactive", within=10, after=["start"])
    assert _firings(trigger, _event(3, "start"), until=60) == [13]
    assert _firings(trigger, _event(3, "start"), _event(7), until=60) == []
    assert _firings(trigger, until=60) == []


def test_a_heartbeat_that_stops_is_noticed() -> None:
    trigger = EventTrigger.model_validate(
        {"expect": ["beat", "end"], "after": ["beat"], "posture": "Proactive", "within": 10}
    )
    beats = [_event(second, "beat") for second in (1, 8, 15, 22)]
    assert _firings(trigger, *beats, until=60) == [32]
    assert _firings(trigger, *beats, _event(25, "end"), until=60) == []


def test_what_comes_before_that_after_which_it_is_expected_does_not_count() -> None:
    trigger = _trigger(after=["start"], within=100)
    assert _firings(trigger, _event(1), _event(2, "start"), _event(3), until=5) == [3]


@pytest.mark.parametrize(
    ("fields", "is_covered"),
    [
        ({}, True),
        ({"expect": ["p*"]}, True),
        ({"expect": []}, True),
        ({"expect": ["pong"]}, False),
        ({"match": {"color": "red"}}, True),
        ({"match": {"color": ["blue", "!green"]}}, True),
        ({"match": {"color": "!red"}}, False),
        ({"match": {"size": "*"}}, False),
        ({"match_related": {"prefect.resource.id": "tag.a"}}, True),
        ({"match_related": [{"prefect.resource.id": "tag.a"}, {"prefect.resource.id": "tag.b"}]}, False),
    ],
)
def test_an_event_concerns_a_trigger_by_its_name_and_labels(fields: dict[str, Any], is_covered: bool) -> None:
    event = _event(0, color="red")
    event.related = [{"prefect.resource.id": "tag.a", "prefect.resource.role": "tag"}]
    assert windows.covers(_trigger(**fields), event) is is_covered
    assert windows.key(_trigger(for_each=["color", "related:tag:prefect.resource.id"]), event) == ["red", "tag.a"]


def test_a_composite_trigger_is_ready_by_number_or_by_order() -> None:
    parts = [_trigger(), _trigger(), _trigger()]
    first, second, third = (part.id for part in parts)
    late = START + timedelta(seconds=1)
    two = {first: START, second: late}
    assert not windows.is_ready(CompoundTrigger(triggers=parts, require="all"), two)
    assert windows.is_ready(CompoundTrigger(triggers=parts, require=2), two)
    assert windows.is_ready(CompoundTrigger(triggers=parts, require="any"), {third: START})
    assert windows.is_ready(SequenceTrigger(triggers=parts[:2]), two)
    assert not windows.is_ready(SequenceTrigger(triggers=parts[:2]), {first: late, second: START})

"""Triggers as users write them: in a few words, or in Prefect's shape."""

import json
from typing import Any

import pytest

from perijove.deployments import triggers
from perijove.errors import UsageError
from perijove.schemas.automations import CompoundTrigger, EventTrigger, Posture, SequenceTrigger


@pytest.mark.parametrize(
    ("words", "after", "event"),
    [
        ("after etl/nightly Completed", "etl/nightly", "prefect.flow-run.Completed"),
        ("after etl/nightly", "etl/nightly", "prefect.flow-run.Completed"),
        ("After my flow/prod failed", "my flow/prod", "prefect.flow-run.Failed"),
    ],
)
def test_a_few_words_name_a_deployment_and_a_state(words: str, after: str, event: str) -> None:
    (found,) = triggers.read([words])
    assert isinstance(found.trigger, EventTrigger)
    assert (found.after, found.trigger.expect) == (after, [event])


def test_prefects_shape_holds_a_trigger_its_automation_and_its_runs() -> None:
    said = {
        "name": "on-data",
        "expect": ["data.arrived"],
        "match": {"prefect.resource.id": "s3.*"},
        "posture": "Proactive",
        "within": 3600,
        "parameters": {"path": "{{ event.resource.id }}"},
        "schedule_after": 60,
    }
    for given in (said, json.dumps(said)):
        (found,) = triggers.read([given])
        assert isinstance(found.trigger, EventTrigger)
        assert found.trigger.posture is Posture.PROACTIVE
        assert found.automation == {"name": "on-data"}
        assert found.run == {"parameters": {"path": "{{ event.resource.id }}"}, "schedule_after": 60}


def test_the_type_of_a_trigger_may_be_left_unsaid() -> None:
    parts = [{"type": "event", "expect": ["a"]}]
    compound, sequence = triggers.read([{"triggers": parts, "require": "any"}, {"triggers": parts}])
    assert isinstance(compound.trigger, CompoundTrigger)
    assert isinstance(sequence.trigger, SequenceTrigger)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("whenever", "after FLOW/DEPLOYMENT"),
        ("after etl/nightly Compleeted", "completed"),
        ("{", "no JSON"),
        ({"posture": "Metric"}, "metric"),
        ({"posture": "Proactive", "within": 1}, "10 seconds"),
        ({"expect": "no list"}, "expect"),
        ({"schedule_after": -1}, "schedule_after"),
        (7, "7 is no trigger"),
    ],
)
def test_what_is_no_trigger_is_told_in_a_sentence(given: Any, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        triggers.read([given])

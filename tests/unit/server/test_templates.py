"""Values from events: with their types, and without a way to bring the server down or to see more than is shown."""

from typing import Any

import pytest

from perijove.schemas.events import Event
from perijove.server.rules import templates
from perijove.server.rules.templates import BadTemplate

EVENT = Event(
    event="ping",
    resource={"prefect.resource.id": "thing.1", "prefect.resource.name": "The thing", "color": "red"},
    payload={"count": 3, "rows": [1, 2], "text": "a"},
)
CONTEXT = {"event": templates.event_view(EVENT), "flow_run": {"name": "mine"}}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("plain", "plain"),
        (7, 7),
        ("{{ event.resource.name }}", "The thing"),
        ("{{ event.resource['color'] }}", "red"),
        ("{{ event.payload.count }}", 3),
        ("{{ event.payload.count * 2 + 1 }}", 7),
        ("{{ event.payload.rows }}", [1, 2]),
        ("{{ event.payload.missing }}", None),
        ("{{ ''.__class__.__mro__ }}", None),
        ("{{ event.resource.__init__.__globals__ }}", None),
        ("run {{ flow_run.name }} of {{ event.resource.id }}", "run mine of thing.1"),
        ("{{ event.resource.name | upper }}!", "THE THING!"),
        ({"a": ["{{ event.payload.count }}"]}, {"a": [3]}),
        ({"__prefect_kind": "jinja", "template": "{{ event.payload.count }}"}, "3"),
        (
            {
                "__prefect_kind": "json",
                "value": {"__prefect_kind": "jinja", "template": "{{ event.payload.rows | tojson }}"},
            },
            [1, 2],
        ),
        ({"__prefect_kind": "none", "value": "{{ untouched }}"}, "{{ untouched }}"),
    ],
)
def test_a_value_is_filled_in_with_its_type(template: Any, value: Any) -> None:
    templates.check(template)
    assert templates.render(template, CONTEXT) == value


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ 'a' | center(1000000000) }}",
        "{{ range(1000000000) | list }}",
        "{% for a in event.payload.rows %}{{ a }}{% endfor %}",
        "{% include 'x' %}",
        "{{ event",
        "{{ event.payload.count.real.bit_length() }}",
        "{{ 1 / 0 }}",
        "x" * 10_001,
    ],
)
def test_what_no_template_may_is_refused_in_a_sentence(template: str) -> None:
    def use() -> object:
        templates.check(template)
        return templates.render(template, CONTEXT)

    with pytest.raises(BadTemplate):
        use()

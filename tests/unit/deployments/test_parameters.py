"""``name=value`` words, and what the schema says of them."""

import math
from datetime import date
from typing import Any

import pytest

from perijove.deployments import parameters
from perijove.errors import ParameterError, UsageError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "region": {"type": "string"},
        "top": {"type": "integer", "minimum": 1},
        "day": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "limits": {"$ref": "#/definitions/Limits"},
        "any": {},
    },
    "required": ["region"],
    "definitions": {"Limits": {"type": "object", "properties": {"most": {"type": "integer"}}, "required": ["most"]}},
}


def test_a_value_is_json_where_the_schema_takes_it_so() -> None:
    words = ["top=3", 'limits={"most": 5}', "any=[1, true, null]", "day=null"]
    assert parameters.read(words, SCHEMA) == {"top": 3, "limits": {"most": 5}, "any": [1, True, None], "day": None}


def test_a_value_stays_text_where_the_schema_wants_text() -> None:
    assert parameters.read(["region=3", "day=20261124"], SCHEMA) == {"region": "3", "day": "20261124"}


def test_text_that_is_no_json_stays_text() -> None:
    assert parameters.read(["region=EU", "any=NaN", "day=a=b"], SCHEMA) == {"region": "EU", "any": "NaN", "day": "a=b"}


def test_without_a_schema_json_is_json() -> None:
    assert parameters.read(["x=1", "y=one"], None) == {"x": 1, "y": "one"}


@pytest.mark.parametrize("word", ["region", "=EU", ""])
def test_a_word_without_a_name_and_a_value_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="name=value"):
        parameters.read([word], SCHEMA)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"top": "many"}, "f/d refuses parameter 'top': 'many' is not of type 'integer'."),
        ({"top": 0}, "f/d refuses parameter 'top': 0 is less than the minimum of 1."),
        ({"limits": {"most": "x"}}, "f/d refuses parameter 'limits.most': 'x' is not of type 'integer'."),
        ({"tpo": 3}, "f/d has no parameter 'tpo'. Did you mean 'top'?"),
        ({"zzz": 3}, "f/d has no parameter 'zzz'. It has: region, top, day, limits, any."),
    ],
)
def test_what_the_schema_refuses_is_told_by_name(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        parameters.check(given, SCHEMA, of="f/d")
    assert str(refusal.value) == sentence


def test_a_pattern_that_could_be_tried_for_ever_is_answered_at_once() -> None:
    schema = {"properties": {"code": {"type": "string", "pattern": r"^(a+)+$"}}}
    with pytest.raises(ParameterError, match="'code': .* does not match"):
        parameters.check({"code": "a" * 60 + "!"}, schema, of="f/d")


def test_a_required_parameter_may_come_with_the_run() -> None:
    parameters.check({"top": 3}, SCHEMA, of="f/d")


def test_a_schema_without_properties_takes_any_name() -> None:
    parameters.check_names(["x"], {"type": "object", "properties": {}}, of="f/d")
    parameters.check_names(["x"], None, of="f/d")


def test_values_go_over_the_wire_as_json() -> None:
    assert parameters.jsonable({"day": date(2026, 11, 24), "tags": {1}}) == {"day": "2026-11-24", "tags": [1]}


def test_a_value_that_json_can_not_hold_is_refused() -> None:
    with pytest.raises(ParameterError, match="JSON"):
        parameters.jsonable({"x": object()})


@pytest.mark.parametrize("value", [math.nan, -math.inf, [1.0, {"deep": math.inf}]])
def test_a_number_that_would_arrive_as_null_is_refused_by_its_name(value: Any) -> None:
    with pytest.raises(ParameterError, match="'any' holds NaN or an infinity"):
        parameters.jsonable({"top": 1, "any": value})

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from perijove.errors import ParameterError
from perijove.flows.parameters import arguments, bind, complete, parameter_schema, validate

from . import signatures

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden_schemas.json").read_text("utf-8"))["schemas"]


class Window(BaseModel):
    days: int = 7


def report(region: str, top: int = 10, *, windows: list[Window] | None = None) -> None: ...


def variadic(first: int, *rest: int, **named: float) -> None: ...


@pytest.mark.parametrize("fn", signatures.ALL, ids=lambda fn: fn.__name__)
def test_the_schema_is_the_one_that_prefect_computes(fn: Any) -> None:
    assert json.loads(json.dumps(parameter_schema(fn))) == GOLDEN[fn.__name__]


def test_every_signature_has_its_golden_schema() -> None:
    assert {fn.__name__ for fn in signatures.ALL} == GOLDEN.keys()


def test_a_parameter_with_a_leading_underscore_has_a_schema_and_a_value() -> None:
    def fn(_private: int) -> None: ...

    assert parameter_schema(fn)["required"] == ["_private"]
    assert validate(fn, {"_private": "3"}) == {"_private": 3}


def test_arguments_are_coerced_to_their_annotations() -> None:
    given = validate(report, {"region": "EU", "top": "5", "windows": [{"days": 2}]})
    assert given == {"region": "EU", "top": 5, "windows": [Window(days=2)]}


def test_defaults_are_not_checked_against_their_annotations() -> None:
    def fn(limit: int = None) -> None: ...  # type: ignore[assignment]  # noqa: RUF013

    assert complete(fn, validate(fn, {})) == {"limit": None}


def test_a_default_written_as_a_field_is_the_value_inside() -> None:
    def fn(top: int = Field(default=3, ge=1)) -> None: ...

    assert complete(fn, bind(fn, (), {})) == {"top": 3}


def test_positional_and_named_rests_are_coerced_item_by_item() -> None:
    given = validate(variadic, bind(variadic, ("1", "2", "3"), {"ratio": "0.5"}))
    assert arguments(variadic, given) == ((1, 2, 3), {"ratio": 0.5})


def test_positional_only_and_keyword_only_parameters_reach_the_function() -> None:
    def fn(a: int, /, b: int, *, c: int = 3) -> tuple[int, int, int]:
        return a, b, c

    args, kwargs = arguments(fn, complete(fn, {"b": 2, "a": 1}))
    assert fn(*args, **kwargs) == (1, 2, 3)


def test_parameters_may_have_names_that_pydantic_uses_itself() -> None:
    given = validate(signatures.pydantic_names, {"schema": "1", "json": "x", "copy": "no", "dict": "2"})
    assert given == {"schema": 1, "json": "x", "copy": False, "dict": 2}


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({}, "report() needs a value for the parameter 'region'."),
        ({"region": "EU", "tpo": 3}, "report() has no parameter 'tpo': did you mean 'top'?"),
        (
            {"region": "EU", "top": "ten"},
            "report() can't take top='ten': Input should be a valid integer, unable to parse string as an integer",
        ),
        (
            {"region": "EU", "windows": ["x"]},
            "report() can't take windows='x' (0): Input should be a valid dictionary or instance of Window",
        ),
    ],
)
def test_parameters_that_do_not_fit_are_refused_in_a_sentence(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        validate(report, parameters)
    assert str(refusal.value) == sentence


def test_partial_parameters_may_lack_required_ones() -> None:
    assert validate(report, {"top": "5"}, partial=True) == {"top": 5}


def test_a_call_that_the_signature_does_not_take_is_refused_by_name() -> None:
    with pytest.raises(ParameterError, match=r"report\(region: str.*missing a required argument: 'region'"):
        bind(report, (), {})

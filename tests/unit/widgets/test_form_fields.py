"""A parameter schema as fields, and what is typed into them as parameters."""

import datetime as dt
import enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr

from perijove.errors import Invalid
from perijove.flows.parameters import parameter_schema
from perijove.server.rules import parameters as server_rules
from perijove.widgets import form_fields
from perijove.widgets.typed import NEEDED, Reading, against, shown


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Limits(BaseModel):
    """How much a run may use."""

    memory: int = Field(512, ge=64, description="MiB")
    label: str


class Tree(BaseModel):
    value: int = 0
    children: list["Tree"] = []


def every_kind(
    name: str,
    top: Annotated[int, Field(ge=1, le=10)] = 3,
    share: float = 0.5,
    quick: bool = False,
    colour: Colour = Colour.RED,
    mode: Literal["fast", "slow"] = "fast",
    day: dt.date = dt.date(2026, 3, 1),
    at: dt.time | None = None,
    since: dt.datetime = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC),
    tags: list[str] = ["a"],  # noqa: B006
    options: dict[str, int] = {},  # noqa: B006
    limits: Limits = Limits(label="x"),  # noqa: B008
    note: str | None = None,
    count: int | None = None,
    either: int | str = 1,
    token: SecretStr = SecretStr("hush"),  # noqa: B008
) -> None:
    """A flow.

    Args:
        top: how many
    """


SCHEMA = parameter_schema(every_kind)
KINDS = {
    "name": "text", "top": "integer", "share": "number", "quick": "flag", "colour": "choice", "mode": "choice",
    "day": "date", "at": "time", "since": "moment", "tags": "list", "options": "json", "limits": "group",
    "note": "text", "count": "integer", "either": "json", "token": "secret",
}  # fmt: skip


def _read(fn_or_schema: Any, typed: dict[str, Any], own: dict[str, Any] | None = None, **secrets: str) -> Reading:
    schema = fn_or_schema if isinstance(fn_or_schema, dict) else parameter_schema(fn_or_schema)
    fields = form_fields.fields(schema, own or {})
    before = {each.name: shown(each, each.value) for each in fields}
    reading = Reading.of(fields, {**before, **typed}, secrets)
    reading.check(own or {}, schema)
    return reading


def test_each_type_has_its_kind_of_field_in_the_signatures_order() -> None:
    assert {each.name: each.kind for each in form_fields.fields(SCHEMA, {})} == KINDS


def test_help_is_the_description_with_the_bounds() -> None:
    top = form_fields.fields(SCHEMA, {})[1]
    assert top.help == "how many (at least 1, at most 10)"


def test_a_deployments_value_goes_before_the_flows_default() -> None:
    fields = {each.name: each for each in form_fields.fields(SCHEMA, {"top": 7})}
    assert shown(fields["top"], fields["top"].value) == "7"
    assert shown(fields["limits"], fields["limits"].value) == {"memory": "512", "label": "x"}
    assert shown(fields["colour"], fields["colour"].value) == "0"


def test_a_value_that_a_field_cannot_hold_is_shown_as_json() -> None:
    fields = {each.name: each for each in form_fields.fields(SCHEMA, {"tags": "{{ template }}"})}
    assert fields["tags"].kind == "json"


def test_a_secret_is_neither_shown_nor_told_to_the_page() -> None:
    token = form_fields.fields(SCHEMA, {"token": "hush"})[-1]
    assert shown(token, token.value) == ""
    assert "hush" not in str(token.json())


def test_models_within_themselves_end_in_json() -> None:
    def grow(tree: Tree = Tree()) -> None:  # noqa: B008
        pass

    (field,) = form_fields.fields(parameter_schema(grow), {})
    depth = 0
    while field.kind != "json":
        field = field.fields[1] if field.kind == "group" else field.item or field
        depth += 1
    assert depth < 10


def test_what_nobody_touched_is_not_sent() -> None:
    reading = _read(SCHEMA, {"name": "Ada"})
    assert reading.parameters == {"name": "Ada"}
    assert reading.problems == {}


def test_a_needed_value_is_asked_for_at_its_field() -> None:
    assert _read(SCHEMA, {}).problems == {"name": NEEDED}
    assert _read(SCHEMA, {}, {"name": "Ada"}).problems == {}
    limits = {"limits": {"memory": "64", "label": ""}}
    assert _read(SCHEMA, {"name": "x", **limits}).parameters["limits"]["memory"] == 64


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ({"top": "4"}, {"top": 4}),
        ({"share": "1e3"}, {"share": 1000.0}),
        ({"share": "2"}, {"share": 2}),
        ({"quick": True}, {"quick": True}),
        ({"colour": "1"}, {"colour": "blue"}),
        ({"day": "2026-04-01"}, {"day": "2026-04-01"}),
        ({"at": "08:30"}, {"at": "08:30"}),
        ({"tags": ["a", "b"]}, {"tags": ["a", "b"]}),
        ({"tags": []}, {"tags": []}),
        ({"options": '{"a": 1}'}, {"options": {"a": 1}}),
        ({"limits": {"memory": "64", "label": "y"}}, {"limits": {"memory": 64, "label": "y"}}),
        ({"either": '"x"'}, {"either": "x"}),
        ({"top": ""}, {}),  # the flow's default
    ],
)
def test_what_is_typed_is_read_as_its_type(typed: dict[str, Any], meant: dict[str, Any]) -> None:
    reading = _read(SCHEMA, {"name": "Ada", **typed})
    assert reading.problems == {}
    assert reading.parameters == {"name": "Ada", **meant}


@pytest.mark.parametrize(
    ("local", "zone", "meant"),
    [
        ("2026-07-01T08:00", "Europe/Berlin", "2026-07-01T08:00:00+02:00"),
        ("2026-07-01T08:00", "+05:30", "2026-07-01T08:00:00+05:30"),
        ("2026-07-01T08:00", "", "2026-07-01T08:00:00"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T02:30:00+02:00"),  # twice on that day: the first
    ],
)
def test_a_moment_is_what_a_clock_in_its_zone_shows(local: str, zone: str, meant: str) -> None:
    reading = _read(SCHEMA, {"name": "Ada", "since": {"local": local, "zone": zone}})
    assert reading.parameters["since"] == meant
    assert reading.problems == {}


@pytest.mark.parametrize(
    ("typed", "place", "problem"),
    [
        ({"top": "many"}, "top", "'many' is not a whole number."),
        ({"top": "11"}, "top", "11 is greater than the maximum of 10"),
        ({"share": "nan"}, "share", "'nan' is not a number."),
        ({"options": "{"}, "options", "This is no JSON"),
        ({"options": '{"a": "b"}'}, "options.a", "'b' is not of type 'integer'"),
        ({"limits": {"memory": "1", "label": "y"}}, "limits.memory", "1 is less than the minimum of 64"),
        ({"tags": ["a", ""]}, "tags.1", NEEDED),
        ({"since": {"local": "2026-07-01T08:00", "zone": "Europe/Berlni"}}, "since", "did you mean 'Europe/Berlin'"),
    ],
)
def test_a_mistake_is_told_at_its_field(typed: dict[str, Any], place: str, problem: str) -> None:
    reading = _read(SCHEMA, {"name": "Ada", **typed})
    assert list(reading.problems) == [place]
    assert problem in reading.problems[place]


def test_an_emptied_optional_is_null() -> None:
    reading = _read(SCHEMA, {"note": "", "count": ""}, {"name": "Ada", "note": "old", "count": 3})
    assert reading.parameters == {"note": None, "count": None}


def test_a_secret_comes_from_where_it_was_typed() -> None:
    assert _read(SCHEMA, {"name": "Ada"}, token="new").parameters == {"name": "Ada", "token": "new"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"top": 0},
        {"top": "x"},
        {"limits": {"memory": 64}},
        {"day": "soon"},
        {"tags": [1]},
        {"note": 3},
        {"top": 5},
        {"at": "soon"},
    ],
)
def test_the_form_and_the_server_agree(parameters: dict[str, Any]) -> None:
    given = {"name": "Ada", **parameters}
    try:
        server_rules.check(given, SCHEMA, what="run", whole=True)
        refused = False
    except Invalid:
        refused = True
    assert bool(against(SCHEMA, given)) is refused


def test_a_schema_that_cannot_be_used_is_left_to_the_server() -> None:
    assert against({"properties": {"a": {"pattern": "("}}}, {"a": "x"}) == {}
    assert against({"properties": {"a": {"$ref": "http://elsewhere/a"}}}, {"a": 1}) == {}

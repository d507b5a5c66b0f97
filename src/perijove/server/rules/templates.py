"""Values that an automation takes from the event that set it off: Jinja templates, in Jinja's sandbox.

A text that is one expression (``{{ event.payload.count }}``) becomes that expression's value, with its type; any other
becomes text. Prefect's ``{"__prefect_kind": "jinja" | "json" | "none", ...}`` are understood as well.
"""

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import ChainableUndefined, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic_core import to_json, to_jsonable_python

from perijove.schemas.events import ID, NAME, ROLE, Event

LONGEST_TEMPLATE = 10_000
"""Characters that a template may have."""

LONGEST_RESULT = 100_000
"""Characters that one may become."""

_KIND = "__prefect_kind"


class BadTemplate(ValueError):
    """A template that can't be read, or does what none may."""


_TEXT_METHODS = frozenset(
    {
        "capitalize",
        "endswith",
        "lower",
        "removeprefix",
        "removesuffix",
        "split",
        "startswith",
        "strip",
        "title",
        "upper",
    }
)
_FILTERS = (
    "abs", "capitalize", "count", "d", "default", "first", "float", "int", "join", "last", "length", "list", "lower",
    "round", "sort", "string", "title", "trim", "unique", "upper",
)  # fmt: skip


class _Environment(ImmutableSandboxedEnvironment):
    """A template reads. What could make much of little (a long text, a loop) is not there."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or not all(isinstance(each, int | float) for each in (left, right)):
            raise SecurityError(f"{operator} is not for these values")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        known = attr in _TEXT_METHODS if isinstance(obj, str | bytes) else not isinstance(obj, int | float)
        return known and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Refuse ``str.format``: a width of its own makes a text of any length."""
        if callable(value) and getattr(value, "__name__", "") in ("format", "format_map"):
            raise SecurityError("texts have no format here")


_environment = _Environment(undefined=ChainableUndefined, optimized=False)
_environment.globals.clear()
_environment.filters = {name: FILTERS[name] for name in _FILTERS}
_environment.filters["tojson"] = lambda value: to_json(value).decode()


class _Resource(dict[str, str]):
    """A resource whose id, name and role can be asked for as such."""

    @property
    def id(self) -> str | None:
        return self.get(ID)

    @property
    def name(self) -> str | None:
        return self.get(NAME)

    @property
    def role(self) -> str | None:
        return self.get(ROLE)


def event_view(event: Event) -> dict[str, Any]:
    """An event as templates see it."""
    values = to_jsonable_python(dict(event))
    return {**values, "resource": _Resource(event.resource), "related": [_Resource(each) for each in event.related]}


def check(value: Any) -> None:
    """Raise BadTemplate unless every template in the value can be read."""
    if isinstance(value, str):
        _parse(value)
    elif isinstance(value, Mapping):
        for each in value.values():
            check(each)
    elif isinstance(value, list):
        for each in value:
            check(each)


def render(value: Any, context: Mapping[str, Any]) -> Any:
    """The value with its templates filled in; raises BadTemplate."""
    if isinstance(value, str):
        return _rendered(value, context)
    if isinstance(value, list):
        return [render(each, context) for each in value]
    if not isinstance(value, Mapping):
        return value
    if _KIND in value:
        return _hydrated(value, context)
    return {key: render(each, context) for key, each in value.items()}


def as_text(text: str, context: Mapping[str, Any]) -> str:
    """What the template becomes; raises BadTemplate."""
    _parse(text)
    result: str = _guarded(lambda: _environment.from_string(text).render(**context))
    if len(result) > LONGEST_RESULT:
        raise BadTemplate(f"a template has become more than {LONGEST_RESULT} characters")
    return result


def _hydrated(value: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
    match value[_KIND]:
        case "none":
            return value.get("value")
        case "jinja":
            return as_text(str(value.get("template", "")), context)
        case "json":
            text = value.get("value")
            text = _hydrated(text, context) if isinstance(text, Mapping) and _KIND in text else text
            try:
                return json.loads(str(text))
            except (ValueError, RecursionError):
                raise BadTemplate(f"{str(text)[:100]!r} is no JSON") from None
    raise BadTemplate(f"a value of the kind {value[_KIND]!r} is not known here")


def _rendered(text: str, context: Mapping[str, Any]) -> Any:
    if "{{" not in text and "{%" not in text:
        return text
    stripped = text.strip()
    if stripped.startswith("{{") and stripped.endswith("}}") and stripped.count("{{") == 1:
        _parse(text)
        return _guarded(lambda: to_jsonable_python(_environment.compile_expression(stripped[2:-2])(**context)))
    return as_text(text, context)


def _guarded(work: Any) -> Any:
    try:
        return work()
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise BadTemplate(f"a template can't be filled in: {error}") from None


def _parse(text: str) -> None:
    if len(text) > LONGEST_TEMPLATE:
        raise BadTemplate(f"a template may have {LONGEST_TEMPLATE} characters")
    try:
        parsed = _environment.parse(text)
    except TemplateError as error:
        raise BadTemplate(f"{text[:100]!r} is no template: {error}") from None
    if next(parsed.find_all((nodes.For, nodes.Macro, nodes.Import, nodes.Include, nodes.Extends)), None) is not None:
        raise BadTemplate("a template may not loop, define or import")

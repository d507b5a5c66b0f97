"""A flow's parameter schema as the fields of a form: data for a page, and for what reads what was typed there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from perijove.schemas.base import JsonObject

Kind = Literal[
    "text", "secret", "integer", "number", "flag", "choice", "date", "time", "moment", "list", "group", "json"
]
"""``flag``: a checkbox. ``moment``: a date with a time, and a timezone. ``json``: what no other field can hold."""

MISSING: Any = object()
"""Stands for no value."""

_DEEPEST = 6
_OF_STRINGS: Mapping[str, Kind] = {"password": "secret", "date": "date", "time": "time", "date-time": "moment"}
_OF_TYPES: Mapping[str, Kind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "flag"}
_PYTHON_TYPES: Mapping[Kind, type] = {"list": list, "group": dict, "flag": bool}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "{} characters or more",
    "maxLength": "{} characters or fewer",
    "minItems": "{} or more",
    "maxItems": "{} or fewer",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``value``: what it holds at first; ``choices``: of a choice; ``fields``: of a group; ``item``: of a
    list, each of its items."""

    name: str
    kind: Kind
    title: str
    help: str = ""
    is_required: bool = False
    is_nullable: bool = False
    value: Any = MISSING
    choices: tuple[Any, ...] = ()
    fields: tuple["Field", ...] = ()
    item: "Field | None" = None

    def json(self) -> JsonObject:
        """What a page is told of it: nothing of its value."""
        return {
            "name": self.name,
            "kind": self.kind,
            "title": self.title,
            "help": self.help,
            "is_required": self.is_required,
            "is_set": self.value is not MISSING,
            "choices": [_words(choice) for choice in self.choices],
            "fields": [each.json() for each in self.fields],
            "item": self.item.json() if self.item else None,
        }


def fields(schema: JsonObject | None, values: Mapping[str, Any]) -> list[Field]:
    """The fields of the parameters, in the signature's order. ``values`` go before the schema's defaults."""
    schema = schema or {}
    definitions = {**(schema.get("definitions") or {}), **(schema.get("$defs") or {})}
    return _Reader(definitions).of_object(schema, values, depth=0)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads schemas whose references are to ``definitions``."""

    definitions: Mapping[str, JsonObject]

    def of_object(self, schema: JsonObject, values: Mapping[str, Any], depth: int) -> list[Field]:
        properties = sorted((schema.get("properties") or {}).items(), key=lambda entry: entry[1].get("position", 0))
        required = set(schema.get("required") or ())
        return [
            self.field(name, part, values.get(name, MISSING), is_required=name in required, depth=depth)
            for name, part in properties
        ]

    def field(self, name: str, written: JsonObject, value: Any, *, is_required: bool, depth: int) -> Field:
        schema, is_nullable = self._resolved(written)
        value = schema.get("default", MISSING) if value is MISSING else value
        found = Field(
            name=name,
            kind=_kind(schema, is_nullable=is_nullable, depth=depth),
            title=name or str(schema.get("title") or "item"),
            help=_help(schema),
            is_required=is_required,
            is_nullable=is_nullable,
            value=value,
        )
        return self._filled(_holding(found), schema, depth)

    def _filled(self, found: Field, schema: JsonObject, depth: int) -> Field:
        """With what is in it."""
        match found.kind:
            case "choice":
                return replace(found, choices=_choices(schema))
            case "group":
                inner = found.value if isinstance(found.value, dict) else {}
                return replace(found, fields=tuple(self.of_object(schema, inner, depth + 1)))
            case "list":
                return replace(found, item=self.field("", schema["items"], MISSING, is_required=True, depth=depth + 1))
        return found

    def _resolved(self, schema: JsonObject, *, steps: int = 0) -> tuple[JsonObject, bool]:
        """The schema without references, and without the choice of null, which is told apart."""
        if steps > _DEEPEST:
            return {}, False
        beside = {key: part for key, part in schema.items() if key not in ("$ref", "allOf", "anyOf")}
        if "$ref" in schema:
            target = self.definitions.get(str(schema["$ref"]).rpartition("/")[2]) or {}
            return self._resolved({**target, **beside}, steps=steps + 1)
        if len(schema.get("allOf") or ()) == 1:
            return self._resolved({**schema["allOf"][0], **beside}, steps=steps + 1)
        choices = [choice for choice in schema.get("anyOf") or () if choice.get("type") != "null"]
        if len(choices) == 1:
            inner, is_nullable = self._resolved({**choices[0], **beside}, steps=steps + 1)
            return inner, is_nullable or len(schema["anyOf"]) > 1
        return schema, len(choices) < len(schema.get("anyOf") or ())


def _kind(schema: JsonObject, *, is_nullable: bool, depth: int) -> Kind:
    if "enum" in schema or "const" in schema or (schema.get("type") == "boolean" and is_nullable):
        return "choice"
    match schema.get("type"):
        case "string":
            return _OF_STRINGS.get(schema.get("format", ""), "text")
        case "array" if schema.get("items") and "prefixItems" not in schema and depth < _DEEPEST:
            return "list"
        case "object" if schema.get("properties") and depth < _DEEPEST:
            return "group"
        case str(simple):
            return _OF_TYPES.get(simple, "json")
    return "json"


def _holding(field: Field) -> Field:
    """The field, as JSON if it can't hold its value (or no group: it is there whole, or not at all)."""
    wanted = _PYTHON_TYPES.get(field.kind, object)
    fits = field.value in (MISSING, None) or isinstance(field.value, wanted)
    is_whole = field.kind == "group" and field.is_nullable
    return field if fits and not is_whole else replace(field, kind="json")


def _choices(schema: JsonObject) -> tuple[Any, ...]:
    if "const" in schema:
        return (schema["const"],)
    return tuple(schema.get("enum") or (True, False))


def _help(schema: JsonObject) -> str:
    """The description, and what bounds the value."""
    bounds = [words.format(schema[name]) for name, words in _BOUNDS.items() if name in schema]
    return " ".join(filter(None, (schema.get("description", ""), f"({', '.join(bounds)})" if bounds else "")))


def _words(choice: Any) -> str:
    return choice if isinstance(choice, str) else {True: "yes", False: "no", None: "none"}.get(choice, str(choice))

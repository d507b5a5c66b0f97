"""What is typed into a form's fields, and the parameters that it means. The typed stays as it is, right or wrong."""

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perijove import json_schema
from perijove.errors import ScheduleError
from perijove.recurrence import zones
from perijove.schemas.base import JsonObject
from perijove.widgets.form_fields import MISSING, Field, Kind

NEEDED = "This needs a value."

Problems = dict[str, str]
"""What is wrong, by its place: ``top``, ``limits.memory``, ``tags.0``; the empty place is the whole."""


def shown(field: Field, value: Any) -> Any:
    """How a field shows a value: as text, a flag, ``{local, zone}``, a list or a dict; a secret not at all."""
    is_empty = value is MISSING or value is None
    match field.kind:
        case "secret":
            return ""
        case "flag":
            return value is True
        case "group":
            own = {} if is_empty else value
            return {each.name: shown(each, own.get(each.name, each.value)) for each in field.fields}
        case "list":
            return [] if is_empty or field.item is None else [shown(field.item, each) for each in value]
        case "moment":
            return _moment_shown(value)
        case "choice":
            return str(field.choices.index(value)) if value in field.choices else ""
        case "json":
            return "" if is_empty else json.dumps(value, indent=2, ensure_ascii=False)
    return "" if is_empty else str(value)


@dataclass(slots=True)
class Reading:
    """The parameters that were typed, as far as they differ from what stood there, and what is wrong with them."""

    parameters: JsonObject = dataclasses.field(default_factory=dict)
    problems: Problems = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, fields: Iterable[Field], typed: Mapping[str, Any], secrets: Mapping[str, str]) -> "Reading":
        """``secrets``: what is typed into secret fields, by place."""
        reading, read = cls(), _Reader(secrets)
        touched = {place.partition(".")[0] for place in secrets}
        for each in fields:
            at_first = shown(each, each.value)
            given = typed.get(each.name, at_first)
            if given != at_first or each.name in touched or (each.is_required and each.value is MISSING):
                value = read.value(each, given, each.name)
                reading.parameters |= {} if value is MISSING else {each.name: value}
        reading.problems = read.problems
        return reading

    def check(self, own: JsonObject, schema: JsonObject | None) -> None:
        """Add what the schema says against the parameters, put over the deployment's ``own``. A mistake that is known
        already is not told again of what it is a part of."""
        known = [f"{place}." for place in self.problems]
        for place, problem in against(schema, {**own, **self.parameters}).items():
            if not any(each.startswith(f"{place}." if place else "") for each in known):
                self.problems[place] = problem


def against(schema: JsonObject | None, parameters: JsonObject) -> Problems:
    """What the schema says against the parameters, by the server's own rules.

    Required ones that are absent are passed over, and so is a schema that can't be used, which the server will tell.
    """
    partial = {**(schema or {}), "required": []}
    try:
        return dict(reversed(json_schema.problems(parameters, partial)))
    except ValueError:
        return {}


class _Reader:
    """Reads values from what is typed, and notes what can't be read."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets
        self.problems: Problems = {}

    def value(self, field: Field, typed: Any, place: str) -> Any:
        """The value, or MISSING."""
        match field.kind:
            case "group":
                inner = {each.name: self.value(each, typed[each.name], f"{place}.{each.name}") for each in field.fields}
                return {name: value for name, value in inner.items() if value is not MISSING}
            case "list" if field.item is not None:
                items = [self.value(field.item, each, f"{place}.{number}") for number, each in enumerate(typed)]
                return [None if value is MISSING else value for value in items]
            case "secret":
                typed = self._secrets.get(place, "")
        is_empty = typed == "" or (field.kind == "moment" and not typed["local"])
        return self._empty(field, place) if is_empty else self._read(field, typed, place)

    def _empty(self, field: Field, place: str) -> Any:
        """Null where that may be, an empty text where a text stood; else what the deployment or the flow has for it."""
        if field.is_nullable:
            return None
        if field.is_required and field.value is MISSING:
            self.problems[place] = NEEDED
        return "" if field.kind == "text" and field.value is not MISSING else MISSING

    def _read(self, field: Field, typed: Any, place: str) -> Any:
        try:
            if field.kind == "choice":
                return field.choices[int(typed)]
            return _READERS[field.kind](typed) if field.kind in _READERS else typed
        except (ValueError, ScheduleError) as error:
            self.problems[place] = str(error)
            return MISSING


def _integer(typed: str) -> int:
    try:
        return int(typed)
    except ValueError:
        raise ValueError(f"{typed!r} is not a whole number.") from None


def _number(typed: str) -> int | float:
    try:
        number = float(typed)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{typed!r} is not a number.")
    return int(typed) if typed.strip().lstrip("+-").isdecimal() else number


def _json(typed: str) -> Any:
    try:
        return json.loads(typed)
    except ValueError as error:
        raise ValueError(f"This is no JSON: {error}.") from None


def _moment(typed: Mapping[str, str]) -> str:
    """ISO 8601 with the zone's offset; without one where no zone is named."""
    zone = typed["zone"].strip()
    wall = datetime.fromisoformat(typed["local"])
    if not zone:
        return wall.isoformat()
    if zone[0] in "+-":
        return datetime.fromisoformat(f"{wall.isoformat()}{zone}").isoformat()
    named = zones.zone(zone)
    return zones.resolve(wall, named).astimezone(named).isoformat()


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    "integer": _integer,
    "number": _number,
    "json": _json,
    "moment": _moment,
}


def _moment_shown(value: Any) -> dict[str, str]:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return {"local": "", "zone": "UTC"}
    local = moment.replace(tzinfo=None).isoformat(timespec="seconds")
    if moment.tzinfo is None:
        return {"local": local, "zone": ""}
    return {"local": local, "zone": moment.isoformat()[-6:] if moment.utcoffset() else "UTC"}

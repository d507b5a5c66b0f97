"""JSON Schema with regular expressions that take no longer than their text is long: one rule for servers and forms.

Python's own can take for ever on a text of thirty letters, and a schema comes from outside. Those that pydantic is made
of are of Rust's kind, without look-arounds and back-references: a pattern that needs these is refused.
"""

import re
from collections.abc import Iterator
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from pydantic_core import SchemaError, SchemaValidator, core_schema, from_json
from pydantic_core import ValidationError as NoMatch
from referencing import Registry

Found = Iterator[ValidationError]


def is_found(pattern: str, text: str) -> bool:
    """Whether the pattern matches somewhere in the text; raises re.error for one that can't be had."""
    try:
        _compiled(pattern).validate_python(text)
    except NoMatch:
        return False
    return True


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> SchemaValidator:
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, strict=True))
    except SchemaError as error:
        raise re.error(f"the pattern {pattern!r} is none that can be checked in bounded time") from error


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Found:
    if isinstance(instance, str) and not is_found(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: dict[str, Any], instance: Any, _: Any) -> Found:
    if isinstance(instance, dict):
        for pattern, schema in patterns.items():
            for name in [one for one in instance if is_found(pattern, one)]:
                yield from validator.descend(instance[name], schema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: dict[str, Any]) -> Found:
    if not isinstance(instance, dict):
        return
    patterns = schema.get("patternProperties", {})
    named = schema.get("properties", {})
    extras = [name for name in instance if name not in named and not any(is_found(one, name) for one in patterns)]
    if isinstance(allowed, dict):
        for name in extras:
            yield from validator.descend(instance[name], allowed, path=name)
    elif not allowed and extras:
        names = ", ".join(repr(name) for name in extras)
        yield ValidationError(f"Additional properties are not allowed ({names} unexpected)")


def _unsupported(*_: Any) -> Found:
    raise re.error("unevaluatedProperties is not supported")


BoundedValidator: type[Validator] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "unevaluatedProperties": _unsupported,
    },
)
"""JSON Schema, draft 2020-12."""

FORMATS = FormatChecker(formats=("date", "email", "ipv4", "ipv6", "regex", "uuid"))
"""The formats that are checked: the same everywhere, while jsonschema's own depend on what else is installed."""


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(instance: object) -> bool:
    """As Python and pydantic read it: an offset is not needed."""
    return not isinstance(instance, str) or datetime.fromisoformat(instance) is not None


@FORMATS.checks("time", raises=ValueError)
def _is_time(instance: object) -> bool:
    return not isinstance(instance, str) or time.fromisoformat(instance) is not None


@lru_cache(maxsize=256)
def validator(schema: bytes) -> Validator:
    """What checks values against the schema (as JSON). It follows references inside of the schema only: a reference is
    no reason to fetch anything. Raises jsonschema's SchemaError."""
    parsed = from_json(schema)
    BoundedValidator.check_schema(parsed)
    return BoundedValidator(parsed, registry=Registry(), format_checker=FORMATS)

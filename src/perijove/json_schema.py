"""JSON Schema (draft 2020-12): one rule for the server, for typed words and for forms.

A schema comes from outside: it can't make us fetch anything, and its patterns are of the kind that takes no longer than
the text is long, so that one with look-arounds or back-references is refused.
"""

import re
from collections.abc import Callable
from datetime import datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError
from pydantic_core import from_json, to_json


class Problem(NamedTuple):
    """What is wrong, and where: ``limits.most``, ``tags.0``; the empty place is the whole."""

    place: str
    message: str


def problems(value: Any, schema: dict[str, Any]) -> list[Problem]:
    """What the schema says against the value, sorted by place. Raises ValueError for a schema that can't be used."""
    found = _validator(to_json(schema)).iter_errors(value)
    return sorted(Problem(".".join(map(str, error.instance_path)), _worded(error)) for error in found)


def _worded(error: ValidationError) -> str:
    """The message with values as Python writes them, and in the words that Prefect's users know."""
    value = to_json(error.instance).decode()
    opens_with_value = error.message.startswith(value)
    rest = error.message.removeprefix(value)
    for plural in ("anyOf", "oneOf"):
        rest = rest.replace(f"the schemas listed in the '{plural}' keyword", "the given schemas")
    told = re.sub(r'"([^"\\]*)"', r"'\1'", rest)
    return f"{error.instance!r}{told}" if opens_with_value else told


def _is_read_by(read: Callable[[str], object]) -> Callable[[str], bool]:
    """Whether a text can be read so."""

    def check(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return check


def _is_anything(_: str) -> bool:
    return True


_FORMATS = {
    "date-time": _is_read_by(datetime.fromisoformat),
    "time": _is_read_by(time.fromisoformat),
    "duration": _is_anything,
    "uri": _is_anything,
}
"""The formats that pydantic, which has the last word in the run, reads more generously than the standard does."""


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Draft202012Validator:
    try:
        return Draft202012Validator(
            from_json(schema), offline=True, validate_formats=True, formats=_FORMATS, pattern_options=RegexOptions()
        )
    except ValidationError as error:
        raise ValueError(_worded(error)) from None

"""Whether parameters fit a deployment's schema."""

import re
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, UnknownType
from pydantic_core import from_json, to_json
from referencing import Registry
from referencing.exceptions import Unresolvable

from perijove.errors import Invalid


def check(parameters: dict[str, Any], schema: dict[str, Any] | None, *, what: str, whole: bool) -> None:
    """Raise Invalid (409, as Prefect answers) unless the parameters fit.

    ``what`` opens the message: 'Error creating flow run'. ``whole`` False passes over required ones that are absent.
    """
    if not schema:
        return
    try:
        validator = _validator(to_json(schema if whole else {**schema, "required": []}))
        problem = min(
            validator.iter_errors(parameters), key=lambda error: [str(part) for part in error.path], default=None
        )
    except SchemaError as error:
        raise Invalid(409, f"{what}: The parameter schema is no JSON Schema: {error.message}") from None
    except (Unresolvable, UnknownType, RecursionError, re.error) as error:
        raise Invalid(409, f"{what}: The parameter schema can't be used: {error}") from None
    if problem is None:
        return
    place = ".".join(str(part) for part in problem.path)
    field = f" for field {place!r}" if place else ""
    raise Invalid(409, f"{what}: Validation failed{field}. Failure reason: {problem.message}")


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Draft202012Validator:
    """A validator that follows references inside of the schema only: a reference is no reason to fetch anything."""
    parsed = from_json(schema)
    Draft202012Validator.check_schema(parsed)
    return Draft202012Validator(parsed, registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)

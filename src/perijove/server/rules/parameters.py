"""Whether parameters fit a deployment's schema."""

from typing import Any

from pydantic_core import to_json

from perijove import json_schema
from perijove.errors import Invalid

LARGEST = 512 * 1024
"""Bytes that parameters may have, as JSON (Prefect's own limit)."""


def check(parameters: dict[str, Any], schema: dict[str, Any] | None, *, what: str, whole: bool) -> None:
    """Raise Invalid (409, as Prefect answers) unless the parameters fit.

    ``what`` opens the message: 'Error creating flow run'. ``whole`` False passes over required ones that are absent.
    """
    if not schema:
        return
    try:
        problem = next(iter(json_schema.problems(parameters, schema if whole else _partial(schema))), None)
    except ValueError as error:
        raise Invalid(409, f"{what}: The parameter schema can't be used: {error}") from None
    if problem is None:
        return
    field = f" for field {problem.place!r}" if problem.place else ""
    raise Invalid(409, f"{what}: Validation failed{field}. Failure reason: {problem.message}")


def check_size(parameters: dict[str, Any], *, what: str) -> None:
    """Raise Invalid (422) for parameters that are too large to be kept with each run."""
    size = len(to_json(parameters))
    if size > LARGEST:
        raise Invalid(
            422,
            f"{what}: The parameters have {size:,} bytes as JSON, and may have {LARGEST:,}. "
            "Keep large data in a file or a store, and pass its name.",
        )


def _partial(schema: Any) -> Any:
    """The schema without what it requires: the rest may come with a run."""
    if isinstance(schema, list):
        return [_partial(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _partial(part) for key, part in schema.items() if not (key == "required" and isinstance(part, list))}

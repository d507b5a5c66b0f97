"""Whether parameters fit a deployment's schema."""

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from perijove.errors import Invalid


def check(parameters: dict[str, Any], schema: dict[str, Any] | None, *, what: str, whole: bool) -> None:
    """Raise Invalid (409, as Prefect answers) unless the parameters fit.

    ``what`` opens the message: 'Error creating flow run'. ``whole`` False passes over required ones that are absent.
    """
    if not schema:
        return
    validator = Draft202012Validator(schema if whole else {**schema, "required": []})
    try:
        problem = next(iter(sorted(validator.iter_errors(parameters), key=lambda error: list(error.path))), None)
    except SchemaError as error:
        raise Invalid(409, f"{what}: The parameter schema is no JSON Schema: {error.message}") from None
    if problem is None:
        return
    place = ".".join(str(part) for part in problem.path)
    field = f" for field {place!r}" if place else ""
    raise Invalid(409, f"{what}: Validation failed{field}. Failure reason: {problem.message}")

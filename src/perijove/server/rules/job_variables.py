"""What a work pool's template asks of job variables."""

from typing import Any

from perijove.errors import Invalid
from perijove.schemas import job_templates
from perijove.schemas.base import JsonObject
from perijove.server.rules import parameters


def check(given: JsonObject, template: JsonObject, *, what: str) -> None:
    """Raise Invalid (422) for job variables of another kind than the template says; ``what`` opens the message."""
    schema = template.get("variables")
    if not given or not isinstance(schema, dict):
        return
    known = job_templates.properties(template)
    plain = {name: value for name, value in given.items() if name in known and not _is_filled_later(value)}
    try:
        parameters.check(plain, schema, what=what, whole=False)
    except Invalid as error:
        raise Invalid(422, error.detail) from None


def _is_filled_later(value: Any) -> bool:
    """Whether the value holds a variable or a block that only the worker knows."""
    return "{{" in str(value) or "$ref" in str(value)

"""What a work pool's template asks of job variables."""

import re
from collections.abc import Iterator
from typing import Any

from perijove.errors import Invalid
from perijove.schemas.base import JsonObject
from perijove.server.rules import parameters

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")


def check_template(template: JsonObject) -> None:
    """Raise Invalid (422) unless each ``{{ name }}`` of the job's configuration is one of the template's variables."""
    if not template:
        return
    missing = [part for part in ("job_configuration", "variables") if part not in template]
    if missing:
        raise Invalid(422, "The `base_job_template` must contain both a `job_configuration` key and a `variables` key.")
    declared = set(_properties(template))
    used = {name.partition(".")[0] for name in _placeholders(template["job_configuration"])} - {"ctx", "prefect"}
    if unknown := sorted(used - declared):
        raise Invalid(
            422,
            "The variables specified in the job configuration template must be present as properties in the "
            f"variables schema. Your job configuration uses the following undeclared variable(s): {', '.join(unknown)}",
        )


def check(given: JsonObject, template: JsonObject, *, what: str) -> None:
    """Raise Invalid (422) for job variables of another kind than the template says; ``what`` opens the message."""
    schema = template.get("variables")
    if not given or not isinstance(schema, dict):
        return
    known = _properties(template)
    plain = {name: value for name, value in given.items() if name in known and not _is_filled_later(value)}
    try:
        parameters.check(plain, schema, what=what, whole=False)
    except Invalid as error:
        raise Invalid(422, error.detail) from None


def _properties(template: JsonObject) -> JsonObject:
    variables = template.get("variables")
    properties = variables.get("properties") if isinstance(variables, dict) else None
    return properties if isinstance(properties, dict) else {}


def _placeholders(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _placeholders(part)
    elif isinstance(value, list):
        for part in value:
            yield from _placeholders(part)


def _is_filled_later(value: Any) -> bool:
    """Whether the value holds a variable or a block that only the worker knows."""
    return "{{" in str(value) or "$ref" in str(value)

"""What a work pool's base job template must hold: a configuration, and the variables that fill it."""

import re
from collections.abc import Iterator
from typing import Any

from perijove.schemas.base import JsonObject

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")


def check(template: JsonObject) -> JsonObject:
    """The template; raises ValueError unless each ``{{ name }}`` of its configuration is one of its variables."""
    if not template:
        return template
    if "job_configuration" not in template or "variables" not in template:
        raise ValueError("The `base_job_template` must contain both a `job_configuration` key and a `variables` key.")
    used = {name.partition(".")[0] for name in _placeholders(template["job_configuration"])} - {"ctx", "prefect"}
    if unknown := sorted(used - set(properties(template))):
        raise ValueError(
            "The variables specified in the job configuration template must be present as properties in the "
            f"variables schema. Your job configuration uses the following undeclared variable(s): {' ,'.join(unknown)}."
        )
    return template


def properties(template: JsonObject) -> JsonObject:
    """The template's variables, by name."""
    variables = template.get("variables")
    found = variables.get("properties") if isinstance(variables, dict) else None
    return found if isinstance(found, dict) else {}


def _placeholders(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _placeholders(part)
    elif isinstance(value, list):
        for part in value:
            yield from _placeholders(part)

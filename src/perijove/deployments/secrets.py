"""Which parameters are secrets: nothing that shows itself shows them, and so no saved notebook or log holds them."""

from collections.abc import Mapping
from typing import Any

from perijove.client import SyncClient
from perijove.errors import NotFound
from perijove.schemas.base import JsonObject
from perijove.schemas.runs import FlowRun

HIDDEN = "••••••••"
"""What is shown in a secret's place."""


def names(schema: JsonObject | None) -> frozenset[str]:
    """The parameters that are a secret (``format: password``), or hold one somewhere."""
    schema = schema or {}
    definitions = {**(schema.get("definitions") or {}), **(schema.get("$defs") or {})}
    properties = schema.get("properties") or {}
    return frozenset(name for name, part in properties.items() if _holds_one(part, definitions, set()))


def of(client: SyncClient, run: FlowRun) -> frozenset[str]:
    """The run's secret parameters, by its deployment's schema; none for a run of no deployment that is there."""
    if run.deployment_id is None:
        return frozenset()
    try:
        return names(client.read_deployment(run.deployment_id).parameter_openapi_schema)
    except NotFound:
        return frozenset()


def hidden(parameters: Mapping[str, Any], secrets: frozenset[str]) -> JsonObject:
    """The parameters as they may be shown."""
    return {name: HIDDEN if name in secrets else value for name, value in parameters.items()}


def shown(parameters: Mapping[str, Any], schema: JsonObject | None) -> JsonObject:
    """The parameters of what has this schema, as they may be shown."""
    return hidden(parameters, names(schema))


def restored(parameters: Mapping[str, Any], run: FlowRun) -> dict[str, Any]:
    """Parameters that come back from a view, with the run's own secrets where they were hidden."""
    return {name: run.parameters.get(name) if value == HIDDEN else value for name, value in parameters.items()}


def _holds_one(part: Any, definitions: Mapping[str, Any], seen: set[str]) -> bool:
    if isinstance(part, list):
        return any(_holds_one(each, definitions, seen) for each in part)
    if not isinstance(part, dict):
        return False
    if part.get("format") == "password":
        return True
    name = str(part.get("$ref", "")).rpartition("/")[2]
    if name in definitions and name not in seen:
        seen.add(name)
        if _holds_one(definitions[name], definitions, seen):
            return True
    return any(_holds_one(each, definitions, seen) for each in part.values())

"""Parameters that say how their value is to be had, as Prefect's user interface sends them.

``{"__prefect_kind": "json", "value": "[1]"}`` is a list, ``workspace_variable`` a variable's value, ``none`` the value
as it is. ``jinja`` is refused: a template from outside is a program.
"""

import json
from collections.abc import Callable
from typing import Any

from perijove.errors import Invalid

KIND = "__prefect_kind"


def hydrate(value: Any, variable: Callable[[str], Any]) -> Any:
    """``value`` with what it stands for in place of each such object; raises Invalid (400) where there is nothing."""
    if isinstance(value, list):
        return [hydrate(part, variable) for part in value]
    if not isinstance(value, dict):
        return value
    if KIND not in value:
        return {name: hydrate(part, variable) for name, part in value.items()}
    return _meant(value, variable)


def _meant(value: dict[str, Any], variable: Callable[[str], Any]) -> Any:
    match value[KIND]:
        case None | "none":
            return hydrate(value.get("value"), variable)
        case "json":
            return _parsed(value.get("value"))
        case "workspace_variable":
            return variable(str(value.get("variable_name")))
        case kind:
            raise Invalid(400, f"Error hydrating flow run parameters: this server does not follow {kind!r}.")


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise Invalid(400, f"Error hydrating flow run parameters: Invalid JSON: {error}") from None

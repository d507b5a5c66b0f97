"""Parameters that say how their value is to be had, as Prefect's user interface sends them.

``{"__prefect_kind": "json", "value": "[1]"}`` is a list, ``jinja`` what its template becomes, ``workspace_variable`` a
variable's value, ``none`` the value as it is.
"""

import json
from collections.abc import Callable
from typing import Any

from perijove.errors import Invalid
from perijove.server.rules import templates

KIND = "__prefect_kind"


def hydrate(value: Any, variable: Callable[[str], Any], *, what: str) -> Any:
    """``value`` with what it stands for in place of each such object.

    Raises Invalid (400) where there is nothing; ``what`` is in the message: 'flow run parameters'.
    """
    if isinstance(value, list):
        return [hydrate(part, variable, what=what) for part in value]
    if not isinstance(value, dict):
        return value
    if KIND not in value:
        return {name: hydrate(part, variable, what=what) for name, part in value.items()}
    try:
        return _meant(value[KIND], {name: hydrate(part, variable, what=what) for name, part in value.items()}, variable)
    except (templates.BadTemplate, LookupError, TypeError, ValueError) as error:
        raise Invalid(400, f"Error hydrating {what}: {error}") from None


def _meant(kind: str | None, value: dict[str, Any], variable: Callable[[str], Any]) -> Any:
    match kind:
        case None | "none":
            return value.get("value")
        case "json":
            return _parsed(value.get("value"))
        case "jinja":
            return templates.as_text(str(value.get("template", "")), {})
        case "workspace_variable":
            return variable(str(value.get("variable_name")))
    raise ValueError(f"this server does not follow {kind!r}.")


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"Invalid JSON: {error}") from None

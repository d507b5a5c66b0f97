"""Stars in place of what a block's schema calls secret."""

from typing import Any

from perijove.schemas.base import JsonObject

STARS = "********"


def hide(data: JsonObject, fields: JsonObject) -> JsonObject:
    """``data`` with stars at the places that the schema's ``secret_fields`` name (``a.b``, ``a.*``)."""
    hidden = data
    for path in fields.get("secret_fields", ()):
        hidden = _hidden(hidden, str(path).split("."))
    return hidden


def _hidden(value: Any, path: list[str]) -> Any:
    if value is None:
        return None
    if not path:
        return STARS
    if not isinstance(value, dict):
        return STARS if path == ["*"] else value
    key, *rest = path
    return {name: _hidden(part, rest) if key in ("*", name) else part for name, part in value.items()}


def keep_hidden(old: JsonObject, new: JsonObject) -> JsonObject:
    """``new``, but where it has the stars that were shown in place of a secret, the secret of ``old``."""
    kept = dict(new)
    for name, value in new.items():
        before = old.get(name)
        if value == STARS and before is not None:
            kept[name] = before
        elif isinstance(value, dict) and isinstance(before, dict):
            kept[name] = keep_hidden(before, value)
    return kept

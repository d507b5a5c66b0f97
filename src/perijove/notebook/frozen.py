"""Plain values of the kernel as Python text, for ``--freeze``."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from perijove.errors import ExportError

_LONGEST = 10_000


def frozen_values(names: Collection[str], namespace: Mapping[str, Any] | None) -> dict[str, str]:
    """The Python text of each named value: numbers, strings, bytes, None, and lists, tuples, sets and dicts of them.

    Raises ExportError for a name that the kernel does not hold, or whose value is not plain.
    """
    return {name: _frozen(name, namespace) for name in sorted(names)}


def _frozen(name: str, namespace: Mapping[str, Any] | None) -> str:
    if namespace is None:
        raise ExportError(
            f"--freeze {name} needs a running kernel: a notebook file holds no values. Use %export there."
        )
    if name not in namespace:
        raise ExportError(f"--freeze {name}: the kernel holds no `{name}`. Run the cell that makes it.")
    text = _text(namespace[name])
    if text is None:
        kind = type(namespace[name]).__name__
        raise ExportError(f"--freeze {name}: a {kind} is no plain value. Numbers, strings and containers of them are.")
    if len(text) > _LONGEST:
        raise ExportError(
            f"--freeze {name}: its value is {len(text)} characters long. Store it in a file and read that."
        )
    return text


def told_of_frozen(names: Collection[str], namespace: Mapping[str, Any] | None) -> list[str]:
    """A sentence for each value that is written as another type's."""
    held: dict[str, Any] = {name: (namespace or {}).get(name) for name in sorted(names)}
    return [
        f"`{name}` is written as a plain {type(value.item()).__name__}; the kernel holds a {_kind(value)}."
        for name, value in held.items()
        if _is_scalar(value)
    ]


def _kind(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__name__}"


def _is_scalar(value: Any) -> bool:
    """Whether a value is a single number or text of NumPy's."""
    return type(value).__module__ == "numpy" and getattr(value, "shape", None) == () and hasattr(value, "item")


def _text(value: Any) -> str | None:
    if _is_scalar(value):
        value = value.item()
    if type(value) is float and not math.isfinite(value):
        return f'float("{value}")'
    if type(value) in {list, tuple, set, frozenset, dict}:
        return _container(value)
    if value is None or type(value) in {bool, int, float, complex, str, bytes}:
        return repr(value)
    return None


def _container(value: Any) -> str | None:
    if type(value) is dict:
        pairs = [(_text(key), _text(item)) for key, item in value.items()]
        return (
            None if any(None in pair for pair in pairs) else f"{{{', '.join(f'{key}: {item}' for key, item in pairs)}}}"
        )
    texts = [_text(item) for item in value]
    known = [text for text in texts if text is not None]
    if len(known) < len(texts):
        return None
    if type(value) in {set, frozenset}:
        known.sort()  # a set's own order differs from run to run
        inner = f"{{{', '.join(known)}}}" if known else "set()"
        return inner if type(value) is set else f"frozenset({inner})"
    listed = ", ".join(known)
    return f"[{listed}]" if type(value) is list else f"({listed}{',' if len(known) == 1 else ''})"

"""Instants, lengths of time and near misses, in words."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from difflib import get_close_matches
from typing import Any

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def moment(instant: datetime, zone: tzinfo | None = None) -> str:
    """``Tue 24 Nov 2026 08:00 CET``, in ``zone`` or in this machine's own; seconds only where there are some."""
    local = instant.astimezone(zone)
    seconds = ":%S" if local.second else ""
    return local.strftime(f"%a %d %b %Y %H:%M{seconds} %Z")


def length(duration: timedelta) -> str:
    """The two largest units that matter: ``2 h 5 min``, ``1.3 s``, ``20 ms``."""
    seconds = abs(duration.total_seconds())
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 ", " ")
    return " ".join(_counted(round(seconds))[:2])


def distance(instant: datetime, now: datetime) -> str:
    """``in 2 h 5 min`` or ``3 s ago``."""
    gap = instant - now
    return f"in {length(gap)}" if gap >= timedelta(0) else f"{length(gap)} ago"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` (with a space before it) where a known word is near, else nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _counted(seconds: int) -> list[str]:
    parts = []
    for unit, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return parts


def as_words(values: Mapping[str, Any]) -> str:
    """``name=value, name=value``, with the values as JSON."""
    return ", ".join(f"{name}={json.dumps(value, ensure_ascii=False, default=str)}" for name, value in values.items())

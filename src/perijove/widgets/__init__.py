"""Views that stay open in a notebook: widgets over what a server tells. Each part is loaded at its first use."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perijove.widgets.monitor import RunMonitor, RunMonitors, monitor
    from perijove.widgets.run_form import RunForm, run_form

__all__ = ["RunForm", "RunMonitor", "RunMonitors", "monitor", "run_form"]

_HOMES = {
    "RunForm": "run_form",
    "RunMonitor": "monitor",
    "RunMonitors": "monitor",
    "monitor": "monitor",
    "run_form": "run_form",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value

"""Views that stay open in a notebook: widgets over what a server tells. Each part is loaded at its first use."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perijove.widgets.monitor import RunMonitor, RunMonitors, monitor

__all__ = ["RunMonitor", "RunMonitors", "monitor"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(importlib.import_module(f"{__name__}.monitor"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""From a notebook's cells to a module: the exporter. The names below are loaded when first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perijove.notebook.cells import Cell, read_notebook
    from perijove.notebook.exporter import Export, Module, export, write_module
    from perijove.notebook.recorder import Recorder

_HOMES = {
    "Cell": "cells",
    "Export": "exporter",
    "Module": "exporter",
    "Recorder": "recorder",
    "export": "exporter",
    "read_notebook": "cells",
    "write_module": "exporter",
}

__all__ = ["Cell", "Export", "Module", "Recorder", "export", "read_notebook", "write_module"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

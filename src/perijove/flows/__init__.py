"""What authors write: flows and tasks. The parts that run them are loaded when the first one is called."""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from perijove.flows.flows import Flow, flow
from perijove.flows.tasks import Task, task

if TYPE_CHECKING:
    from perijove.flows import engine as engine
    from perijove.flows import parameters as parameters
    from perijove.flows import reporting as reporting
    from perijove.flows.logs import get_run_logger

__all__ = ["Flow", "Task", "flow", "get_run_logger", "task"]

_LATE_MODULES = ("engine", "parameters", "reporting")


def __getattr__(name: str) -> object:
    if name in _LATE_MODULES:
        return _module(name)
    if name == "get_run_logger":
        return _module("logs").get_run_logger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")

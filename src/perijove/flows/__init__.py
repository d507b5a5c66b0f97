"""What authors write: flows and tasks. The parts that run them are loaded when the first one is called."""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from perijove.flows.definitions import exponential_backoff
from perijove.flows.flows import Flow, flow
from perijove.flows.tasks import Task, task

if TYPE_CHECKING:
    from perijove.flows import caching as caching
    from perijove.flows import engine as engine
    from perijove.flows import parameters as parameters
    from perijove.flows import reporting as reporting
    from perijove.flows import results as results
    from perijove.flows import slots as slots
    from perijove.flows import submitting as submitting
    from perijove.flows.futures import unmapped
    from perijove.flows.logs import get_run_logger
    from perijove.flows.pausing import pause_flow_run, resume_flow_run, suspend_flow_run

__all__ = [
    "Flow",
    "Task",
    "exponential_backoff",
    "flow",
    "get_run_logger",
    "pause_flow_run",
    "resume_flow_run",
    "suspend_flow_run",
    "task",
    "unmapped",
]

_LATE_MODULES = ("caching", "engine", "parameters", "reporting", "results", "slots", "submitting")
_LATE_NAMES = {
    "get_run_logger": "logs",
    "pause_flow_run": "pausing",
    "resume_flow_run": "pausing",
    "suspend_flow_run": "pausing",
    "unmapped": "futures",
}


def __getattr__(name: str) -> object:
    if name in _LATE_MODULES:
        return _module(name)
    if name in _LATE_NAMES:
        return getattr(_module(_LATE_NAMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")

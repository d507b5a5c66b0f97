"""A flow in a notebook becomes a scheduled, watched, remotely triggered deployment."""

import importlib

TYPE_CHECKING = False  # what type checkers take as true; importing it from typing would double the cost of this import
if TYPE_CHECKING:
    from perijove import deployments as deployments
    from perijove import schedules as schedules
    from perijove.client import get_client
    from perijove.deployments import arun_deployment, deploy, run_deployment, serve
    from perijove.errors import PerijoveError
    from perijove.flows import (
        exponential_backoff,
        flow,
        get_run_logger,
        pause_flow_run,
        resume_flow_run,
        suspend_flow_run,
        task,
        unmapped,
    )
    from perijove.flows import runtime as runtime
    from perijove.magics import load_ipython_extension, unload_ipython_extension
    from perijove.widgets import calendar, explore, monitor, run_form

__version__ = "0.1.0"

__all__ = [
    "PerijoveError",
    "__version__",
    "arun_deployment",
    "calendar",
    "deploy",
    "explore",
    "exponential_backoff",
    "flow",
    "get_client",
    "get_run_logger",
    "load_ipython_extension",
    "monitor",
    "pause_flow_run",
    "resume_flow_run",
    "run_deployment",
    "run_form",
    "runtime",
    "schedules",
    "serve",
    "suspend_flow_run",
    "task",
    "unload_ipython_extension",
    "unmapped",
]

_HOMES = {
    "PerijoveError": "errors",
    "arun_deployment": "deployments",
    "calendar": "widgets",
    "deploy": "deployments",
    "explore": "widgets",
    "exponential_backoff": "flows",
    "flow": "flows",
    "get_client": "client",
    "get_run_logger": "flows",
    "load_ipython_extension": "magics",
    "monitor": "widgets",
    "run_form": "widgets",
    "run_deployment": "deployments",
    "serve": "deployments",
    "pause_flow_run": "flows",
    "resume_flow_run": "flows",
    "suspend_flow_run": "flows",
    "task": "flows",
    "unmapped": "flows",
    "unload_ipython_extension": "magics",
}
"""Where each public name lives: it is loaded at its first use, so that ``import perijove`` costs nearly nothing."""

_MODULES = {"deployments": "deployments", "runtime": "flows.runtime", "schedules": "schedules"}


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{_MODULES[name]}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

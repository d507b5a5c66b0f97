"""Views that stay open in a notebook: widgets over what a server tells. Each part is loaded at its first use.

No module has the name of a function here: it would take that one's place once it is imported.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perijove.widgets.explorer import DeploymentExplorer, explore
    from perijove.widgets.parameter_form import RunForm, run_form
    from perijove.widgets.run_monitor import RunMonitor, RunMonitors, monitor
    from perijove.widgets.schedule_calendar import ScheduleCalendar, calendar

__all__ = [
    "DeploymentExplorer",
    "RunForm",
    "RunMonitor",
    "RunMonitors",
    "ScheduleCalendar",
    "calendar",
    "explore",
    "monitor",
    "run_form",
]

_HOMES = {
    "DeploymentExplorer": "explorer",
    "RunForm": "parameter_form",
    "RunMonitor": "run_monitor",
    "RunMonitors": "run_monitor",
    "ScheduleCalendar": "schedule_calendar",
    "calendar": "schedule_calendar",
    "explore": "explorer",
    "monitor": "run_monitor",
    "run_form": "parameter_form",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value

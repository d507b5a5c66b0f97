"""Deployments from their user's side: define, apply, run, list. Each part is loaded at its first use."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perijove.deployments import authoring as authoring
    from perijove.deployments import define as define
    from perijove.deployments import deployed as deployed
    from perijove.deployments import deploying as deploying
    from perijove.deployments import editing as editing
    from perijove.deployments import exported as exported
    from perijove.deployments import exporting as exporting
    from perijove.deployments import kernels as kernels
    from perijove.deployments import listing as listing
    from perijove.deployments import names as names
    from perijove.deployments import schedule as schedule
    from perijove.deployments import scheduling as scheduling
    from perijove.deployments import serving as serving
    from perijove.deployments import sources as sources
    from perijove.deployments import trigger as trigger
    from perijove.deployments import words as words
    from perijove.deployments.authoring import serve
    from perijove.deployments.deploy_flow import deploy
    from perijove.deployments.flow_runs import arun_deployment, run_deployment
    from perijove.deployments.run import Run

__all__ = ["Run", "arun_deployment", "deploy", "run_deployment", "serve"]

_HOMES = {
    "Run": "run",
    "arun_deployment": "flow_runs",
    "deploy": "deploy_flow",
    "run_deployment": "flow_runs",
    "serve": "authoring",
}
_PARTS = (
    "authoring",
    "define",
    "deployed",
    "deploying",
    "editing",
    "exported",
    "exporting",
    "kernels",
    "listing",
    "names",
    "schedule",
    "scheduling",
    "serving",
    "sources",
    "trigger",
    "words",
)


def __getattr__(name: str) -> object:
    if name in _PARTS:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

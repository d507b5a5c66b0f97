"""Runs pull steps in their order; what one gives can be used by those after it.

A step is ``{"package.module.function": {inputs}}``. Beside the steps of Perijove, which also go by Prefect's names, any
Python function may be one, but none of the standard library's: a name that came over the wire must not be a program.
"""

import asyncio
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from perijove.errors import EntrypointError
from perijove.pulling import git, programs, remote, templates
from perijove.pulling.directories import set_working_directory

Function = Callable[..., Any]

_OURS: Mapping[str, Function] = {
    "git_clone": git.git_clone,
    "pip_install_requirements": programs.pip_install_requirements,
    "pull_from_remote_storage": remote.pull_from_remote_storage,
    "run_shell_script": programs.run_shell_script,
    "set_working_directory": set_working_directory,
}
_PACKAGES = (
    "perijove.deployments.steps",
    "prefect.deployments.steps",
    "prefect.deployments.steps.pull",
    "prefect.deployments.steps.utility",
)
_KNOWN: Mapping[str, Function] = {
    **{f"{package}.{name}": step for package in _PACKAGES for name, step in _OURS.items()},
    "perijove.deployments.steps.pull_from_s3": remote.pull_from_s3,
    "perijove.deployments.steps.pull_from_gcs": remote.pull_from_gcs,
    "perijove.deployments.steps.pull_from_azure_blob_storage": remote.pull_from_azure_blob_storage,
    "prefect_aws.deployments.steps.pull_from_s3": remote.pull_from_s3,
    "prefect_gcp.deployments.steps.pull_from_gcs": remote.pull_from_gcs,
    "prefect_azure.deployments.steps.pull_from_azure_blob_storage": remote.pull_from_azure_blob_storage,
}
_RESERVED = ("id", "requires")


def run_steps(steps: Sequence[Mapping[str, Any]], server: templates.Lookup) -> dict[str, Any]:
    """Run the steps and return all that they gave. A ``directory`` that the last one gives is gone to.

    ``server`` looks up what the server keeps by a name (``lookups``). Raises EntrypointError, in words that hold no
    input's value.
    """
    outputs: dict[str, Any] = {}
    last: Any = None
    for name, inputs in _each(steps):
        last = _run(name, inputs, outputs, server)
        if isinstance(last, Mapping):
            outputs.update(last)
            if inputs.get("id"):
                outputs[str(inputs["id"])] = dict(last)
    if isinstance(last, Mapping) and isinstance(last.get("directory"), str):
        set_working_directory(last["directory"])
    return outputs


def _each(steps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for step in steps:
        for name, inputs in step.items():
            if not isinstance(inputs or {}, Mapping):
                raise EntrypointError(f"The pull step {name} must be given its inputs by name.")
            yield name, inputs or {}


def _run(name: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], server: templates.Lookup) -> Any:
    step = _function(name)
    own = {key: value for key, value in inputs.items() if key not in _RESERVED}
    given = {key: templates.fill(value, outputs, server) for key, value in own.items()}
    _check(name, step, given)
    try:
        made = step(**given)
        return asyncio.run(made) if inspect.iscoroutine(made) else made
    except EntrypointError as error:
        raise EntrypointError(f"The pull step {name.rpartition('.')[2]}: {error}") from None
    except Exception as error:  # noqa: BLE001  (a step may be anybody's)
        # What it says may hold a secret that it was given.
        raise EntrypointError(f"The pull step {name} raised {type(error).__name__}.") from None


def _function(name: str) -> Function:
    if name in _KNOWN:
        return _KNOWN[name]
    module, _, function = name.rpartition(".")
    found = getattr(_module(module), function, None) if module else None
    if not inspect.isfunction(found) or (found.__module__ or "").partition(".")[0] in sys.stdlib_module_names:
        raise EntrypointError(
            f"The pull step {name} is not known here, and is no function that could be one. "
            f"Known: {', '.join(sorted(_OURS))}, or any function of your own by its module's name."
        )
    return found


def _module(name: str) -> ModuleType | None:
    """The module, which may lie in the working directory as it now is; none of the standard library's."""
    if name.partition(".")[0] in sys.stdlib_module_names or not all(part.isidentifier() for part in name.split(".")):
        return None
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _check(name: str, step: Function, given: Mapping[str, Any]) -> None:
    try:
        inspect.signature(step).bind(**given)
    except TypeError as error:
        raise EntrypointError(f"The pull step {name}: {error}.") from None

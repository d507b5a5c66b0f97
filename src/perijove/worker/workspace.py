"""Where a run's process lives: its variables, its directory, and what its pull steps make of them."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from perijove import settings
from perijove.errors import EntrypointError
from perijove.schemas.deployments import PullStep
from perijove.worker.launch import Launch


def run_directory(run_id: UUID) -> Path:
    """The run's own directory under the data directory: for its spool, and for a run that has no other place."""
    return settings.current().home / "runs" / str(run_id)


def enter(launch: Launch) -> Path:
    """Make this process the run's: set its variables, go to its directory, and return that.

    The directory is the one that the last pull step gives, else the job variable ``working_dir``, else the deployment's
    ``path`` if it is absolute, else the run's own, which is removed after the run if nothing was left in it.
    Raises EntrypointError for a directory that isn't there and a pull step that isn't known.
    """
    _set_variables(launch.job.env)
    _go_to_first_directory(launch)
    _pull(launch.deployment.pull_steps or [])
    directory = Path.cwd()
    # A script's own directory comes first on its path: here, that of the code which is to run.
    sys.path[0] = str(directory)
    return directory


def _set_variables(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _go_to_first_directory(launch: Launch) -> None:
    path = launch.deployment.path
    if launch.job.working_dir:
        _go_to(launch.job.working_dir)
    elif path and Path(path).is_absolute():
        _go_to(path)
    elif not launch.deployment.pull_steps:
        directory = run_directory(launch.run_id)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        _go_to(str(directory))


def _go_to(directory: str) -> None:
    try:
        os.chdir(Path(directory).expanduser())
    except OSError as error:
        raise EntrypointError(
            f"The run's directory {directory} can't be entered ({error.strerror}). "
            "Put it back, or deploy the flow again from where it is now."
        ) from error


def _pull(steps: Sequence[PullStep]) -> None:
    for step in steps:
        for name, inputs in step.items():
            _step(name)(inputs or {})


def _step(name: str) -> Callable[[Mapping[str, Any]], None]:
    try:
        return _STEPS[name]
    except KeyError:
        raise EntrypointError(
            f"The pull step {name} is not known to this worker. Known: {', '.join(sorted(_STEPS))}."
        ) from None


def _set_working_directory(inputs: Mapping[str, Any]) -> None:
    directory = inputs.get("directory")
    if not isinstance(directory, str) or not directory:
        raise EntrypointError("The pull step set_working_directory names no directory.")
    _go_to(directory)


_STEPS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "perijove.deployments.steps.set_working_directory": _set_working_directory,
    "prefect.deployments.steps.set_working_directory": _set_working_directory,
}

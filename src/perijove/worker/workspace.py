"""Where a run's process lives: its variables, its directory, and what its pull steps make of them."""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from perijove import settings
from perijove.client import SyncClient
from perijove.pulling.directories import set_working_directory
from perijove.pulling.lookups import kept
from perijove.pulling.steps import run_steps
from perijove.worker.launch import Launch

_GO_ELSEWHERE = ("perijove.deployments.steps.set_working_directory", "prefect.deployments.steps.set_working_directory")
"""Steps that bring no files, so that a run of these alone needs no place for any."""


def run_directory(run_id: UUID) -> Path:
    """The run's own directory under the data directory: for its spool, and for a run that has no other place."""
    return settings.current().home / "runs" / str(run_id)


def code_directory(run_id: UUID) -> Path:
    """Where pull steps bring a run's code to, which is removed after the run."""
    return run_directory(run_id) / "code"


def leave(run_id: UUID) -> None:
    """Remove what was made for the run; what the run itself left in its own directory stays."""
    shutil.rmtree(code_directory(run_id), ignore_errors=True)
    with contextlib.suppress(OSError):
        run_directory(run_id).rmdir()


def enter(launch: Launch) -> Path:
    """Make this process the run's: set its variables, go to its directory, and return that.

    The directory is the one that the last pull step gives, else the job variable ``working_dir``, else the deployment's
    ``path`` if it is absolute, else the run's own, which is removed after the run if nothing was left in it, and with
    all that is in it where pull steps brought that.
    Raises EntrypointError for a directory that isn't there and a pull step that isn't known.
    """
    prepare(launch)
    run_steps(launch.deployment.pull_steps or [], _server(launch))
    directory = Path.cwd()
    # A script's own directory comes first on its path: here, that of the code which is to run.
    sys.path[0] = str(directory)
    return directory


def prepare(launch: Launch) -> None:
    """Set the run's variables, and go to where its pull steps begin. Raises EntrypointError."""
    _set_variables(launch.job.env)
    _go_to_first_directory(launch)


def _set_variables(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _go_to_first_directory(launch: Launch) -> None:
    path = launch.deployment.path
    if launch.job.working_dir:
        set_working_directory(launch.job.working_dir)
    elif path and Path(path).is_absolute():
        set_working_directory(path)
    elif any(name not in _GO_ELSEWHERE for step in launch.deployment.pull_steps or [{"": {}}] for name in step):
        directory = code_directory(launch.run_id) if launch.deployment.pull_steps else run_directory(launch.run_id)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        set_working_directory(str(directory))


def _server(launch: Launch) -> Callable[[str], Any]:
    """What the run's server keeps, asked for when it is needed."""

    def look_up(name: str) -> Any:
        with SyncClient(launch.target) as client:
            return kept(client, name)

    return look_up

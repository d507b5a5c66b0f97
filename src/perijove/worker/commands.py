"""A run whose process becomes a program of the deployment's choice: the job variable ``command``."""

import os
import shlex
import sys
import tempfile
from typing import NoReturn

from perijove.errors import EntrypointError
from perijove.worker import prefect_flows, workspace
from perijove.worker.launch import Job, Launch


def become(launch: Launch, command: str, *, log: int) -> NoReturn:
    """Execute the command in the run's place, with the launch on its standard input; ``log`` is the log's descriptor.

    For Prefect's engine, the server and the run are also in the environment. ``python`` means the interpreter that
    would have run the flow. Raises EntrypointError.
    """
    workspace.prepare(launch)
    prefect_flows.name_server(launch)
    words = shlex.split(command)
    if words[0] == "python":
        words[0] = sys.executable
    _tell(launch)
    os.set_inheritable(log, True)
    try:
        os.execvp(words[0], words)  # noqa: S606  (argv, no shell)
    except OSError as error:
        raise EntrypointError(
            f"The program {words[0]!r} of the job variable command can't be run ({error.strerror})."
        ) from None


def _tell(launch: Launch) -> None:
    """Have the launch on standard input; what is done of it already is inherited, and must not be done again."""
    rest = Job(env=launch.job.env, working_dir=launch.job.working_dir)
    with tempfile.TemporaryFile() as file:
        file.write(launch.model_copy(update={"job": rest}).encode())
        file.seek(0)
        os.dup2(file.fileno(), 0)

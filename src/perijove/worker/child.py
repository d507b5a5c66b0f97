"""The run's own process: it goes to the run's place, loads the flow and hands over to the engine.

Forked from its shepherd, or started as ``python -m perijove.worker.child``; the launch comes on standard input.
"""

import faulthandler
import io
import os
import select
import signal
import sys
import traceback

from perijove import clock
from perijove.client import SyncClient
from perijove.errors import EntrypointError, PerijoveError
from perijove.flows.engine import run_deployed
from perijove.flows.entrypoint import load
from perijove.flows.flows import Flow
from perijove.schemas.logs import LogCreate
from perijove.schemas.states import StateCreate, StateType
from perijove.worker import commands, limits, prefect_flows, processes, workspace
from perijove.worker.launch import Launch
from perijove.worker.rehearsal import rehearse_child

LOG_FD = 3
"""The file descriptor on which a run's process writes its log entries, one line of JSON each."""

QUIET = 0.1
"""Seconds without a run after which there is time to rehearse one."""


def main(shepherd: int, *, spare: bool = False) -> None:
    """Run the flow that standard input tells of; nothing ends this process.

    ``shepherd`` is the parent's pid; ``spare``: whether no run waits yet, so that there is time to get ready.
    """
    processes.die_with_parent(shepherd, signal.SIGKILL)
    if spare and _is_idle():
        rehearse_child()
    if told := _standard_input():
        _become_a_plain_program()
        _run(Launch.model_validate_json(told))


def _is_idle() -> bool:
    """Whether no run comes for a while. Where one comes after another, a rehearsal would cost them the processor."""
    told, _, _ = select.select([0], [], [], QUIET)
    return not told


def _run(launch: Launch) -> None:
    try:
        limits.apply(launch.job)
        if launch.job.command:
            commands.become(launch, launch.job.command, log=LOG_FD)
        directory = workspace.enter(launch)
        os.environ["PERIJOVE_LOG_FD"] = str(LOG_FD)
        # For this interpreter alone: in a program that the run starts, the descriptor is closed or another file.
        os.unsetenv("PERIJOVE_LOG_FD")
        sys.argv = [launch.deployment.entrypoint or ""]
        flow = load(_entrypoint(launch), directory)
    except PerijoveError as error:
        _report_unloadable(launch, error)
    else:
        if isinstance(flow, Flow):
            run_deployed(flow, launch.flow_run, launch.target, lease=launch.lease)
        else:
            prefect_flows.run(flow, launch)


def _standard_input() -> bytes:
    """All of it; from then on there is nothing more."""
    with io.FileIO(0, closefd=False) as told:
        content = told.readall()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return content


def _become_a_plain_program() -> None:
    """Undo what the parents needed for themselves, and lose no output to a buffer when the process is killed."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.stdout = sys.__stdout__ = _unbuffered(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _unbuffered(2)  # type: ignore[misc]
    faulthandler.enable()


def _unbuffered(descriptor: int) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, "wb", closefd=False)
    return io.TextIOWrapper(raw, "utf-8", errors="backslashreplace", write_through=True)


def _entrypoint(launch: Launch) -> str:
    if not launch.deployment.entrypoint:
        raise EntrypointError(f"The deployment {launch.deployment.name} names no entrypoint. Deploy the flow again.")
    return launch.deployment.entrypoint


def _report_unloadable(launch: Launch, error: PerijoveError) -> None:
    """The run Failed before its flow began: the sentence is its state's message, the traceback goes to its log."""
    trace = "".join(traceback.format_exception(error.__cause__ or error))
    entry = LogCreate(
        name="perijove.flow_runs",
        level=40,
        message=f"{error}\n{trace}",
        timestamp=clock.now(),
        flow_run_id=launch.run_id,
    )
    with io.FileIO(LOG_FD, "wb", closefd=False) as log:
        log.write(entry.model_dump_json().encode() + b"\n")
    with SyncClient(launch.target) as client:
        failed = StateCreate(type=StateType.FAILED, message=str(error))
        client.set_flow_run_state(launch.run_id, failed, lease=launch.lease)


if __name__ == "__main__":
    os.set_inheritable(LOG_FD, False)
    main(os.getppid())

"""Starts a run's own process with its three pipes: forked where that can be, else as a fresh interpreter."""

import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from perijove.worker import child, forks, processes
from perijove.worker.launch import Launch

STREAMS = ("stdout", "stderr", "log")
"""The streams of a run, which are its process's descriptors 1, 2 and ``child.LOG_FD``."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run's process, and our ends of its pipes by stream."""

    pid: int
    pipes: dict[str, int]


def start(launch: Launch) -> Started:
    """Start the run's process."""
    pipes = {stream: os.pipe() for stream in STREAMS}
    writing = [end for _, end in pipes.values()]
    pid = _fork(launch, writing) if launch.fork else _spawn(launch, writing)
    for end in writing:
        os.close(end)
    return Started(pid, {stream: end for stream, (end, _) in pipes.items()})


def _fork(launch: Launch, writing: Sequence[int]) -> int:
    shepherd = os.getpid()

    def work() -> None:
        # From the lowest up: none of these can be another's source any more when it is overwritten.
        for number, end in enumerate((os.open(os.devnull, os.O_RDONLY), *writing)):
            os.dup2(end, number, inheritable=number != child.LOG_FD)
        processes.close_all_but([child.LOG_FD])
        child.run(launch, shepherd)

    return forks.fork(work)


def _spawn(launch: Launch, writing: Sequence[int]) -> int:
    reading, feeding = os.pipe()
    command = [sys.executable, "-m", "perijove.worker.child"]
    moves = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate((reading, *writing))]
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=moves)
    os.close(reading)
    with contextlib.suppress(BrokenPipeError), os.fdopen(feeding, "wb") as standard_input:
        standard_input.write(launch.encode())
    return pid

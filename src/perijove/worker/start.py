"""Starts a run's own process with its pipes: forked where that can be, else as a fresh interpreter."""

import contextlib
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from perijove.worker import child, forks, processes

STREAMS = ("stdout", "stderr", "log")
"""The streams of a run, which are its process's descriptors 1, 2 and ``child.LOG_FD``."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run's process, which waits to be told what to run, and our ends of its pipes: by stream, and to its input."""

    pid: int
    pipes: dict[str, int]
    feed: int

    def tell(self, launch: bytes) -> None:
        """Tell the process what to run; nothing at all ends it."""
        with contextlib.suppress(BrokenPipeError), os.fdopen(self.feed, "wb") as standard_input:
            standard_input.write(launch)


def start(*, fork: bool, spare: bool) -> Started:
    """Start a process for a run: a fork of this one, or a fresh interpreter. ``spare``: whether no run waits yet."""
    reading, feed = os.pipe()
    pipes = {stream: _log_line() if stream == "log" else os.pipe() for stream in STREAMS}
    ends = [reading, *(end for _, end in pipes.values())]
    pid = _fork(ends, spare) if fork else _spawn(ends)
    for end in ends:
        os.close(end)
    return Started(pid, {stream: end for stream, (end, _) in pipes.items()}, feed)


def _log_line() -> tuple[int, int]:
    """Our end and the run's: unlike a pipe's, ours can answer."""
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


def _fork(ends: Sequence[int], spare: bool) -> int:
    """``ends`` become the process's descriptors 0 to 3."""
    shepherd = os.getpid()

    def work() -> None:
        # From the lowest up: none of these can be another's source any more when it is overwritten.
        for number, end in enumerate(ends):
            os.dup2(end, number, inheritable=number != child.LOG_FD)
        processes.close_all_but([child.LOG_FD])
        child.main(shepherd, spare=spare)

    return forks.fork(work)


def _spawn(ends: Sequence[int]) -> int:
    command = [sys.executable, "-m", "perijove.worker.child"]
    moves = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(ends)]
    return os.posix_spawn(command[0], command, os.environ, file_actions=moves)

"""A warm interpreter that forks a shepherd for each run: started as ``python -m perijove.worker.zygote [MODULE ...]``.

It has everything imported that a run needs, and the modules that it is told to, and does nothing else: no thread, no
event loop, no connection, nothing that a fork must not share. On standard input it reads one line a run,
``<id> <launch>``; on standard output it says ``{"ready": true}`` once, and for each run whose shepherd has ended
``{"run": "<id>", "exit_code": 0}``. The end of its input, by the worker's will or death, ends every run and then
itself.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from perijove.worker import forks, processes
from perijove.worker import shepherd as shepherds
from perijove.worker.rehearsal import rehearse

PROMPT = 0.04
"""Seconds after which a spare shepherd is forked while one run at most goes on: there is a processor for it."""

IDLE = 0.05
"""Seconds of quiet after which it is, where more go on: those need the processors more."""

_CHUNK = 1 << 16


@dataclass(slots=True)
class Forked:
    """A shepherd, our end of its lifeline, and the run that it has been given, if any."""

    pid: int
    lifeline: BinaryIO
    run: str | None = None


class Zygote:
    """``requests`` and ``reports`` are the descriptors to and from the worker."""

    def __init__(self, requests: int, reports: int) -> None:
        self._requests = requests
        self._reports = reports
        self._pending = b""
        self._shepherds: dict[int, Forked] = {}
        self._spare: Forked | None = None
        self._wakeup = _wake_on_child_end()

    def serve(self) -> None:
        """Have a shepherd for each request, until there are no more and all shepherds have ended."""
        self._report({"ready": True})
        while self._read_requests():
            self._reap()
        for shepherd in self._shepherds.values():
            shepherd.lifeline.close()
        while self._shepherds:
            select.select([self._wakeup], [], [])
            self._reap()

    def _read_requests(self) -> bool:
        """Wait for something to happen; False when the requests have come to their end."""
        readable, _, _ = select.select([self._requests, self._wakeup], [], [], self._patience())
        if not readable:
            with contextlib.suppress(OSError):
                self._spare = self._fork(spare=True)
        if self._requests not in readable:
            return True
        self._reap()  # a spare that has died meanwhile is given no run
        data = os.read(self._requests, _CHUNK)
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            self._launch(line)
        return bool(data)

    def _patience(self) -> float | None:
        """How long to wait before a spare is forked; None: there is one."""
        if self._spare:
            return None
        return PROMPT if len(self._shepherds) <= 1 else IDLE

    def _launch(self, line: bytes) -> None:
        run, _, launch = line.partition(b" ")
        try:
            shepherd = self._spare or self._fork()
        except OSError as error:
            self._report({"run": run.decode(), "exit_code": 1, "reason": f"No process could be forked: {error}."})
            return
        self._spare = None
        shepherd.run = run.decode()
        # One that is dead already is reported when it is reaped.
        with contextlib.suppress(BrokenPipeError):
            shepherd.lifeline.write(launch + b"\n")
            shepherd.lifeline.flush()

    def _fork(self, *, spare: bool = False) -> Forked:
        theirs, ours = os.pipe()
        lifeline = os.fdopen(ours, "wb")
        try:
            pid = forks.fork(lambda: shepherds.main(theirs, fork=True, spare=spare))
        except OSError:
            lifeline.close()
            raise
        finally:
            os.close(theirs)
        self._shepherds[pid] = Forked(pid, lifeline)
        return self._shepherds[pid]

    def _reap(self) -> None:
        _drain(self._wakeup)
        while (ended := _next_dead_child()) is not None:
            pid, exit_code = ended
            self._say_farewell(self._shepherds.pop(pid, None), exit_code)
            if exit_code:
                # What a dead shepherd kept is ours now.
                processes.kill_children(os.getpid(), spare=self._shepherds, timeout=processes.KILL_TIMEOUT)

    def _say_farewell(self, shepherd: Forked | None, exit_code: int) -> None:
        if shepherd is None:
            return
        with contextlib.suppress(BrokenPipeError):
            shepherd.lifeline.close()
        if shepherd is self._spare:
            self._spare = None
        if shepherd.run:
            self._report({"run": shepherd.run, "exit_code": exit_code})

    def _report(self, report: dict[str, Any]) -> None:
        os.write(self._reports, json.dumps(report).encode() + b"\n")


def _next_dead_child() -> tuple[int, int] | None:
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, os.waitstatus_to_exitcode(status)) if pid else None


def _wake_on_child_end() -> int:
    """A descriptor that is readable when a child has ended."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return reading


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, _CHUNK):
            pass
    except BlockingIOError:
        pass


def _take_standard_streams() -> tuple[int, int]:
    """Our own copies of standard input and output, which from now on are nothing and standard error."""
    requests, reports = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return requests, reports


def _preload(names: Sequence[str]) -> None:
    """Import the modules; one that can't be is the run's to miss, which then says so in its own log."""
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def main() -> None:
    """Serve standard input."""
    requests, reports = _take_standard_streams()
    processes.adopt_orphans()
    _preload(sys.argv[1:])
    rehearse()
    # The collector would touch, and so copy, every page that the forks share.
    gc.collect()
    gc.freeze()
    Zygote(requests, reports).serve()


if __name__ == "__main__":
    main()

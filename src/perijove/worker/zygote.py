"""A warm interpreter that forks a shepherd for each run: started as ``python -m perijove.worker.zygote``.

It has everything imported that a run needs, and does nothing else: no thread, no event loop, no connection, nothing
that a fork must not share. On standard input it reads one line a run, ``<id> <launch>``; on standard output it says
``{"ready": true}`` once, and for each run whose shepherd has ended ``{"run": "<id>", "exit_code": 0}``. The end of its
input, by the worker's will or death, ends every run and then itself.
"""

import gc
import json
import os
import select
import signal
from typing import Any

from perijove.worker import forks, processes, shepherd
from perijove.worker.launch import Launch

_CHUNK = 1 << 16


class Zygote:
    """``requests`` and ``reports`` are the descriptors to and from the worker."""

    def __init__(self, requests: int, reports: int) -> None:
        self._requests = requests
        self._reports = reports
        self._pending = b""
        self._shepherds: dict[int, str] = {}
        self._lifeline, self._hold = os.pipe()
        self._wakeup = _wake_on_child_end()

    def serve(self) -> None:
        """Fork a shepherd for each request, until there are no more and all shepherds have ended."""
        self._report({"ready": True})
        while self._read_requests():
            self._reap()
        os.close(self._hold)
        while self._shepherds:
            select.select([self._wakeup], [], [])
            self._reap()

    def _read_requests(self) -> bool:
        """Wait for something to happen; False when the requests have come to their end."""
        readable, _, _ = select.select([self._requests, self._wakeup], [], [])
        if self._requests not in readable:
            return True
        data = os.read(self._requests, _CHUNK)
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            self._launch(line)
        return bool(data)

    def _launch(self, line: bytes) -> None:
        run, _, launch = line.partition(b" ")
        try:
            pid = forks.fork(lambda: self._become_shepherd(launch))
        except OSError as error:
            self._report({"run": run.decode(), "exit_code": 1, "reason": f"No process could be forked: {error}."})
        else:
            self._shepherds[pid] = run.decode()

    def _become_shepherd(self, launch: bytes) -> None:
        os.close(self._hold)
        shepherd.main(Launch.model_validate_json(launch), self._lifeline)

    def _reap(self) -> None:
        os.set_blocking(self._wakeup, False)
        _drain(self._wakeup)
        while (ended := _next_dead_child()) is not None:
            pid, exit_code = ended
            run = self._shepherds.pop(pid, None)
            if run is not None:
                self._report({"run": run, "exit_code": exit_code})
            if exit_code:
                # What a dead shepherd kept is ours now.
                processes.kill_children(os.getpid(), spare=self._shepherds, timeout=processes.KILL_TIMEOUT)

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


def main() -> None:
    """Serve standard input."""
    requests, reports = _take_standard_streams()
    processes.adopt_orphans()
    # The collector would touch, and so copy, every page that the forks share.
    gc.collect()
    gc.freeze()
    Zygote(requests, reports).serve()


if __name__ == "__main__":
    main()

"""Process trees: who came from whom, and how to end them all without ever signalling a stranger.

Linux does this exactly: a subreaper inherits every descendant whose own parents are gone, whatever session it made for
itself. Elsewhere there is neither subreaper nor /proc, and a run's process group is all that can be ended.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Container, Iterable
from pathlib import Path
from typing import NamedTuple

from perijove import clock

IS_LINUX = sys.platform == "linux"

KILL_TIMEOUT = 5.0
"""Seconds that killed processes may take to be gone."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PAUSE = 0.01
_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None


class Process(NamedTuple):
    """``started`` is in ticks since the machine's start: with it, a pid that was given anew is told from the old."""

    pid: int
    parent: int
    started: int


def die_with_parent(parent: int, number: signal.Signals) -> None:
    """Have the kernel send this process ``number`` when the thread that started it ends; at once if it is gone already.

    To be called in the main thread. Linux only; elsewhere nothing happens.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        signal.raise_signal(number)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parents end. Linux only; elsewhere nothing happens."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def close_all_but(keep: Iterable[int]) -> None:
    """Close every file descriptor above standard error that is not to be kept."""
    lowest = 3
    for descriptor in sorted(keep):
        os.closerange(lowest, descriptor)
        lowest = max(lowest, descriptor + 1)
    os.closerange(lowest, os.sysconf("SC_OPEN_MAX"))


def children(parent: int) -> list[Process]:
    """The processes that ``parent`` started or adopted; dead ones that nobody waited for are left out."""
    return [process for process in _running() if process.parent == parent]


def descendants(ancestor: int) -> list[Process]:
    """Every process below ``ancestor``, nearest first."""
    families = defaultdict(list)
    for process in _running():
        families[process.parent].append(process)
    found = list(families[ancestor])
    for process in found:
        found.extend(families[process.pid])
    return found


def send(process: Process, number: signal.Signals) -> None:
    """Signal the process, if it still is the one that was seen."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        handle = os.pidfd_open(process.pid)
        try:
            found = _read(process.pid)
            if found and found.started == process.started:
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def kill_children(parent: int, *, spare: Container[int], timeout: float) -> bool:
    """Kill the children that aren't in ``spare``, with all below them; the dead are the caller's to reap.

    Returns whether all were gone within ``timeout`` seconds.
    """
    deadline = clock.monotonic() + timeout
    while doomed := [child for child in children(parent) if child.pid not in spare]:
        for child in doomed:
            for process in (child, *descendants(child.pid)):
                send(process, signal.SIGKILL)
        if clock.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True


def _running() -> list[Process]:
    if not IS_LINUX:
        return []
    found = (_read(int(entry)) for entry in os.listdir("/proc") if entry.isdigit())  # noqa: PTH208 (twice as fast)
    return [process for process in found if process]


def _read(pid: int) -> Process | None:
    try:
        line = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, parent, *rest = line[line.rindex(b")") + 2 :].split()
    return None if state in b"ZX" else Process(pid, int(parent), int(rest[17]))

"""``log_prints``: what a run prints, in its log."""

import builtins
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from perijove.flows.logs import run_logger
from perijove.flows.runs import LiveRun

_printing: ContextVar[LiveRun | None] = ContextVar("printing", default=None)
_lock = threading.Lock()
_runs = 0
_print = builtins.print


@contextmanager
def logged_prints(run: LiveRun) -> Iterator[None]:
    """What the code in the block prints goes to the run's log, if its author or the run around it wants so."""
    wanted = run.definition.log_prints
    if wanted is None:
        wanted = _printing.get() is not None
    if not wanted and _printing.get() is None:
        yield
        return
    token = _printing.set(run if wanted else None)
    _count(1)
    try:
        yield
    finally:
        _count(-1)
        _printing.reset(token)


def _count(change: int) -> None:
    """``print`` is ours for as long as a run needs it."""
    global _runs, _print
    with _lock:
        _runs += change
        if _runs == change == 1:
            _print, builtins.print = builtins.print, _print_or_log
        elif _runs == 0 and builtins.print is _print_or_log:
            builtins.print = _print


def _print_or_log(
    *values: object, sep: str | None = " ", end: str | None = "\n", file: Any = None, flush: bool = False
) -> None:
    run = _printing.get()
    if run is None or file not in (None, sys.stdout, sys.stderr):
        _print(*values, sep=sep, end=end, file=file, flush=flush)
    else:
        run_logger(run).info("%s", (" " if sep is None else sep).join(map(str, values)))

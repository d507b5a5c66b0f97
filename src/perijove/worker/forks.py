"""A fork that ends as a program ends, and never returns into its parent's code."""

import atexit
import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Callable


def fork(work: Callable[[], None]) -> int:
    """Do the work in a forked process, whose pid is returned; it ends with the exit code that a program would have.

    The interpreter is not taken apart at the end: that would cost more than many a run.
    """
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        code = _exit_code(work)
        # As multiprocessing ends its children: threads are waited for (those of pools, too), exit functions are run.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    finally:
        _flush()
        os._exit(code)


def _exit_code(work: Callable[[], None]) -> int:
    try:
        work()
    except SystemExit as end:
        return _code_of(end)
    except BaseException:  # noqa: BLE001 (this is the process's outermost frame)
        traceback.print_exc()
        return 1
    return 0


def _code_of(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 0xFF
    sys.stderr.write(f"{end.code}\n")
    return 1


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()

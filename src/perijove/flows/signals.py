"""What ends a run's code from outside of it, as exceptions: so that the run can say so before its process ends."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """The process was asked to end (SIGTERM)."""


class Suspended(BaseException):
    """The run's process is to end: the run goes on in another one, from its beginning."""


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM raises Terminated in the block, and ends the process when the block is left.

    Where the signal is taken already, or in another thread than the main one, everything stays as it is.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    received = False

    def terminate(_number: int, _frame: FrameType | None) -> None:
        nonlocal received
        if not received:
            received = True
            raise Terminated

    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if received:
            os.kill(os.getpid(), signal.SIGTERM)

"""A limit on how long a function may take, whichever thread it runs in."""

import asyncio
import ctypes
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

from perijove import clock


class TimedOut(TimeoutError):
    """The function took longer than it was given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"It took longer than {seconds:g} second(s).")


class Interruption(BaseException):
    """Ends what is going on inside a limit. No Exception, so that no ``except Exception`` on the way swallows it."""


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raise TimedOut in the block after so many seconds (None: never).

    In the main thread, a signal interrupts even a call that blocks; in another thread (and where the system has no
    such signal) the exception comes with the next line of Python.
    """
    if seconds is None:
        yield
    elif threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        with _alarmed(seconds):
            yield
    else:
        with _thrown_at(threading.get_ident(), seconds):
            yield


@asynccontextmanager
async def alimited(seconds: float | None) -> AsyncIterator[None]:
    """Cancel what is awaited in the block after so many seconds (None: never), and raise TimedOut."""
    scope = asyncio.timeout(seconds)
    try:
        async with scope:
            yield
    except TimeoutError:
        if scope.expired():
            raise TimedOut(seconds or 0.0) from None
        raise


@contextmanager
def _alarmed(seconds: float) -> Iterator[None]:
    """By the process's one alarm clock: an alarm that was set before is kept, and goes off in its time."""
    mine = _new_interruption()
    started = clock.monotonic()
    earlier, _ = signal.getitimer(signal.ITIMER_REAL)
    first = not earlier or seconds < earlier

    def ring(number: int, frame: FrameType | None) -> None:
        if first or not callable(before):
            raise mine
        before(number, frame)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds if first else earlier)
    try:
        yield
    except mine:
        raise TimedOut(seconds) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if earlier:
            signal.setitimer(signal.ITIMER_REAL, max(earlier - (clock.monotonic() - started), 1e-6))


@contextmanager
def _thrown_at(thread: int, seconds: float) -> Iterator[None]:
    """By an exception that a timer sets in the thread."""
    mine = _new_interruption()
    lock = threading.Lock()
    over = False

    def throw() -> None:
        with lock:
            if not over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(mine))

    timer = threading.Timer(seconds, throw)
    timer.daemon = True
    timer.start()
    try:
        yield
    except mine:
        raise TimedOut(seconds) from None
    finally:
        timer.cancel()
        with lock:
            over = True
        # One that was set but not yet raised must not go off in whatever comes next.
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None)


def _new_interruption() -> type[Interruption]:
    """A kind of its own for each limit, so that it passes through the limits inside."""
    return type("Interruption", (Interruption,), {})

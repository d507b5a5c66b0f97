"""Figures: repeated, and told by their median."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Seconds = float


@contextmanager
def stopwatch() -> Iterator[Callable[[], Seconds]]:
    """What has passed since the block began, and, once it has ended, how long it took."""
    start = time.perf_counter()
    end: Seconds | None = None

    def read() -> Seconds:
        return (end or time.perf_counter()) - start

    yield read
    end = time.perf_counter()


def repeated(times: int, work: Callable[[], object]) -> list[Seconds]:
    """How long each of so many calls took."""
    taken = []
    for _ in range(times):
        with stopwatch() as passed:
            work()
        taken.append(passed())
    return taken


def median(seconds: list[Seconds]) -> Seconds:
    """The middle one."""
    return statistics.median(seconds)

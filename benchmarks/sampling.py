"""Figures: repeated, and told by their median."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Seconds = float

APART: Seconds = 0.5
"""Between two calls by somebody at a notebook, at least: what one leaves to do is done when the next comes."""


@contextmanager
def stopwatch() -> Iterator[Callable[[], Seconds]]:
    """What has passed since the block began, and, once it has ended, how long it took."""
    start = time.perf_counter()
    end: Seconds | None = None

    def read() -> Seconds:
        return (end or time.perf_counter()) - start

    yield read
    end = time.perf_counter()


def repeated(times: int, work: Callable[[], object], pause: Seconds = 0.0) -> list[Seconds]:
    """How long each of so many calls took, with a pause before each."""
    taken = []
    for _ in range(times):
        time.sleep(pause)
        with stopwatch() as passed:
            work()
        taken.append(passed())
    return taken


def median(seconds: list[Seconds]) -> Seconds:
    """The middle one."""
    return statistics.median(seconds)

"""A quiet line for long work: it says what goes on, once that takes more than a moment, and goes when it is done.

Who has a place for such a line says so (``show_on``); elsewhere, as in scripts and in runs, nothing is shown.
"""

import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from perijove import clock

PATIENCE = 1.5
"""Seconds that work may take before it is spoken of."""

_PACE = 1.0
_words: list[list[str]] = []  # what goes on, each in a list of its own; the last is the innermost
_place: "Place | None" = None


class Place(ABC):
    """Where a line can be shown."""

    @abstractmethod
    def show(self, line: str) -> None:
        """Put the line in place of the last one."""

    @abstractmethod
    def clear(self) -> None:
        """Leave nothing."""


class Terminal(Place):
    """A terminal's standard error."""

    def show(self, line: str) -> None:
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    def clear(self) -> None:
        self.show("")


def show_on(place: Place | None) -> None:
    """Have lines shown there from now on; None: nowhere."""
    global _place
    _place = place


def shown_on() -> Place | None:
    """Where lines are shown."""
    return _place


def on_terminal() -> Place | None:
    """The terminal, where standard error is one."""
    return Terminal() if sys.stderr.isatty() else None


@contextmanager
def doing(words: str) -> Iterator[None]:
    """Say ``words``, such as ``Checking the file``, while the body goes on, with the seconds that it takes."""
    own, place = [words], None if _words else _place  # the outermost tells of what goes on inside, too
    _words.append(own)
    try:
        with _told_on(place) if place else nullcontext():
            yield
    finally:
        _words[:] = [each for each in _words if each is not own]


@contextmanager
def _told_on(place: Place) -> Iterator[None]:
    done = threading.Event()
    teller = threading.Thread(target=_tell, args=(place, done), name="perijove-progress", daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _tell(place: Place, done: threading.Event) -> None:
    began = clock.monotonic()
    if done.wait(PATIENCE):
        return
    while True:
        if _words:
            place.show(f"{_words[-1][0]}… {clock.monotonic() - began:.0f} s")
        if done.wait(_PACE):
            place.clear()
            return

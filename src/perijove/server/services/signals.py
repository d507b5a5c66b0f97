"""Who waits for what: a change, once committed, wakes exactly those who asked to hear of it."""

import asyncio
import contextlib
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from datetime import datetime
from math import inf

from perijove import clock

RUNS = "runs"
"""The topic of everything that may make a run due, or due at another time."""

SLOTS = "slots"
"""The topic of everything that may make room for a run, where a limit kept it waiting."""

SCHEDULES = "schedules"
"""The topic of everything that may make a schedule need more runs."""

EVENTS = "events"
"""The topic of everything that happens, once it is recorded."""

# A sleeping computer and a corrected clock move the wall clock under a timer, so no one sleeps longer than this.
_LONGEST_SLEEP = 1.0


class Signals:
    """Topics, and the events of those who listen to each. For one event loop.

    ``closed``: the server is about to end, so that whoever waits is to answer with what there is.
    """

    def __init__(self) -> None:
        self.closed = False
        self._listeners: dict[Hashable, set[asyncio.Event]] = {}

    def close(self) -> None:
        """Wake everybody, for the last time."""
        self.closed = True
        self.notify(*self._listeners)

    def notify(self, *topics: Hashable) -> None:
        """Wake all who listen to any of the topics."""
        for topic in topics:
            for event in self._listeners.get(topic, ()):
                event.set()

    @contextmanager
    def listen(self, *topics: Hashable) -> Iterator[asyncio.Event]:
        """An event that is set at each change of a topic; whoever waits clears it before he looks again."""
        event = asyncio.Event()
        for topic in topics:
            self._listeners.setdefault(topic, set()).add(event)
        try:
            yield event
        finally:
            for topic in topics:
                listeners = self._listeners[topic]
                listeners.discard(event)
                if not listeners:
                    del self._listeners[topic]


async def sleep_until(instant: datetime | None, event: asyncio.Event, *, at_most: float = inf) -> None:
    """Return at ``instant`` by the wall clock (None: never), when the event is set, or after ``at_most`` seconds."""
    end = clock.monotonic() + at_most
    while not event.is_set():
        by_wall_clock = inf if instant is None else (instant - clock.now()).total_seconds()
        left = min(by_wall_clock, end - clock.monotonic())
        if left <= 0:
            return
        longest = None if left == inf else min(left, _LONGEST_SLEEP)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest):  # before Python 3.12, wait_for may lose the end of its own task
                await event.wait()

"""What happens, given live to those who watch: each has a bounded queue, so that a slow one costs memory to nobody."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar, cast

MOST_WATCHERS = 200
"""Watchers at one time."""

MOST_WAITING = 10_000
"""Messages that wait for one watcher; one who leaves more unread is dropped."""

T = TypeVar("T")


class TooManyWatchers(Exception):
    """There is no room for another watcher now."""


class TooSlow(Exception):
    """The watcher has left too much unread, and has missed something."""


class Watch(Generic[T]):
    """What is told of one kind from now on, as far as it is wanted."""

    def __init__(self, kind: type[T], wants: Callable[[T], bool]) -> None:
        self._kind = kind
        self._wants = wants
        self._waiting: deque[T] = deque()
        self._news = asyncio.Event()
        self._is_dropped = False

    def offer(self, message: object) -> None:
        """Queue the message, if it is wanted."""
        if self._is_dropped or not isinstance(message, self._kind) or not self._wants(message):
            return
        self._is_dropped = len(self._waiting) >= MOST_WAITING
        if self._is_dropped:
            self._waiting.clear()
        else:
            self._waiting.append(message)
        self._news.set()

    async def next(self) -> list[T]:
        """All that waits, as soon as there is something; raises TooSlow."""
        await self._news.wait()
        self._news.clear()
        if self._is_dropped:
            raise TooSlow
        messages = list(self._waiting)
        self._waiting.clear()
        return messages


class Feed:
    """Every watcher. For one event loop."""

    def __init__(self) -> None:
        self._watches: set[Watch[Any]] = set()

    def hear(self, messages: Sequence[object]) -> None:
        """Offer messages to all who watch."""
        for watch in self._watches:
            for message in messages:
                watch.offer(message)

    @contextmanager
    def watch(self, kind: type[T], wants: Callable[[T], bool]) -> Iterator[Watch[T]]:
        """Watch the messages of a kind; raises TooManyWatchers."""
        if len(self._watches) >= MOST_WATCHERS:
            raise TooManyWatchers
        watch = Watch(kind, wants)
        self._watches.add(cast("Watch[Any]", watch))
        try:
            yield watch
        finally:
            self._watches.discard(cast("Watch[Any]", watch))

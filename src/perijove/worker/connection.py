"""Calls that outlast a server's restart, even if it comes back at another port with another token."""

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Self, TypeVar

from perijove import clock
from perijove.client import AsyncClient, Target, targets
from perijove.errors import ApiError, NotAuthenticated, ServerError, ServerUnavailable

LONGEST_PAUSE = 5.0
"""Seconds between two tries of a call, at most."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Connection:
    """A client of one target that is patient; it is made at the first call, for a run's start needs the processor more.
    Use it as an asynchronous context manager."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._clients = AsyncExitStack()
        self._client: AsyncClient | None = None

    async def call(self, ask: Callable[[AsyncClient], Awaitable[T]], *, patience: float = math.inf) -> T:
        """What ``ask`` returns; asked again for ``patience`` seconds while the server can't be reached.

        Raises the ServerError tree: refusals at once, everything else once the patience is over.
        """
        deadline = clock.monotonic() + patience
        for pause in _pauses():
            try:
                return await ask(self._client or await self._open(self.target))
            except ServerError as error:
                if not self._is_passing(error) or clock.monotonic() + pause > deadline:
                    raise
                _log.warning("%s Trying again in %.1f s.", error, pause)
            await asyncio.sleep(pause)
            await self._find_again()
        raise AssertionError("the pauses never end")

    def _is_passing(self, error: ServerError) -> bool:
        """Whether the call may succeed later. A restarted embedded server has a new token, which we shall find."""
        if isinstance(error, NotAuthenticated):
            return self.target.kind == "embedded"
        return isinstance(error, ServerUnavailable) or (isinstance(error, ApiError) and error.status >= 500)

    async def _find_again(self) -> None:
        found = targets.found_again(self.target)
        if found != self.target:
            self.target = found
            await self._open(found)

    async def _open(self, target: Target) -> AsyncClient:
        self._client = await self._clients.enter_async_context(AsyncClient(target))
        return self._client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._clients.aclose()


def _pauses() -> Iterator[float]:
    pause = 0.2
    while True:
        yield pause * random.uniform(0.8, 1.2)  # noqa: S311 (spreads the tries of many runs, is no secret)
        pause = min(2 * pause, LONGEST_PAUSE)

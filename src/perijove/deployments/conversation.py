"""What is said to a server, one thing after another, by plain code and by asynchronous code alike."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from perijove.client import AsyncClient, SyncClient, Target, targets
from perijove.flows.steps import Step


class Conversation:
    """One server, and a client for either way of speaking, made when it is needed. ``target`` None: the one that is
    set, started if need be. A context manager of both kinds."""

    def __init__(self, target: Target | None = None) -> None:
        self._target = target
        self._sync: SyncClient | None = None
        self._async: AsyncClient | None = None
        self._left: list[AsyncClient] = []

    @property
    def target(self) -> Target:
        """The server. Raises ServerError where none can be found or started."""
        if self._target is None:
            self._target = targets.require()
        return self._target

    @property
    def sync(self) -> SyncClient:
        """The client for plain code. Raises ServerError."""
        if self._sync is None:
            self._sync = SyncClient(self.target)
        return self._sync

    @property
    def asynchronous(self) -> AsyncClient:
        """The client for asynchronous code. Raises ServerError."""
        if self._async is None:
            self._async = AsyncClient(self.target)
        return self._async

    def turn_to(self, target: Target) -> None:
        """Speak with this server from now on."""
        if target != self._target:
            self._leave()
            self._target = target

    def _leave(self) -> None:
        if self._sync is not None:
            self._sync.close()
        if self._async is not None:
            self._left.append(self._async)
        self._sync = self._async = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._leave()
        for client in self._left:
            await client.aclose()


@dataclass(frozen=True, slots=True)
class Ask(Step):
    """A call of the API, which an event loop can break off. Raises ServerError."""

    conversation: Conversation
    call: Callable[[Any], Any]

    def now(self) -> Any:
        return self.call(self.conversation.sync)

    async def later(self) -> Any:
        answer: Awaitable[Any] = self.call(self.conversation.asynchronous)
        return await answer

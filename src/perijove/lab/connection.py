"""The one connection to the target, made anew when the target has moved: servers are stopped and started while a
JupyterLab stays open."""

import asyncio
from typing import TypeVar

from perijove.client import AsyncClient, Target, targets
from perijove.client.api import AsyncApi
from perijove.client.calls import Call
from perijove.errors import ServerUnavailable

T = TypeVar("T")


class Stopped(ServerUnavailable):
    """The embedded server does not run."""

    def __init__(self) -> None:
        super().__init__("Perijove's server is stopped. Schedules wait until it runs again.")


class Connection(AsyncApi):
    """Sends calls to whatever the target is at the time."""

    def __init__(self) -> None:
        self._client: AsyncClient | None = None

    async def send(self, call: Call[T]) -> T:
        """Send the call and read its answer. Raises Stopped, and the ServerError tree."""
        return await (await self._current()).send(call)

    async def target(self) -> Target:
        """The target. Raises Stopped when that is the embedded server and it does not run."""
        found = await asyncio.to_thread(targets.find)  # a look at a lock file: cheap enough for every call
        if found is None:
            raise Stopped
        return found

    async def start(self) -> None:
        """Start the embedded server, if that is the target and does not run. Raises ServerStartError."""
        await asyncio.to_thread(targets.require)

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _current(self) -> AsyncClient:
        target = await self.target()
        if self._client is None or self._client.target != target:
            await self.close()
            self._client = AsyncClient(target)
        return self._client

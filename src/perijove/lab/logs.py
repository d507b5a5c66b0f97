"""The log of a flow run as it grows: over a WebSocket of its own, a few lines at a time."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from pydantic_core import to_json
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from perijove.client import Logs
from perijove.errors import NotFound, PerijoveError
from perijove.lab.handlers import CONNECTION, id_of
from perijove.schemas.filters import Among, LogFilter
from perijove.schemas.logs import Log

if TYPE_CHECKING:
    from perijove.lab.connection import Connection

DELAY = 0.05
"""Seconds for which lines are gathered before they are sent together."""

MOST = 1000
"""Lines that are sent together; whoever writes faster than the page reads waits."""


class LogsHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """Sends ``{"logs": [...]}`` for what is logged from now on; ``{"logs": []}`` at first, when it listens.

    What was logged before is the page's to read from the wire, when it has got this first message: nothing is lost
    between the two, and what both have is known by its id.
    """

    auth_resource = "perijove"
    _telling: asyncio.Task[None] | None = None

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Open the WebSocket. A page of another origin is refused, as Jupyter Server refuses it its kernels."""
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, "read", self.auth_resource)):
            raise web.HTTPError(403)
        await super().get(*args, **kwargs)

    def open(self, flow_run_id: str) -> None:
        """Begin to tell."""
        super().open()
        self._telling = asyncio.create_task(self._tell(flow_run_id))

    def on_message(self, message: str | bytes) -> None:
        """Nothing is expected of the page."""

    def on_close(self) -> None:
        """Stop telling."""
        super().on_close()
        if self._telling is not None:
            self._telling.cancel()

    async def _tell(self, flow_run_id: str) -> None:
        connection = cast("Connection", self.settings[CONNECTION])
        with contextlib.suppress(WebSocketClosedError):
            try:
                asked = LogFilter(flow_run_id=Among(any_=[id_of(flow_run_id)]))
                await self._pass_on(Logs(asked, await connection.target()))
            except NotFound:
                self.close(4404, "there is no such run")
            except PerijoveError:
                self.close(1013, "the target can't be followed at the moment")

    async def _pass_on(self, logs: Logs) -> None:
        waiting: asyncio.Queue[Log] = asyncio.Queue(MOST)
        reading = asyncio.create_task(_read(logs, waiting))
        try:
            await self._send([])
            while not reading.done():
                await self._send(await _next(waiting, reading))
        finally:
            reading.cancel()
        await reading

    async def _send(self, logs: list[Log]) -> None:
        await self.write_message(to_json({"logs": logs}).decode())


async def _read(logs: Logs, waiting: asyncio.Queue[Log]) -> None:
    async for log in logs:
        await waiting.put(log)


async def _next(waiting: asyncio.Queue[Log], reading: asyncio.Task[None]) -> list[Log]:
    """The next line with those that come a moment after it; none when the stream has ended."""
    first = asyncio.create_task(waiting.get())
    await asyncio.wait([first, reading], return_when=asyncio.FIRST_COMPLETED)
    if not first.done():
        first.cancel()
        return []
    await asyncio.sleep(DELAY)
    return [first.result(), *(waiting.get_nowait() for _ in range(waiting.qsize()))]

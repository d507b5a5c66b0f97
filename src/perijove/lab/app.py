"""The Jupyter Server extension itself."""

import asyncio
import contextlib

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp

from perijove.lab.connection import Connection
from perijove.lab.handlers import CONNECTION
from perijove.lab.live import Live
from perijove.lab.routes import ROUTES


class PerijoveApp(ExtensionApp):
    """Perijove's routes in a Jupyter Server."""

    name = "perijove"
    _telling: asyncio.Task[None] | None = None

    def initialize_settings(self) -> None:
        """Make the connection that all routes share."""
        self.settings[CONNECTION] = Connection()

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend(ROUTES)

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        if serverapp.event_logger is not None:
            live = Live(self.settings[CONNECTION], serverapp.event_logger)
            self._telling = asyncio.create_task(live.tell())

    async def stop_extension(self) -> None:
        """Close what is open when Jupyter Server ends."""
        if self._telling is not None:
            self._telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._telling
        connection: Connection = self.settings[CONNECTION]
        await connection.close()

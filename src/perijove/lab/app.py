"""The Jupyter Server extension itself."""

from jupyter_server.extension.application import ExtensionApp

from perijove.lab.connection import Connection
from perijove.lab.handlers import CONNECTION
from perijove.lab.routes import ROUTES


class PerijoveApp(ExtensionApp):
    """Perijove's routes in a Jupyter Server."""

    name = "perijove"

    def initialize_settings(self) -> None:
        """Make the connection that all routes share."""
        self.settings[CONNECTION] = Connection()

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend(ROUTES)

    async def stop_extension(self) -> None:
        """Close what is open when Jupyter Server ends."""
        connection: Connection = self.settings[CONNECTION]
        await connection.close()

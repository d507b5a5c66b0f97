"""Requests to the server itself."""

from perijove.client.calls import Call, endpoint
from perijove.client.endpoints.requests import get, tell


class Server:
    """The server itself."""

    @endpoint
    def read_version(self) -> Call[str]:
        """The version of Prefect that the server speaks as."""
        return get("/admin/version", str)

    @endpoint
    def clear_database(self) -> Call[None]:
        """Delete everything; NotFound where the server was not started with ``--testing``."""
        return tell("/admin/database/clear", {"confirm": True})

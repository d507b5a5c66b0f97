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
    def read_time(self) -> Call[str | None]:
        """The server's time as HTTP's Date header tells it, in whole seconds; None where it tells none."""
        return Call("GET", "/health", lambda answer: answer.headers.get("date"), repeatable=True)

    @endpoint
    def clear_database(self) -> Call[None]:
        """Delete everything; NotFound where the server was not started with ``--testing``."""
        return tell("/admin/database/clear", {"confirm": True})

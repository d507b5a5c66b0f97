"""A search without a body asks for everything, as with Prefect: it is given an empty object to be read."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SEARCHES = (
    "/filter",
    "/count",
    "/paginate",
    "/lateness",
    "/get_scheduled_flow_runs",
    "/get_runs",
    "/concurrency_status",
)
_JSON = (b"content-type", b"application/json")


class Searches:
    """An ASGI application that passes on to ``app``, with an empty object for every search that has no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and _asks_for_all(scope):
            await self._app({**scope, "headers": [*_others(scope), _JSON]}, _nothing, send)
        else:
            await self._app(scope, receive, send)


def _asks_for_all(scope: Scope) -> bool:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return scope["path"].endswith(SEARCHES) and lengths in ([], [b"0"])


def _others(scope: Scope) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in scope["headers"] if name not in (b"content-type", b"content-length")]


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"{}", "more_body": False}

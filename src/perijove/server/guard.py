"""What no request passes without: the token, a Host that is ours, and an Origin that is not a stranger's.

It wraps the whole application, so that no route can forget it. A page on the web can make a browser send requests to
loopback (cross-site request forgery, DNS rebinding); it can give neither our token nor our Host. WebSockets are for
programs alone: a browser's always carries an Origin, and none is let in. A program gives the token in a header, or, as
Prefect's clients do, in its first message (``perijove.server.handshake``).
"""

import base64
import json
import re
import secrets
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from perijove.server import handshake
from perijove.server.handshake import PROTOCOL

PUBLIC_PATHS = frozenset({"/ready"})
"""Reachable without a token; it says that the server is there, and nothing else."""

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes that a request may have."""

_OUR_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_OUR_FETCHES = frozenset({"same-origin", "none"})


class Guard:
    """An ASGI application that lets through to ``app`` what carries ``token`` and comes from this machine."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif refusal := self._refusal(scope):
            await _answer(send, *refusal)
        else:
            await self._app(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        authorization = headers.get("authorization")
        known = authorization is not None and self._knows(authorization)
        from_here = _is_loopback(headers.get("host", "")) and _comes_from_here(headers) and "origin" not in headers
        speaks_first = PROTOCOL in scope["subprotocols"] and (known or authorization is None)
        if from_here and speaks_first:
            is_ours = _anything if known else self._is_token
            await handshake.then(self._app, scope, receive, send, is_ours)
        elif from_here and known:
            await self._app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": handshake.REFUSED})

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if not _is_loopback(headers.get("host", "")):
            return 400, "This server answers to 127.0.0.1, localhost and [::1] only."
        if not _comes_from_here(headers):
            return 403, "Requests from pages of other origins are refused."
        if scope["path"] not in PUBLIC_PATHS and not self._knows(headers.get("authorization", "")):
            return 401, "A token is needed: send it as 'Authorization: Bearer TOKEN'."
        return _too_large(headers)

    def _knows(self, authorization: str) -> bool:
        """Whether it holds the token: as a bearer's, or as the password of a basic one (both are Prefect's ways)."""
        scheme, _, credentials = authorization.partition(" ")
        return self._is(_SCHEMES.get(scheme.lower(), _nothing)(credentials.strip()))

    def _is_token(self, said: str) -> bool:
        """Whether a first message gives the token: alone, or as the password of ``user:password``."""
        return self._is(said.encode()) or self._is(said.rpartition(":")[2].encode())

    def _is(self, given: bytes) -> bool:
        return bool(self._token) and secrets.compare_digest(given, self._token)


def _anything(_: str) -> bool:
    return True


def _nothing(_: str) -> bytes:
    return b""


def _bearer(credentials: str) -> bytes:
    return credentials.encode()


def _basic(credentials: str) -> bytes:
    try:
        return base64.b64decode(credentials, validate=True).rpartition(b":")[2]
    except ValueError:
        return b""


_SCHEMES: dict[str, Callable[[str], bytes]] = {"bearer": _bearer, "basic": _basic}


def _is_loopback(host: str) -> bool:
    return _OUR_HOST.fullmatch(host) is not None


def _too_large(headers: Headers) -> tuple[int, str] | None:
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdecimal():
        return 411, "Say how long the body is: 'Content-Length: BYTES'."
    return (413, f"A body may have {LARGEST_BODY} bytes.") if int(length) > LARGEST_BODY else None


def _comes_from_here(headers: Headers) -> bool:
    same = headers.get("origin") in (None, f"http://{headers.get('host')}")
    return same and headers.get("sec-fetch-site", "none") in _OUR_FETCHES


async def _answer(send: Send, status: int, detail: str) -> None:
    body = json.dumps({"detail": detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

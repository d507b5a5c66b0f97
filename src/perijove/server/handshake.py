"""A WebSocket's token in its first message, as Prefect's clients give it: only then does the application see it.

The client asks for the subprotocol ``prefect``, says ``{"type": "auth", "token": ...}``, and is answered
``{"type": "auth_success"}``, or refused with the code 1008.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROTOCOL = "prefect"
REFUSED = 1008
TIMEOUT = 10.0
"""Seconds that a client has to give its token."""

_SUCCESS = {"type": "websocket.send", "text": '{"type":"auth_success"}'}


async def then(app: ASGIApp, scope: Scope, receive: Receive, send: Send, is_ours: Callable[[str], bool]) -> None:
    """Run ``app`` once the client has given a token that ``is_ours``; to it the socket is as if just opened."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
    try:
        async with asyncio.timeout(TIMEOUT):
            said = await receive()
    except TimeoutError:
        said = {}
    if said.get("type") == "websocket.disconnect":
        return
    token = _token(said)
    if token is None or not is_ours(token):
        reason = "Expected 'auth' message" if token is None else "Invalid token"
        await send({"type": "websocket.close", "code": REFUSED, "reason": reason})
        return
    await send(_SUCCESS)
    await app(scope, _opened(receive), _unaccepted(send))


def _token(said: Message) -> str | None:
    """The token in the message, empty where it is null; None when it is no such message."""
    try:
        message: Any = json.loads(said.get("text") or "")
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("type") != "auth":
        return None
    token = message.get("token")
    return token if isinstance(token, str) else ""


def _opened(receive: Receive) -> Receive:
    first: list[Message] = [{"type": "websocket.connect"}]

    async def next_message() -> Message:
        return first.pop() if first else await receive()

    return next_message


def _unaccepted(send: Send) -> Send:
    async def send_all_but_acceptance(message: Message) -> None:
        if message["type"] != "websocket.accept":
            await send(message)

    return send_all_but_acceptance

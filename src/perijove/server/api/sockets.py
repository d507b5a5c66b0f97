"""What all our WebSockets do alike: read what is asked for, notice that the client is gone, end with a reason."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ValidationError

from perijove.server.services.feed import TooManyWatchers, TooSlow

PROTOCOL_ERROR = 1002
TRY_AGAIN = 1013

ASKING_TIMEOUT = 30.0
"""Seconds that a client has to say what it asks for."""

M = TypeVar("M", bound=BaseModel)


async def asked(socket: WebSocket, shape: type[M]) -> M | None:
    """Accept the client and read what it asks for; None when it is gone, or was refused for asking nonsense."""
    await socket.accept()
    try:
        async with asyncio.timeout(ASKING_TIMEOUT):
            return shape.model_validate_json(await socket.receive_text())
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        await socket.close(PROTOCOL_ERROR, _reason(f"Expected a filter message: {place}: {problem['msg']}"))
    except KeyError:
        await socket.close(PROTOCOL_ERROR, "Expected a filter message as text.")
    except TimeoutError:
        await socket.close(PROTOCOL_ERROR, "Expected a filter message.")
    except WebSocketDisconnect:
        pass
    return None


async def send_while_connected(socket: WebSocket, sending: Coroutine[Any, Any, None]) -> None:
    """Send until the client is gone; one for whom there is no room, or who is too slow, is told so."""
    sender = asyncio.create_task(sending)
    gone = asyncio.create_task(_until_gone(socket))
    try:
        await asyncio.wait({sender, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        sender.cancel()
        outcome, _ = await asyncio.gather(sender, gone, return_exceptions=True)
    if isinstance(outcome, TooSlow):
        await socket.close(TRY_AGAIN, "Too much was left unread. Connect again, and read faster.")
    elif isinstance(outcome, TooManyWatchers):
        await socket.close(TRY_AGAIN, "There are too many watchers. Try again later.")
    elif isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
        raise outcome


async def _until_gone(socket: WebSocket) -> None:
    """Pass over what the client says, until it says no more."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _reason(text: str) -> str:
    """A text as a close frame can hold it: 123 bytes."""
    return text.encode()[:120].decode(errors="ignore")

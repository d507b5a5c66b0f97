"""Lets both clients speak once before any fork: much of what they need is only imported when they first do."""

import asyncio
import socket
import threading

from perijove.client import AsyncClient, SyncClient, Target

_ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n""'
_PATIENCE = 5.0


def rehearse() -> None:
    """Send a request by each client to a server that knows one answer. No thread and no connection is left."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_PATIENCE)
        server = threading.Thread(target=_answer_twice, args=[listener])
        server.start()
        target = Target(f"http://127.0.0.1:{listener.getsockname()[1]}", "embedded", "rehearsal")
        with SyncClient(target) as client:
            client.read_version()
        asyncio.run(_speak(target))
        server.join()


async def _speak(target: Target) -> None:
    async with AsyncClient(target) as client:
        await client.read_version()


def _answer_twice(listener: socket.socket) -> None:
    for _ in range(2):
        connection, _ = listener.accept()
        with connection:
            connection.recv(1 << 16)
            connection.sendall(_ANSWER)

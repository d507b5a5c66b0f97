"""Speaks once with a server that is none, so that a run's first words cost it nothing.

Much of what the clients need is only imported when they first speak: the zygote rehearses before it forks. And a forked
process copies each page of memory when it first touches it: those that wait for a run rehearse while they wait.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from perijove.client import AsyncClient, SyncClient, Target
from perijove.errors import ServerError

_ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n""'
_PATIENCE = 5.0


def rehearse() -> None:
    """By both clients, in a process that will fork: no thread, event loop or connection is left."""
    rehearse_blocking()
    asyncio.run(rehearse_async())


def rehearse_blocking() -> None:
    """By the blocking client."""
    with _harmless(), _one_answer() as target, SyncClient(target) as client:
        client.read_version()


async def rehearse_async() -> None:
    """By the asynchronous client, in the running event loop."""
    with _harmless(), _one_answer() as target:
        async with AsyncClient(target) as client:
            await client.read_version()


def _harmless() -> suppress:
    """A rehearsal that fails costs the first run some time, and nothing else."""
    return suppress(OSError, ServerError)


@contextmanager
def _one_answer() -> Iterator[Target]:
    """A server on loopback that answers the first request, whatever it is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_PATIENCE)
        server = threading.Thread(target=_answer, args=[listener])
        server.start()
        try:
            yield Target(f"http://127.0.0.1:{listener.getsockname()[1]}", "embedded", "rehearsal")
        finally:
            server.join()


def _answer(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(1 << 16)
        connection.sendall(_ANSWER)

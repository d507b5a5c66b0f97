"""Does once what every run does, with a server that is none, so that a run's own first steps cost it nothing.

Much of what they need is only imported at the first use: the zygote rehearses before it forks. And a forked process
copies each page of memory when it first touches it: those that wait for a run rehearse while they wait.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date

from perijove.client import AsyncClient, Target
from perijove.errors import ServerError
from perijove.flows import parameters
from perijove.flows.reporting import Reporter

_ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n""'
_PATIENCE = 5.0


def rehearse() -> None:
    """Both parts, in a process that will fork: no thread, event loop or connection is left."""
    rehearse_child()
    asyncio.run(rehearse_shepherd())


def rehearse_child() -> None:
    """What the run's own process does: it checks parameters, and reports through a thread of its own."""
    parameters.complete(_flow, parameters.validate(_flow, {"day": "2000-01-01"}))
    with _harmless(), _one_answer() as target:
        reporter = Reporter(target)
        try:
            reporter.ask(lambda client: client.read_version(), persistent=False).result(_PATIENCE)
        finally:
            reporter.close()
            reporter.thread.join(_PATIENCE)


async def rehearse_shepherd() -> None:
    """What the process does that watches over the run: it speaks from the running event loop."""
    with _harmless(), _one_answer() as target:
        async with AsyncClient(target) as client:
            await client.read_version()


def _flow(day: date, top: int = 10, tags: list[str] | None = None) -> None:
    """A signature as flows have them."""


def _harmless() -> suppress:
    """A rehearsal that fails costs the first run some time, and nothing else."""
    return suppress(OSError, ServerError, TimeoutError)


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

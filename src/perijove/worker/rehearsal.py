"""Runs an empty flow once, with a server that is none, so that a run's own first steps cost it nothing.

Much of what they need is only imported at the first use: the zygote rehearses before it forks. And a forked process
copies each page of memory when it first touches it: those that wait for a run rehearse while they wait.
"""

import asyncio
import io
import json
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from perijove import clock
from perijove.client import Target
from perijove.flows import reporting, results
from perijove.flows.engine import run_deployed
from perijove.flows.entrypoint import load_flow
from perijove.schemas.logs import LogCreate
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import State, StateType
from perijove.worker.connection import Connection

_FLOW = Path(__file__).with_name("_rehearsal_flow.py")
_PATIENCE = 5.0


def rehearse() -> None:
    """Both parts, in a process that will fork: no thread, event loop or connection is left."""
    rehearse_child()
    asyncio.run(rehearse_shepherd())


def rehearse_child() -> None:
    """What the run's own process does."""
    with _harmless(), _quiet_log(), _server() as target:
        try:
            run_deployed(load_flow(f"{_FLOW.name}:rehearsal", _FLOW.parent), _run(), target)
            _keep_a_value()
        finally:
            reporting.close()
            sys.modules.pop(_FLOW.stem, None)


async def rehearse_shepherd() -> None:
    """What the process does that watches over the run: it speaks from the running event loop."""
    entry = LogCreate(name="rehearsal", level=20, message="", timestamp=clock.now())
    with _harmless(), _server() as target:
        async with Connection(target) as connection:
            await connection.call(lambda api: api.create_logs([entry]), patience=0.0)


def _keep_a_value() -> None:
    with tempfile.TemporaryDirectory(prefix="perijove-") as nowhere:
        results.write(uuid4(), None, Path(nowhere))


def _run() -> FlowRun:
    now = clock.now()
    return FlowRun(
        id=uuid4(),
        created=now,
        updated=now,
        name="rehearsal",
        flow_id=uuid4(),
        parameters={"day": "2000-01-01"},
        state=State(type=StateType.PENDING),
    )


def _harmless() -> suppress:
    """A rehearsal that fails, however it does, costs the first run some time, and nothing else."""
    return suppress(Exception)


@contextmanager
def _quiet_log() -> Iterator[None]:
    """The rehearsed run's log goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.environ["PERIJOVE_LOG_FD"] = str(nowhere)
    try:
        yield
    finally:
        del os.environ["PERIJOVE_LOG_FD"]
        os.close(nowhere)


@contextmanager
def _server() -> Iterator[Target]:
    """A server on loopback that takes every proposed state, for one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_PATIENCE)
        server = threading.Thread(target=_serve, args=[listener])
        server.start()
        try:
            yield Target(f"http://127.0.0.1:{listener.getsockname()[1]}", "embedded", "rehearsal")
        finally:
            server.join()


def _serve(listener: socket.socket) -> None:
    with suppress(OSError):
        connection, _ = listener.accept()
        connection.settimeout(_PATIENCE)
        with connection, connection.makefile("rwb") as stream:
            _answer_all(stream)


def _answer_all(stream: io.BufferedIOBase) -> None:
    while (body := _next_request(stream)) is not None:
        answer = json.dumps({"state": body.get("state"), "status": "ACCEPT"}).encode()
        stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))
        stream.flush()


def _next_request(stream: io.BufferedIOBase) -> dict[str, object] | None:
    """The body of the next request, or nothing much if it is no object; None at the end."""
    length = 0
    while (line := stream.readline().lower()) not in (b"\r\n", b""):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    if not line:
        return None
    body = json.loads(stream.read(length) or b"{}")
    return body if isinstance(body, dict) else {}

"""The embedded server's process: the API on loopback, and the local worker beside it.

It is started by ``perijove.embed``, answers with one line of JSON on standard output (where it listens, or why it
can't), and then lives on by itself, whatever becomes of its starter.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import filelock
import uvicorn

import perijove
from perijove import clock, embed, servers, settings
from perijove.errors import PerijoveError, ServerStartError
from perijove.server.app import create_app
from perijove.server.guard import LARGEST_BODY
from perijove.server.local_pool import LOCAL_POOL
from perijove.server.services.signals import Signals
from perijove.server.storage.database import Database

LOCK_TIMEOUT = 1.0
"""Seconds to get the lock: those who only look whether it is held hold it for an instant."""

WORKER_GRACE = 15.0
"""Seconds that the local worker has to end its runs when the server stops."""

_DATES_PRECISION = 1.0
"""Seconds: HTTP tells no more of a date (RFC 9110, 5.6.7)."""

_RESTART_PAUSES = (0.0, 1.0, 5.0, 30.0)
_HEALTHY_AFTER = 60.0

log = logging.getLogger("perijove.server")


def main() -> None:
    """Start, answer, and serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m perijove.background", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port on loopback; 0: any free one")
    parser.add_argument("--testing", action="store_true", help="let clients clear the database")
    options = parser.parse_args()
    os.umask(0o077)  # parameters and logs are their owner's alone
    _detach()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    home = settings.current().home
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(_only_server(home))
            embed.state_file(home).unlink(missing_ok=True)  # a killed server's
            listener = held.enter_context(_listen(options.port))
            database = held.enter_context(contextlib.closing(Database(home / "perijove.db")))
            state = _describe(home, listener)
        except (PerijoveError, OSError) as error:
            _answer({"error": str(error)})
            sys.exit(1)
        held.callback(embed.state_file(home).unlink, missing_ok=True)
        asyncio.run(_serve(database, listener, state, home, options.testing))
    logging.shutdown()
    os._exit(0)  # the interpreter's own end takes 0.3 s, and whoever stopped us waits


def _detach() -> None:
    """Let the starter have done with us: it waits for its child, which ends here, and not for what the child made."""
    if hasattr(os, "fork") and os.fork():
        os._exit(0)


@contextlib.contextmanager
def _only_server(home: Path) -> Iterator[None]:
    lock = filelock.FileLock(embed.lock_file(home))
    try:
        lock.acquire(timeout=LOCK_TIMEOUT)
    except filelock.Timeout:
        raise ServerStartError(
            f"Another embedded server already uses {home}. `perijove server status` shows it."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off (40 ms an answer) only on sockets that say that they are TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise ServerStartError(
            f"The port {port} can't be had ({error.strerror}). "
            "Free it, choose another one with --port or PERIJOVE_PORT, or take any free one with 0."
        ) from None
    return listener


def _describe(home: Path, listener: socket.socket) -> embed.EmbeddedServer:
    return embed.EmbeddedServer(
        url=f"http://127.0.0.1:{listener.getsockname()[1]}",
        pid=os.getpid(),
        version=perijove.__version__,
        data_directory=str(home),
        token_file=str(_token_file(home)),
    )


def _token_file(home: Path) -> Path:
    """The file with the token, for its owner's eyes only; made at the first start."""
    path = home / "token"
    if not path.exists() or not path.stat().st_size:
        written = path.with_suffix(".new")
        written.unlink(missing_ok=True)
        with open(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    return path


def _answer(line: dict[str, str]) -> None:
    """Tell the starter, and let go of its pipe."""
    print(json.dumps(line), flush=True)  # noqa: T201  (the starter reads it)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


class _Server(uvicorn.Server):
    """uvicorn, which says when it listens, and leaves signals to us: the worker is to be stopped before the API."""

    def __init__(self, config: uvicorn.Config, when_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_listening = when_listening
        self._is_to_end = asyncio.Event()

    def end(self) -> None:
        """Stop listening, and end what is still answered."""
        self.should_exit = True
        self._is_to_end.set()

    async def main_loop(self) -> None:
        """Keep the answers' date right. Uvicorn's own looks ten times a second whether it is to end."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DATES_PRECISION):
                    await self._is_to_end.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._when_listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(
    database: Database, listener: socket.socket, state: embed.EmbeddedServer, home: Path, testing: bool
) -> None:
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    signals = Signals()
    wished = settings.current()
    app = create_app(database, signals, state.token(), off=wished.off, keep_runs=wished.keep_runs, for_tests=testing)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=1,
        lifespan="on",
        ws="websockets-sansio",
        ws_max_size=LARGEST_BODY,
        ws_per_message_deflate=False,  # on loopback it only costs
    )
    server = _Server(config, lambda: _announce(state, home))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    workers = [] if "worker" in wished.off else [asyncio.create_task(_keep_worker(home))]
    await asyncio.wait({asyncio.create_task(stopping.wait()), serving}, return_when=asyncio.FIRST_COMPLETED)
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    signals.close()
    server.end()
    await serving


def _announce(state: embed.EmbeddedServer, home: Path) -> None:
    written = embed.state_file(home).with_suffix(".new")
    written.write_text(json.dumps(asdict(state)), "utf-8")
    written.replace(embed.state_file(home))
    _answer(asdict(state))
    log.info("Listening at %s", state.url)


async def _keep_worker(home: Path) -> None:
    """Have a local worker as long as this process lives; one that dies is replaced, more slowly each time."""
    failures = 0
    with (home / "worker.log").open("ab") as output:
        while True:
            await asyncio.sleep(_RESTART_PAUSES[min(failures, len(_RESTART_PAUSES) - 1)])
            began = clock.monotonic()
            try:
                code: int | str = await _run_worker(home, output.fileno())
            except OSError as error:  # no memory or no process to be had, for now
                code = str(error)
            failures = 1 if clock.monotonic() - began > _HEALTHY_AFTER else failures + 1
            log.warning("The local worker ended with code %s; starting another one", code)


async def _run_worker(home: Path, output: int) -> int:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PERIJOVE_API_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "perijove.worker", "--pool", LOCAL_POOL.name,
        "--no-start",  # were we killed meanwhile, it would start us anew
        stdin=asyncio.subprocess.PIPE,  # its end tells the worker that we are gone
        stdout=output,
        stderr=output,
        env={**environment, "PERIJOVE_HOME": str(home), "PERIJOVE_API_URL": servers.EMBEDDED},
    )  # fmt: skip
    try:
        return await process.wait()
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(WORKER_GRACE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    main()

"""Start, find and stop the embedded server: one background process a data directory, which outlives its starter.

The process holds a lock on ``server.lock`` for as long as it lives, so whether it runs is never a guess from a stale
file; ``server.json`` says where it listens. It is started by command line, so nothing of the server is imported here.
"""

import contextlib
import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from perijove import clock, settings
from perijove.errors import ServerStartError

START_TIMEOUT = 60.0
"""Seconds that a start may take until it answers."""

STOP_TIMEOUT = 20.0
"""Seconds that the server has to end by itself, once asked."""

_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running embedded server. ``token_file`` names the file with its token; the token itself is nowhere else."""

    url: str
    pid: int
    version: str
    data_directory: str
    token_file: str

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    def token(self) -> str:
        """The token that every request must carry."""
        return Path(self.token_file).read_text("ascii").strip()


def lock_file(home: Path) -> Path:
    """The file that a server of this data directory keeps locked while it lives."""
    return home / "server.lock"


def state_file(home: Path) -> Path:
    """The file in which a running server says where it listens."""
    return home / "server.json"


def find() -> EmbeddedServer | None:
    """The running server of this data directory, or None."""
    home = settings.current().home
    return _read_state(home) if state_file(home).exists() and _is_locked(home) else None


def start(*, port: int | None = None, testing: bool = False, timeout: float = START_TIMEOUT) -> EmbeddedServer:
    """The running server of this data directory, started if there is none.

    ``port``: where a new one shall listen on loopback (None: as the settings say; 0: any free port).
    ``testing``: a new one lets its clients clear its database.
    Raises ServerStartError when the data directory can't be written, the port is taken or the start takes too long.
    """
    home = settings.current().home
    if running := find():
        return running
    _prepare(home)
    with filelock.FileLock(home / "start.lock"):  # of several starters at once, one starts and the others find
        options = ["--port", str(settings.current().port if port is None else port), *(["--testing"] * testing)]
        return find() or _started(_launch(home, options, timeout))


def stop(timeout: float = STOP_TIMEOUT) -> EmbeddedServer | None:
    """Stop the running server and what it started, and return what it was; None when none ran."""
    running = find()
    if running is None:
        return None
    home = settings.current().home
    for request in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, request)
        if _wait_until_unlocked(home, timeout):
            break
    return running


def _started(answer: dict[str, Any]) -> EmbeddedServer:
    if "error" in answer:
        raise ServerStartError(answer["error"])
    return EmbeddedServer(**answer)


def _prepare(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (home / "server.log").open("ab"):
            pass
        if not os.access(home, os.W_OK | os.X_OK):  # the log may be there from better days
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ServerStartError(
            f"The data directory {home} can't be written ({error.strerror}). "
            "Make it writable, or set PERIJOVE_HOME to a directory that is."
        ) from None


def _launch(home: Path, options: list[str], timeout: float) -> dict[str, Any]:
    """Start the process and return the one line that it answers with: its state, or why it could not start."""
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "perijove.background", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=home,
            env={**os.environ, "PERIJOVE_HOME": str(home)},
            start_new_session=True,
        )
    try:
        line, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        return {"error": f"The embedded server gave no answer within {timeout:g} s. See {home / 'server.log'}."}
    if not line:
        return {"error": f"The embedded server ended while it started. {home / 'server.log'} says why."}
    answer: dict[str, Any] = json.loads(line)
    return answer


def _read_state(home: Path) -> EmbeddedServer | None:
    try:
        return EmbeddedServer(**json.loads(state_file(home).read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _is_locked(home: Path) -> bool:
    """Whether a server holds its lock. Those who look share it, so that none takes another for the server."""
    try:
        with lock_file(home).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _wait_until_unlocked(home: Path, timeout: float) -> bool:
    deadline = clock.monotonic() + timeout
    while _is_locked(home):
        if clock.monotonic() > deadline:
            return False
        _wait()
    return True


def _wait() -> None:
    time.sleep(_PAUSE)

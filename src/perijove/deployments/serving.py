"""Serving as a process: a worker of single deployments, in the foreground, or in the background with a way to stop it.

A background process holds a lock on ``<home>/serving/<name>.lock`` for as long as it lives, so whether it does is never
a guess from a stale file; ``<name>.json`` beside it says what it serves, and ``<name>.log`` is what it says.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import coolname

from perijove import clock, settings
from perijove.client import targets
from perijove.deployments.table import Shown, Table
from perijove.deployments.words import did_you_mean, moment
from perijove.errors import PerijoveError, UsageError
from perijove.flows.signals import Terminated, terminable

LIMIT = 5
"""Runs at a time where nothing else is said: Prefect's number."""

STOP_TIMEOUT = 30.0
"""Seconds that a process has to end its runs and itself, once asked."""

_PAUSE = 0.02

_children: "dict[str, subprocess.Popen[bytes]]" = {}
"""Those that this process started, which alone can bury them."""


@dataclass(frozen=True, slots=True)
class Served:
    """What is served: deployments by full name and id, ``limit`` runs at a time; ``pause``: schedules rest after it."""

    names: Sequence[str]
    ids: Sequence[UUID]
    limit: int
    pause: bool

    def command(self) -> list[str]:
        """The worker's command line."""
        deployments = [word for each in self.ids for word in ("--deployment", str(each))]
        pause = ["--pause"] if self.pause else []
        target = ["--target", word] if (word := targets.chosen_word()) else []
        return [sys.executable, "-m", "perijove.worker", *deployments, "--limit", str(self.limit), *pause, *target]


@dataclass(frozen=True, slots=True, repr=False)
class Serving(Shown):
    """A background process that serves deployments. It outlives the notebook that started it."""

    name: str
    pid: int
    deployments: list[str]
    limit: int
    started: str

    @property
    def is_alive(self) -> bool:
        """Whether it still serves."""
        return _is_locked(self.name)

    @property
    def log(self) -> Path:
        """What the process itself says; runs' logs are on the server."""
        return _file(self.name, "log")

    def stop(self, timeout: float = STOP_TIMEOUT) -> Self:
        """End it: it takes no more runs, and those that go on get a few seconds. Killed after ``timeout`` seconds."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.is_alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, number)
                _wait_until_ended(self.name, timeout)
        _forget(self.name)
        self.log.unlink(missing_ok=True)
        return self

    def table(self) -> Table:
        """What it serves, and how to stop it."""
        facts = [
            ("deployments", "\n".join(self.deployments)),
            ("at a time", str(self.limit)),
            ("since", moment(datetime.fromisoformat(self.started))),
            ("log", str(self.log)),
        ]
        state = "is serving" if self.is_alive else "has stopped"
        return Table(facts, title=f"{self.name} {state}", notes=(f"%serve --stop {self.name} stops it.",))


class Servings(list[Serving], Shown):
    """Background processes; shown as a table."""

    def table(self) -> Table:
        """One row each."""
        rows = [(each.name, ", ".join(each.deployments), str(each.limit), str(each.pid)) for each in self]
        if not rows:
            return Table([], title="Nothing is served.")
        return Table(rows, ("serving", "deployments", "at a time", "pid"))

    __repr__ = Shown.__repr__


def serve_here(served: Served, greeting: str = "") -> None:
    """Serve until this process is interrupted or asked to end (SIGTERM), and then wait for a graceful end.

    Raises PerijoveError when the serving process ends by itself.
    """
    # A session of its own: a terminal's Ctrl-C reaches this process alone, which passes it on.
    with terminable(), subprocess.Popen(served.command(), stdin=subprocess.PIPE, start_new_session=True) as process:
        try:
            sys.stdout.write(greeting)
            sys.stdout.flush()
            code = process.wait()
        except KeyboardInterrupt:
            _end(process)
            return
        except Terminated:
            _end(process)
            raise
    if code:
        raise PerijoveError(f"Serving ended with code {code}; the reason is told above.")


def start(served: Served) -> Serving:
    """Serve in the background, until ``stop``."""
    name = coolname.generate_slug(2)
    directory().mkdir(parents=True, exist_ok=True, mode=0o700)
    with _file(name, "lock").open("wb") as lock, _file(name, "log").open("ab") as log:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = _children[name] = subprocess.Popen(
            served.command(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[lock.fileno()],  # the lock is held for as long as any process has the file open
            start_new_session=True,
        )
    serving = Serving(name, process.pid, list(served.names), served.limit, clock.now().isoformat())
    _file(name, "json").write_text(json.dumps(asdict(serving)), "utf-8")
    return serving


def listing() -> Servings:
    """The background processes that serve, in the order of their start."""
    return Servings(sorted(_alive(), key=lambda each: each.started))


def find(name: str) -> Serving:
    """The background process of this name, or the one that serves a deployment of this name. Raises UsageError."""
    known = listing()
    for each in known:
        if name == each.name or name in each.deployments:
            return each
    words = [word for each in known for word in (each.name, *each.deployments)]
    hint = did_you_mean(name, words) or f" There is: {', '.join(each.name for each in known) or 'none'}."
    raise UsageError(f"Nothing called {name!r} is served in the background.{hint}")


def give_way(names: Sequence[str]) -> None:
    """Stop what serves any of these deployments in the background, so that another can."""
    for each in listing():
        if not set(names).isdisjoint(each.deployments):
            each.stop()


def directory() -> Path:
    """Where the background processes are written down."""
    return settings.current().home / "serving"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to end and wait; asked again by an impatient user, it ends its runs at once."""
    assert process.stdin is not None  # noqa: S101  (it was asked for)
    process.stdin.close()  # heeded even if it has not begun yet, unlike a signal
    while process.poll() is None:
        try:
            process.wait()
        except (KeyboardInterrupt, Terminated):
            process.terminate()


def _alive() -> Iterator[Serving]:
    for path in directory().glob("*.json"):
        if not _is_locked(path.stem):
            _forget(path.stem)
        elif facts := _read(path):
            yield Serving(**facts)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return facts


def _file(name: str, kind: str) -> Path:
    return directory() / f"{name}.{kind}"


def _forget(name: str) -> None:
    """Its log stays: that of a process which ended by itself tells why."""
    for kind in ("json", "lock"):
        _file(name, kind).unlink(missing_ok=True)
    if child := _children.pop(name, None):
        child.wait()


def _is_locked(name: str) -> bool:
    try:
        with _file(name, "lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _wait_until_ended(name: str, timeout: float) -> None:
    deadline = clock.monotonic() + timeout
    while _is_locked(name) and clock.monotonic() < deadline:
        time.sleep(_PAUSE)

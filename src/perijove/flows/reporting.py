"""What runs have to tell a server: questions in their order, and between them events and log lines in batches.

All of it goes through one queue and one thread, so that what was said first arrives first, and the author's code
waits for nothing but an answer that it needs. A server that is away for a while is tried again; one that stays away
costs a warning and the reports, never the run.
"""

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from logging import getLogger
from typing import Any, TypeVar

from perijove import clock
from perijove.client import SyncClient, Target, targets
from perijove.errors import ServerError, ServerUnavailable
from perijove.schemas.events import Event
from perijove.schemas.logs import LogCreate

PERSISTENCE = 60.0
"""Seconds for which a report to a server that is away is tried again."""

REST = 30.0
"""Seconds for which a server that did not answer at all is left alone."""

FLUSH_AT_EXIT = 3.0
"""Seconds that the process's end may wait for the last reports."""

BATCH_ITEMS = 200
BATCH_TEXT = 1_000_000
BATCH_SECONDS = 0.1
MOST_WAITING = 100_000
_RETRY_PAUSE = 0.25

_log = getLogger("perijove.reporting")
T = TypeVar("T")
Tidings = Event | LogCreate


@dataclass(slots=True)
class _Question:
    ask: Callable[[SyncClient], Any]
    persistent: bool
    future: "Future[Any]" = field(default_factory=Future)


class Reporter:
    """The one that speaks to a target for all the runs of this process."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._client = SyncClient(target)
        self._items: deque[Tidings | _Question | None] = deque()
        self._wake = threading.Event()
        self._pressing = threading.Event()
        self._process = os.getpid()
        self._lost_from: float | None = None
        self._warned = False
        self._heard = 0.0
        self._thread = threading.Thread(target=self._work, name="perijove-reporter", daemon=True)
        self._thread.start()

    @property
    def resting(self) -> bool:
        """Whether the server was given up a short while ago."""
        return self._lost_from is not None and clock.monotonic() - self._lost_from < REST

    def heard(self) -> float:
        """When the server last gave an answer, by the monotonic clock."""
        return self._heard

    def tell(self, tidings: Tidings) -> None:
        """Have the event or log line sent, soon and with others. Costs the caller nothing to speak of."""
        if self._process != os.getpid():
            return  # the thread stayed with the parent
        waiting = len(self._items)
        if waiting >= MOST_WAITING:
            self.warn(f"more than {MOST_WAITING:,} events and log lines wait to be sent; new ones are dropped")
        else:
            self._put(tidings, pressing=waiting >= BATCH_ITEMS)

    def ask(self, question: Callable[[SyncClient], T], *, persistent: bool = True) -> "Future[T]":
        """Put a question, after all that was told before; ``persistent``: again while the server is away."""
        entry = _Question(question, persistent)
        if self._process == os.getpid():
            self._put(entry, pressing=True)
        else:
            entry.future.set_exception(ServerUnavailable("This process was forked from the one that reports."))
        return entry.future

    def flush(self, seconds: float) -> bool:
        """Wait until all that was told so far is sent; whether it was."""
        try:
            self.ask(lambda _: None, persistent=False).result(seconds)
        except (TimeoutError, ServerError):
            return False
        return True

    def warn(self, reason: object) -> None:
        """Say once that reports are lost."""
        if not self._warned:
            self._warned = True
            _log.warning("Runs go on without being reported to %s: %s", self.target, reason)

    def close(self) -> None:
        """End the thread, once all that was told is sent."""
        self._put(None, pressing=True)

    def join(self) -> None:
        """Wait for the end of the thread."""
        self._thread.join()

    def _put(self, item: "Tidings | _Question | None", *, pressing: bool) -> None:
        """Waking the thread costs more than all the rest: once a batch is enough, unless someone waits."""
        self._items.append(item)
        if not self._wake.is_set():
            self._wake.set()
        if pressing and not self._pressing.is_set():
            self._pressing.set()

    # -- in the thread ----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        more = True
        while more:
            self._wake.wait()
            self._pressing.wait(BATCH_SECONDS)
            self._wake.clear()
            self._pressing.clear()
            more = self._drain()
        self._client.close()

    def _drain(self) -> bool:
        """Send and ask all that waits, in its order; whether more may come."""
        while self._items:
            if batch := self._next_batch():
                self._send(batch)
            elif isinstance(item := self._items.popleft(), _Question):
                self._answer(item)
            else:
                return False
        return True

    def _next_batch(self) -> list[Tidings]:
        """What comes next and may go in one request; nothing, where a question or the end comes next."""
        batch: list[Tidings] = []
        text = 0
        while self._items and len(batch) < BATCH_ITEMS and text < BATCH_TEXT:
            item = self._items[0]
            if item is None or isinstance(item, _Question):
                break
            batch.append(item)
            text += _length(item)
            self._items.popleft()
        return batch

    def _answer(self, question: _Question) -> None:
        if not question.future.set_running_or_notify_cancel():
            return
        try:
            question.future.set_result(self._persist(question.ask, question.persistent))
        except BaseException as error:  # noqa: BLE001  (it is raised where the answer is awaited)
            question.future.set_exception(error)

    def _send(self, batch: list[Tidings]) -> None:
        events = [item for item in batch if isinstance(item, Event)]
        logs = [item for item in batch if isinstance(item, LogCreate)]
        try:
            if events:
                self._persist(lambda client: client.create_events(events), persistent=True)
            if logs:
                self._persist(lambda client: client.create_logs(logs), persistent=True)
        except Exception as error:  # noqa: BLE001  (what can't be sent must not end the thread, and silence all else)
            self.warn(error)

    def _persist(self, ask: Callable[[SyncClient], T], persistent: bool) -> T:
        """Ask until there is an answer, or the server has been away for too long."""
        patience = PERSISTENCE if persistent else 0.0
        deadline = clock.monotonic() + patience
        while True:
            if self.resting:
                raise ServerUnavailable(f"Nothing answers at {self.target.api_url}.")
            try:
                answer = ask(self._client)
            except ServerUnavailable:
                if clock.monotonic() >= deadline:
                    self._lost_from = clock.monotonic()
                    raise
                self._find_again()
                time.sleep(_RETRY_PAUSE)
            else:
                self._lost_from, self._heard = None, clock.monotonic()
                return answer

    def _find_again(self) -> None:
        """An embedded server that was started anew listens elsewhere."""
        found = targets.found_again(self.target)
        if found != self.target:
            self._client.close()
            self.target, self._client = found, SyncClient(found)


def _length(item: Tidings) -> int:
    return len(item.message) if isinstance(item, LogCreate) else 1_000


_lock = threading.Lock()
_reporter: Reporter | None = None


def find() -> Reporter | None:
    """The reporter to the server as things are; None where there is none, or where it was given up just now."""
    target = targets.find()
    reporter = to(target) if target else None
    return None if reporter is None or reporter.resting else reporter


def to(target: Target) -> Reporter:
    """This process's reporter to the target."""
    global _reporter
    with _lock:
        if _reporter is None or _reporter.target != target:
            if _reporter:
                _reporter.close()
            _reporter = Reporter(target)
        return _reporter


def close() -> None:
    """End this process's reporter, once it has sent all that it was told."""
    global _reporter
    with _lock:
        if _reporter:
            _reporter.close()
            _reporter.join()
        _reporter = None


def _forget() -> None:
    global _reporter, _lock
    _reporter, _lock = None, threading.Lock()


def _flush() -> None:
    if _reporter and not _reporter.resting:
        _reporter.flush(FLUSH_AT_EXIT)


os.register_at_fork(after_in_child=_forget)
atexit.register(_flush)

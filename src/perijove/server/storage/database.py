"""SQLite as one writer and several readers, so that nobody ever meets 'database is locked'.

All writes go through one connection in one thread, each in a savepoint of a transaction begun IMMEDIATE; those that
queue up while the disk syncs share the next sync (group commit). An answer is given only after its commit, and with
``synchronous=FULL`` a commit survives a power cut. Readers have connections of their own that can't write.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.pool import StaticPool

from perijove.server.storage import migrate

T = TypeVar("T")
Work = Callable[[Connection], T]

READERS = 2
MOST_IN_ONE_COMMIT = 64
_BUSY_TIMEOUT_MS = 5000
_TOLD = "told"


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None
    told: list[Any] = field(default_factory=list)


def tell(connection: Connection, *messages: object) -> None:
    """Have the messages given to those who listen, once what is written beside them is safe.

    A write that fails tells nothing.
    """
    connection.info.setdefault(_TOLD, []).extend(messages)


class Database:
    """The database in ``path``, brought to the newest schema. ``close`` it when done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[Sequence[Any]], None]] = []
        writer = _engine(path, read_only=False)
        with writer.connect() as connection:
            migrate.to_newest(connection)
        self._thread = threading.Thread(target=self._write_all, args=(writer,), name="perijove-writer", daemon=True)
        self._thread.start()
        self._closed = False
        self._local = threading.local()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="perijove-reader")
        self._engines: list[Engine] = [writer]

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction and return what it returns, once that is safely on disk.

        An exception that it raises undoes all that it wrote, and nothing else.
        """
        if self._closed:
            raise RuntimeError("The database is closed.")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(work, future))
        return await future

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on a connection that can't write, seeing every commit that was answered before."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def listen(self, hear: Callable[[Sequence[Any]], None]) -> None:
        """Have ``hear`` called, in the event loop of those who write, with what each commit told, in their order."""
        self._listeners.append(hear)

    def close(self) -> None:
        """Finish what is queued, and close every connection."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        self._readers.shutdown()
        for engine in self._engines:
            engine.dispose()

    def _read(self, work: Work[T]) -> T:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            engine = _engine(self.path, read_only=True)
            self._engines.append(engine)
            connection = self._local.connection = engine.connect()
        driver = driver_of(connection)
        driver.execute("BEGIN")
        try:
            return work(connection)
        finally:
            driver.execute("ROLLBACK")

    def _write_all(self, engine: Engine) -> None:
        with engine.connect() as connection:
            while batch := self._next_batch():
                _commit(connection, batch)
                _answer(batch, self._listeners)

    def _next_batch(self) -> list[_Job]:
        job = self._jobs.get()
        batch: list[_Job] = []
        while job is not None:
            batch.append(job)
            if len(batch) == MOST_IN_ONE_COMMIT or self._jobs.empty():
                return batch
            job = self._jobs.get()
        if batch:
            self._jobs.put(None)
        return batch


def _commit(connection: Connection, batch: list[_Job]) -> None:
    # Transactions are begun and ended on the driver itself: SQLAlchemy's way to it costs as much as a small query.
    driver = driver_of(connection)
    try:
        driver.execute("BEGIN IMMEDIATE")
        for job in batch:
            _attempt(connection, driver, job)
        driver.execute("COMMIT")
    except Exception as error:  # noqa: BLE001  (a full or failing disk: nobody is told that his write is safe)
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        for job in batch:
            job.error = job.error or _as_operational(error)


def _attempt(connection: Connection, driver: sqlite3.Connection, job: _Job) -> None:
    driver.execute("SAVEPOINT job")
    connection.info.pop(_TOLD, None)
    try:
        job.result = job.work(connection)
        job.told = connection.info.pop(_TOLD, [])
    except Exception as error:  # noqa: BLE001  (it is the caller's, and is raised to him)
        job.error = _cause(_as_operational(error))
        driver.execute("ROLLBACK TO job")
    driver.execute("RELEASE job")


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The connection below SQLAlchemy's, for what is done so often that its way would cost too much."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101  (the only one that is ever opened)
    return raw


def _as_operational(error: Exception) -> Exception:
    """The driver's own error as SQLAlchemy would have raised it."""
    return OperationalError(None, None, error) if isinstance(error, sqlite3.OperationalError) else error


def _cause(error: Exception) -> BaseException:
    """What a table's own types raised, out of what SQLAlchemy wraps it in."""
    inner = error.orig if type(error) is StatementError else None
    return inner or error


def _answer(batch: list[_Job], listeners: Sequence[Callable[[Sequence[Any]], None]]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        by_loop.setdefault(job.future.get_loop(), []).append(job)
    for loop, jobs in by_loop.items():
        with contextlib.suppress(RuntimeError):  # a loop that is closed has nobody who waits
            loop.call_soon_threadsafe(_resolve, jobs, listeners)


def _resolve(jobs: list[_Job], listeners: Sequence[Callable[[Sequence[Any]], None]]) -> None:
    for job in jobs:
        if job.future.cancelled():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
    told = [message for job in jobs if job.error is None for message in job.told]
    for hear in listeners if told else ():
        hear(told)


def _engine(path: Path, *, read_only: bool) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        isolation_level="AUTOCOMMIT",  # transactions are begun and ended above, by their names
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(driver: sqlite3.Connection, _: object) -> None:
        driver.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        driver.execute("PRAGMA foreign_keys=ON")
        if read_only:
            driver.execute("PRAGMA query_only=ON")
        else:
            driver.execute("PRAGMA journal_mode=WAL")
            driver.execute("PRAGMA synchronous=FULL")

    return engine

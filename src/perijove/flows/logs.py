"""The log of a run: what its code and the engine say, shown to the user and sent to the server."""

import contextlib
import logging
import os
import select
import sys
import threading
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from perijove.errors import UsageError
from perijove.flows import environment, runs
from perijove.flows.runs import LiveFlowRun, LiveRun, LiveTaskRun
from perijove.schemas.logs import LogCreate

if TYPE_CHECKING:
    from perijove.flows.reporting import Reporter

MAX_MESSAGE = 1_000_000
"""Characters of a message that are kept; the rest is cut off, which the message then says."""

SETTLE_PATIENCE = 10.0
"""Seconds that a run waits for its log's delivery before it ends all the same."""

ENDED = b'"ended"'
"""The line in the log by which a run says that the server has accepted its end."""

RunLogger = logging.LoggerAdapter[logging.Logger]


def get_run_logger() -> RunLogger:
    """The logger of the task run, or else the flow run, that the calling code belongs to.

    It can be handed to other threads. Raises UsageError outside of a run.
    """
    run = runs.current_task_run() or runs.current_flow_run()
    if run is None:
        raise UsageError("get_run_logger() is of use inside of a flow or a task; elsewhere take logging.getLogger().")
    return run_logger(run)


def run_logger(run: LiveRun) -> RunLogger:
    """The run's logger."""
    name = "perijove.task_runs" if isinstance(run, LiveTaskRun) else "perijove.flow_runs"
    return logging.LoggerAdapter(_logger(name), {"run": run})


@cache
def _logger(name: str) -> logging.Logger:
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(_RunHandler())
    return logger


class _RunHandler(logging.Handler):
    """Takes each record where its run's log goes: to the launcher, or to the server and on the screen."""

    def emit(self, record: logging.LogRecord) -> None:
        run: LiveRun = record.run  # type: ignore[attr-defined]
        reporter = _reporter(run)
        descriptor = environment.log_descriptor()
        try:
            message = (
                self.format(record).encode("utf-8", "backslashreplace").decode()
            )  # a file's name need not be UTF-8
            if descriptor is not None:
                _write(descriptor, _line(message, record, run))
                return
            _show(message, record, run)
            if reporter:
                reporter.tell(_line(message, record, run))
        except Exception:  # noqa: BLE001  (logging never breaks what it logs)
            self.handleError(record)


def _line(message: str, record: logging.LogRecord, run: LiveRun) -> LogCreate:
    if len(message) > MAX_MESSAGE:
        message = f"{message[:MAX_MESSAGE]}... ({len(message) - MAX_MESSAGE:,} more characters were cut off)"
    flow_run = run.flow_run if isinstance(run, LiveTaskRun) else run
    return LogCreate.model_construct(
        name=record.name,
        level=record.levelno,
        message=message,
        timestamp=datetime.fromtimestamp(record.created, UTC),
        flow_run_id=flow_run.id if flow_run else None,
        task_run_id=run.id if isinstance(run, LiveTaskRun) else None,
    )


def _write(descriptor: int, line: LogCreate) -> None:
    """At once and whole, so that the line outlives a process that dies in the next moment."""
    rest = memoryview(line.model_dump_json().encode() + b"\n")
    with _descriptor_lock:
        while rest:
            rest = rest[os.write(descriptor, rest) :]


_descriptor_lock = threading.Lock()


def settle() -> None:
    """Wait until the log is where it goes, so that whoever learns of the run's end can read it.

    The launcher that takes the log delivers all that it has when it gets an empty line, and answers with a byte.
    """
    descriptor = environment.log_descriptor()
    if descriptor is None:
        return
    with contextlib.suppress(OSError):  # a launcher that is gone, or that only listens
        os.write(descriptor, b"\n")
        if select.select([descriptor], [], [], SETTLE_PATIENCE)[0]:
            os.read(descriptor, 1)


def say_ended() -> None:
    """Let the launcher know that the server has the run's end, so that it need not ask."""
    descriptor = environment.log_descriptor()
    if descriptor is not None:
        with contextlib.suppress(OSError):
            os.write(descriptor, ENDED + b"\n")


def _show(message: str, record: logging.LogRecord, run: LiveRun) -> None:
    time = f"{_time_of_day(int(record.created))}.{int(record.msecs):03}"
    sys.stderr.write(f"{time} | {record.levelname:<7} | {run.kind} {run.name!r} - {message}\n")


@lru_cache(maxsize=2)
def _time_of_day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")


def _reporter(run: LiveRun) -> "Reporter | None":
    flow_run = run.flow_run if isinstance(run, LiveTaskRun) else run if isinstance(run, LiveFlowRun) else None
    return flow_run.reporter if flow_run else None

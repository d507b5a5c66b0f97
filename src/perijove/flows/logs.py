"""The log of a run: what its code and the engine say, shown to the user and sent to the server."""

import logging
import os
import sys
import threading
from datetime import UTC, datetime
from functools import cache

from perijove.errors import UsageError
from perijove.flows import environment, runs
from perijove.flows.runs import LiveFlowRun, LiveRun, LiveTaskRun
from perijove.schemas.logs import LogCreate

MAX_MESSAGE = 1_000_000
"""Characters of a message that are kept; the rest is cut off, which the message then says."""

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
        try:
            line = _line(self.format(record), record, run)
            descriptor = environment.log_descriptor()
            if descriptor is not None:
                _write(descriptor, line)
            else:
                _show(line, run)
                _report(line, run)
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


def _show(line: LogCreate, run: LiveRun) -> None:
    time = line.timestamp.astimezone().strftime("%H:%M:%S.%f")[:-3]
    level = logging.getLevelName(line.level)
    sys.stderr.write(f"{time} | {level:<7} | {run.kind} {run.name!r} - {line.message}\n")


def _report(line: LogCreate, run: LiveRun) -> None:
    flow_run = run if isinstance(run, LiveFlowRun) else run.flow_run if isinstance(run, LiveTaskRun) else None
    if flow_run and flow_run.reporter:
        flow_run.reporter.tell(line)

"""Where submitted tasks run: in threads of this process, or their functions in processes of their own.

A task's life, with its retries, limits and reports, is always led by a thread here; another process sees its function
and arguments alone.
"""

import asyncio
import contextvars
import inspect
import multiprocessing
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import cloudpickle

from perijove.flows.runs import LiveTaskRun, current

if TYPE_CHECKING:
    from perijove.flows.runs import LiveRun

T = TypeVar("T")
Elsewhere = Callable[["LiveTaskRun", tuple[Any, ...], dict[str, Any]], Any]
"""Calls a task's function with these arguments somewhere else, and gives what it returns."""


class Pool:
    """What one flow run's submitted tasks run in. ``elsewhere`` None: their functions are called in the thread."""

    def __init__(self, threads: ThreadPoolExecutor, processes: ProcessPoolExecutor | None = None) -> None:
        self._threads = threads
        self._processes = processes
        self.elsewhere: Elsewhere | None = self._call_in_process if processes else None

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Do the work in a thread that sees the caller's context variables."""
        return self._threads.submit(contextvars.copy_context().run, work)

    def close(self, *, wait: bool = True) -> None:
        """Wait for all that was submitted, or call off what has not begun."""
        self._threads.shutdown(wait=wait, cancel_futures=not wait)
        if self._processes:
            self._processes.shutdown(wait=wait, cancel_futures=not wait)

    def _call_in_process(self, run: "LiveTaskRun", args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        assert self._processes is not None  # noqa: S101  (it is what this was made for)
        call = cloudpickle.dumps((_portable(run), run.definition.fn, args, kwargs))
        return cloudpickle.loads(self._processes.submit(_call, call).result())


class TaskRunner(ABC):
    """A way to run submitted tasks, as ``@flow(task_runner=...)`` takes it."""

    @abstractmethod
    def open(self) -> Pool:
        """A pool for one flow run."""


@dataclass(frozen=True, slots=True)
class ThreadPoolTaskRunner(TaskRunner):
    """Each submitted task in a thread; ``max_workers`` None: as many as there are tasks going on."""

    max_workers: int | None = None

    def open(self) -> Pool:
        return Pool(ThreadPoolExecutor(self.max_workers or sys.maxsize, thread_name_prefix="perijove-task"))


@dataclass(frozen=True, slots=True)
class ProcessPoolTaskRunner(TaskRunner):
    """The function of each submitted task in a process; ``max_workers`` None: as many as there are processors.

    Functions, arguments and results are pickled (by cloudpickle, so that functions of a notebook's cells go, too).
    """

    max_workers: int | None = None

    def open(self) -> Pool:
        # Threads go on here, so that a fork would not be safe.
        context = multiprocessing.get_context("spawn")
        processes = ProcessPoolExecutor(self.max_workers or os.cpu_count(), mp_context=context)
        return Pool(ThreadPoolExecutor(sys.maxsize, thread_name_prefix="perijove-task"), processes)


def _portable(run: "LiveTaskRun") -> "LiveRun":
    """The run as another process may know it: who reports of it is here."""
    bare = replace(run.definition, hooks={}, retry_condition_fn=None)
    flow_run = None
    if run.flow_run:
        flow = replace(run.flow_run.definition, hooks={}, task_runner=None)
        flow_run = replace(run.flow_run, definition=flow, reporter=None, parent=None, pool=None, numbers={}, error=None)
    return replace(run, definition=bare, flow_run=flow_run, parent=None, elsewhere=None, error=None)


def _call(pickled: bytes) -> bytes:
    run, fn, args, kwargs = cloudpickle.loads(pickled)
    with current(run.flow_run or run), current(run):
        value = fn(*args, **kwargs)
        if inspect.iscoroutine(value):
            value = asyncio.run(value)
    return bytes(cloudpickle.dumps(value))

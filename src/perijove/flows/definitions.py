"""What an author declared of a flow or a task: plain data, which both the decorators and the engine build on."""

import functools
import hashlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from perijove.errors import UsageError

_IN_NO_NAME = frozenset("/%&><")


@dataclass(eq=False, kw_only=True)
class Definition:
    """What flows and tasks share. ``log_prints`` None: as the run around it does."""

    fn: Callable[..., Any]
    name: str
    description: str | None = None
    version: str | None = None
    retries: int = 0
    retry_delay_seconds: float | Sequence[float] = 0.0
    timeout_seconds: float | None = None
    log_prints: bool | None = None

    def __post_init__(self) -> None:
        _check(self)
        # What the function bears as attributes must not overwrite what was declared here.
        functools.update_wrapper(cast("Callable[..., Any]", self), self.fn, updated=())

    @property
    def isasync(self) -> bool:
        """Whether a call gives a coroutine."""
        return inspect.iscoroutinefunction(self.fn)

    def retry_delay(self, attempt: int) -> float:
        """Seconds to wait after the failure of the ``attempt``-th try (from 1); a list's last number goes on."""
        delays = self.retry_delay_seconds
        if isinstance(delays, Sequence):
            return float(delays[min(attempt, len(delays)) - 1]) if delays else 0.0
        return float(delays)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a flow's code was taken from: ``entrypoint`` in ``directory`` here, and in what ``pull_steps`` bring."""

    entrypoint: str
    directory: Path
    pull_steps: Sequence[dict[str, Any]]


@dataclass(eq=False, kw_only=True)
class FlowDefinition(Definition):
    """A flow. ``persist_result`` None: the result of a deployed run is kept, that of a plain call is not. ``origin``
    None: it lies where its function was written."""

    flow_run_name: str | Callable[[], str] | None = None
    validate_parameters: bool = True
    persist_result: bool | None = None
    origin: Origin | None = None


@dataclass(eq=False, kw_only=True)
class TaskDefinition(Definition):
    """A task. ``task_key`` tells it from every other task of the same name."""

    tags: frozenset[str] = frozenset()
    task_run_name: str | Callable[[], str] | None = None

    @functools.cached_property
    def task_key(self) -> str:
        code = getattr(self.fn, "__code__", None)
        digest = hashlib.sha256(code.co_code if code else repr(type(self.fn)).encode()).hexdigest()
        return f"{getattr(self.fn, '__qualname__', self.name)}-{digest[:8]}"


def default_name(fn: Callable[..., Any]) -> str:
    """The name of a flow that was given none: the function's, with hyphens."""
    return function_name(fn).replace("_", "-")


def function_name(fn: Callable[..., Any]) -> str:
    """What the function is called; a callable object is called as its class."""
    return getattr(fn, "__name__", type(fn).__name__)


def file_version(fn: Callable[..., Any]) -> str | None:
    """The MD5 of the file that holds the function, which is Prefect's version of a flow; None outside of a file."""
    try:
        source = Path(inspect.getsourcefile(fn) or "").read_bytes()
    except (OSError, TypeError):
        return None
    return hashlib.md5(source, usedforsecurity=False).hexdigest()


def _check(definition: Definition) -> None:
    """Refuse what can't be meant. Raises UsageError."""
    delays = definition.retry_delay_seconds
    fault = None
    if inspect.isgeneratorfunction(definition.fn) or inspect.isasyncgenfunction(definition.fn):
        fault = "is a generator; return a list instead of yielding"
    elif isinstance(definition, FlowDefinition) and (not definition.name or _IN_NO_NAME & set(definition.name)):
        fault = "needs a name without / % & > <"
    elif definition.retries < 0:
        fault = f"has retries={definition.retries}; 0 or more is meant"
    elif min(delays if isinstance(delays, Sequence) else [delays], default=0) < 0:
        fault = f"has retry_delay_seconds={delays}; 0 or more is meant"
    elif definition.timeout_seconds is not None and definition.timeout_seconds <= 0:
        fault = f"has timeout_seconds={definition.timeout_seconds}; more than 0 is meant"
    if fault:
        raise UsageError(f"{definition.name or function_name(definition.fn)!r} {fault}.")

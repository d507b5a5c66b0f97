"""What an author declared of a flow or a task: plain data, which both the decorators and the engine build on."""

import functools
import hashlib
import inspect
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from perijove.errors import UsageError

if TYPE_CHECKING:
    from datetime import timedelta

    from perijove.flows.cache_policies import CachePolicy
    from perijove.flows.task_runners import TaskRunner

H = TypeVar("H", bound=Callable[..., Any])

_IN_NO_NAME = frozenset("/%&><")


Hook = Callable[[Any, Any, Any], Any]
"""Called with the flow or task, its run and the run's state."""

HOOKS = ("on_completion", "on_failure", "on_crashed", "on_running", "on_cancellation")

RunName = str | Callable[..., str] | None
"""What names a run: a template over its parameters, or a function, which may ask for ``parameters``."""

RetryDelay = float | Sequence[float] | Callable[[int], Sequence[float]]
"""Seconds before each retry: one number for all, a list with one for each, or what gives the list for so many."""


@dataclass(eq=False, kw_only=True)
class Definition:
    """What flows and tasks share. ``log_prints`` None: as the run around it does."""

    fn: Callable[..., Any]
    name: str
    description: str | None = None
    version: str | None = None
    retries: int = 0
    retry_delay_seconds: RetryDelay = 0.0
    timeout_seconds: float | None = None
    log_prints: bool | None = None
    hooks: Mapping[str, tuple[Hook, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if callable(self.retry_delay_seconds):
            self.retry_delay_seconds = self.retry_delay_seconds(self.retries)
        _check(self)
        # What the function bears as attributes must not overwrite what was declared here.
        functools.update_wrapper(cast("Callable[..., Any]", self), self.fn, updated=())

    @property
    def isasync(self) -> bool:
        """Whether a call gives a coroutine."""
        return inspect.iscoroutinefunction(self.fn)

    @property
    def takes(self) -> Container[str]:
        """The names of the function's own parameters."""
        return inspect.signature(self.fn).parameters

    def on_completion(self, hook: H) -> H:
        """Have the function called when a run has completed; of use as a decorator, as all of these are."""
        return self._hooked("on_completion", hook)

    def on_failure(self, hook: H) -> H:
        """Have the function called when a run has failed, with no retry left."""
        return self._hooked("on_failure", hook)

    def on_running(self, hook: H) -> H:
        """Have the function called when a run begins, each time that it does."""
        return self._hooked("on_running", hook)

    def on_crashed(self, hook: H) -> H:
        """Have the function called when a run was ended from outside."""
        return self._hooked("on_crashed", hook)

    def on_cancellation(self, hook: H) -> H:
        """Have the function called when a run is cancelled."""
        return self._hooked("on_cancellation", hook)

    def _hooked(self, name: str, hook: H) -> H:
        self.hooks = {**self.hooks, name: (*self.hooks.get(name, ()), hook)}
        return hook

    def retry_delay(self, attempt: int) -> float:
        """Seconds to wait after the failure of the ``attempt``-th try (from 1); a list's last number goes on."""
        delays = _delays(self)
        return float(delays[min(attempt, len(delays)) - 1]) if delays else 0.0


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

    flow_run_name: RunName = None
    task_runner: "TaskRunner | None" = None
    validate_parameters: bool = True
    persist_result: bool | None = None
    origin: Origin | None = None


@dataclass(eq=False, kw_only=True)
class TaskDefinition(Definition):
    """A task. ``task_key`` tells it from every other task of the same name. ``retry_jitter_factor``: the share of a
    retry's delay by which chance may make it shorter or longer. ``retry_condition_fn``: whether a failure is worth
    another try, asked with the task, its run and the failed state. ``cache_policy`` or ``cache_key_fn``: what makes two
    runs the same, so that the second takes the first one's value, for ``cache_expiration`` (None: for ever)."""

    tags: frozenset[str] = frozenset()
    task_run_name: RunName = None
    retry_jitter_factor: float | None = None
    retry_condition_fn: Callable[[Any, Any, Any], bool] | None = None
    cache_policy: "CachePolicy | None" = None
    cache_key_fn: Callable[[Any, dict[str, Any]], str | None] | None = None
    cache_expiration: "timedelta | None" = None
    refresh_cache: bool = False
    persist_result: bool | None = None

    @property
    def caches(self) -> bool:
        """Whether a run may take its value from an earlier one."""
        return bool(self.cache_policy or self.cache_key_fn or self.persist_result)

    @functools.cached_property
    def task_key(self) -> str:
        code = getattr(self.fn, "__code__", None)
        digest = hashlib.sha256(code.co_code if code else repr(type(self.fn)).encode()).hexdigest()
        return f"{getattr(self.fn, '__qualname__', self.name)}-{digest[:8]}"


def exponential_backoff(backoff_factor: float) -> Callable[[int], list[float]]:
    """``retry_delay_seconds`` that doubles: ``backoff_factor`` seconds before the first retry, then twice that ...

    Raises UsageError for a factor below 0.
    """
    if backoff_factor < 0:
        raise UsageError(f"exponential_backoff({backoff_factor}) would wait less than nothing; 0 or more is meant.")
    return lambda retries: [backoff_factor * 2**retry for retry in range(retries)]


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


def with_hooks(options: dict[str, Any], known: Mapping[str, tuple[Hook, ...]]) -> dict[str, Any]:
    """The options with ``on_completion=[...]`` and the like as hooks, beside those that are known already."""
    given = {name: tuple(options.pop(name) or ()) for name in HOOKS if name in options}
    return {**options, "hooks": {**known, **given}} if given else options


def _delays(definition: Definition) -> Sequence[float]:
    delays = definition.retry_delay_seconds
    assert not callable(delays)  # noqa: S101  (it was called when this was made)
    return delays if isinstance(delays, Sequence) else [delays]


def _check(definition: Definition) -> None:
    """Refuse what can't be meant. Raises UsageError."""
    fault = None
    if inspect.isgeneratorfunction(definition.fn) or inspect.isasyncgenfunction(definition.fn):
        fault = "is a generator; return a list instead of yielding"
    elif isinstance(definition, FlowDefinition) and (not definition.name or _IN_NO_NAME & set(definition.name)):
        fault = "needs a name without / % & > <"
    elif definition.retries < 0:
        fault = f"has retries={definition.retries}; 0 or more is meant"
    elif min(_delays(definition), default=0) < 0:
        fault = f"has retry_delay_seconds={definition.retry_delay_seconds}; 0 or more is meant"
    elif definition.timeout_seconds is not None and definition.timeout_seconds <= 0:
        fault = f"has timeout_seconds={definition.timeout_seconds}; more than 0 is meant"
    if fault:
        raise UsageError(f"{definition.name or function_name(definition.fn)!r} {fault}.")

"""The ``task`` decorator: a step of a flow that is watched and retried by itself."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Self, TypeVar, overload

from perijove import flows
from perijove.flows.definitions import Hook, RetryDelay, RunName, TaskDefinition, function_name, with_hooks

if TYPE_CHECKING:
    from datetime import timedelta

    from perijove.flows.cache_policies import CachePolicy
    from perijove.flows.futures import PerijoveFuture, PerijoveFutureList

P = ParamSpec("P")
R = TypeVar("R")


class Task(TaskDefinition, Generic[P, R]):
    """A task. Called inside a flow, it is a task run of that flow run; outside, it is the function with its retries."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the task and return what the function returns (of an async function: something to await).

        Raises what the function raises, unchanged; TimeoutError when it took longer than ``timeout_seconds``. Futures
        among the arguments are waited for. ``return_state=True`` gives the run's last state, and raises nothing;
        ``wait_for=[...]``: futures that must have completed before.
        """
        value: R = flows.engine.run_task(self, args, kwargs)
        return value

    def submit(self, *args: Any, **kwargs: Any) -> "PerijoveFuture[R]":
        """Have the task run beside the code that goes on here, and return its future.

        Futures among the arguments, and in ``wait_for=[...]``, are waited for first; where one did not complete, the
        task is not run. The flow's run ends when all that it submitted has. ``return_state=True`` waits, and gives the
        last state. Raises ParameterError.
        """
        future: PerijoveFuture[R] = flows.engine.submit_task(self, args, kwargs)
        return future

    def map(self, *args: Any, **kwargs: Any) -> "PerijoveFutureList[R]":
        """``submit`` once for each element of the iterable arguments, which have one length; the futures in order.

        ``unmapped(value)`` is given to every call as it is. ``wait_for`` and ``return_state`` as in ``submit``.
        Raises ParameterError.
        """
        futures: PerijoveFutureList[R] = flows.engine.map_task(self, args, kwargs)
        return futures

    def with_options(self, **options: Any) -> Self:
        """The same task with other options: any of the decorator's."""
        if "tags" in options:
            options["tags"] = frozenset(options["tags"])
        return dataclasses.replace(self, **with_hooks(options, self.hooks))


@overload
def task(fn: Callable[P, R], /) -> Task[P, R]: ...
@overload
def task(
    fn: None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    tags: Iterable[str] = (),
    version: str | None = None,
    retries: int = 0,
    retry_delay_seconds: RetryDelay = 0.0,
    retry_jitter_factor: float | None = None,
    retry_condition_fn: Callable[[Any, Any, Any], bool] | None = None,
    timeout_seconds: float | None = None,
    cache_policy: "CachePolicy | None" = None,
    cache_key_fn: Callable[[Any, dict[str, Any]], str | None] | None = None,
    cache_expiration: "timedelta | None" = None,
    refresh_cache: bool = False,
    persist_result: bool | None = None,
    log_prints: bool | None = None,
    task_run_name: RunName = None,
    on_completion: Sequence[Hook] = (),
    on_failure: Sequence[Hook] = (),
    on_running: Sequence[Hook] = (),
) -> Callable[[Callable[P, R]], Task[P, R]]: ...
def task(
    fn: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    tags: Iterable[str] = (),
    **options: Any,
) -> Task[P, R] | Callable[[Callable[P, R]], Task[P, R]]:
    """Make a function a task, as ``@task`` or ``@task(name=..., ...)``.

    ``name``: default the function's. ``description``: default the docstring. ``retries`` times it is run again after a
    failure, each ``retry_delay_seconds`` later (a list: one number a retry, the last going on; a function of the number
    of retries that gives such a list), give or take the share ``retry_jitter_factor`` of it; ``retry_condition_fn``
    says whether to, by the task, its run and the failed state. After ``timeout_seconds`` it is TimedOut.
    ``cache_policy`` (such as ``perijove.cache_policies.INPUTS``), or ``cache_key_fn`` of the task's run and its
    arguments: where these are the same as before, and not longer ago than ``cache_expiration``, the value is taken from
    then (unless ``refresh_cache``), as JSON gives it back where it can; ``persist_result=True`` alone means that for
    the tries of one run of the flow. ``task_run_name``: a template over the arguments, or a function.
    ``log_prints``: what it prints is logged (None: if the flow's is). ``on_completion`` and the like: functions of the
    task, its run and its state. Raises UsageError for options that can't be.
    """

    def define(fn: Callable[P, R]) -> Task[P, R]:
        return Task(
            fn=fn,
            name=name or function_name(fn),
            description=description or inspect.getdoc(fn),
            tags=frozenset(tags),
            **with_hooks(options, {}),
        )

    return define(fn) if fn is not None else define

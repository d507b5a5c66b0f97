"""The ``task`` decorator: a step of a flow that is watched and retried by itself."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

from perijove import flows
from perijove.flows.definitions import TaskDefinition, function_name

P = ParamSpec("P")
R = TypeVar("R")


class Task(TaskDefinition, Generic[P, R]):
    """A task. Called inside a flow, it is a task run of that flow run; outside, it is the function with its retries."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the task and return what the function returns (of an async function: something to await).

        Raises what the function raises, unchanged; TimeoutError when it took longer than ``timeout_seconds``.
        """
        value: R = flows.engine.run_task(self, args, kwargs)
        return value

    def with_options(self, **options: Any) -> Self:
        """The same task with other options: any of the decorator's."""
        if "tags" in options:
            options["tags"] = frozenset(options["tags"])
        return dataclasses.replace(self, **options)


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
    retry_delay_seconds: float | Sequence[float] = 0.0,
    timeout_seconds: float | None = None,
    log_prints: bool | None = None,
    task_run_name: str | Callable[[], str] | None = None,
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
    failure, each ``retry_delay_seconds`` later (a list: one number a retry, the last going on). After
    ``timeout_seconds`` it is TimedOut. ``task_run_name``: a template over the arguments, or a function. ``log_prints``:
    what it prints is logged (None: if the flow's is). Raises UsageError for options that can't be.
    """

    def define(fn: Callable[P, R]) -> Task[P, R]:
        return Task(
            fn=fn,
            name=name or function_name(fn),
            description=description or inspect.getdoc(fn),
            tags=frozenset(tags),
            **options,
        )

    return define(fn) if fn is not None else define

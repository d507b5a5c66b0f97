"""Asynchronous functions that plain code, notebook cells and asynchronous flows can all call."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, cast

from perijove.client import blocking
from perijove.deployments.subflows import in_async_flow

P = ParamSpec("P")
T = TypeVar("T")


def anywhere(function: Callable[P, Coroutine[Any, Any, T]], *, name: str) -> Callable[P, T]:
    """``function`` as one that blocks, except in an asynchronous flow, where it is to be awaited.

    An event loop that merely runs, as in every notebook cell, makes no difference: whoever did not write ``async def``
    gets a result and never a coroutine. What an asynchronous flow awaits must be awaitable: T gives itself.
    """

    @functools.wraps(function)
    def plain(*args: P.args, **kwargs: P.kwargs) -> T:
        start = functools.partial(function, *args, **kwargs)
        if in_async_flow():
            return cast("T", start())
        try:
            return blocking.call(start)
        except KeyboardInterrupt:
            raise KeyboardInterrupt("Stopped waiting; the run itself goes on.") from None

    plain.__name__ = plain.__qualname__ = name
    return plain

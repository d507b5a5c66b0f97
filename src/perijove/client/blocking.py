"""From plain code into asynchronous code: also where an event loop runs already, as in every notebook cell."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio.from_thread import start_blocking_portal

T = TypeVar("T")


def call(function: Callable[[], Awaitable[T]]) -> T:
    """Run ``function`` to its end and return what it returns, on an event loop of its own in another thread.

    It sees the caller's context variables. When the caller is interrupted, it is cancelled.
    """
    with start_blocking_portal() as portal:
        return portal.call(function)

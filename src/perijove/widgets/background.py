"""One event loop in a thread of its own, for all that widgets wait for: the kernel's own is busy with cells."""

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")


def begin(work: Coroutine[Any, Any, T]) -> "Future[T]":
    """Have the work done, beside what the kernel does. The future can be cancelled."""
    return asyncio.run_coroutine_threadsafe(work, _loop())


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="perijove-widgets", daemon=True).start()
    return loop

"""Lists that come a page at a time."""

from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")

PAGE = 200
"""The most that Prefect's API gives at once."""


def every(read: Callable[[int], list[T]]) -> Iterator[T]:
    """All that ``read(offset)`` gives, page after page."""
    offset = 0
    while True:
        page = read(offset)
        yield from page
        if len(page) < PAGE:
            return
        offset += len(page)

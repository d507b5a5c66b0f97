"""Search and count in one: what every ``/paginate`` does."""

from collections.abc import Callable
from math import ceil
from typing import TypeVar

from sqlalchemy import Connection

from perijove.schemas.filters import Numbered
from perijove.schemas.pages import Paginated
from perijove.server.storage.filters import DEFAULT_LIMIT

Q = TypeVar("Q", bound=Numbered)
T = TypeVar("T")


def paginate(
    connection: Connection,
    query: Q,
    search: Callable[[Connection, Q], list[T]],
    count: Callable[[Connection, Q], int],
) -> Paginated[T]:
    """The page that the query asks for, and how many there are."""
    limit = DEFAULT_LIMIT if query.limit is None else query.limit
    found = count(connection, query)
    wanted = query.model_copy(update={"limit": limit, "offset": (query.page - 1) * limit})
    pages = ceil(found / limit) if limit else 0
    return Paginated(results=search(connection, wanted), count=found, limit=limit, pages=pages, page=query.page)

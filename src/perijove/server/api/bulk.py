"""Do to all that a query finds what another route does to one; fifty at once at most, as with Prefect."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from perijove.errors import Invalid
from perijove.schemas.base import Stored
from perijove.schemas.filters import Page

MOST = 50
"""Things that one request changes."""

Q = TypeVar("Q", bound=Page)


def found(connection: Connection, query: Q, search: Callable[[Connection, Q], Sequence[Stored]]) -> list[UUID]:
    """The ids of what the query finds; raises Invalid (422) for a limit of none, or of too many."""
    limit = MOST if query.limit is None else query.limit
    if not 1 <= limit <= MOST:
        raise Invalid(422, f"Invalid limit: must be from 1 to {MOST}.")
    return [one.id for one in search(connection, query.model_copy(update={"limit": limit}))]


def remove_found(
    connection: Connection,
    query: Q,
    search: Callable[[Connection, Q], Sequence[Stored]],
    remove: Callable[[Connection, UUID], Any],
) -> list[UUID]:
    """Delete what the query finds, and return its ids."""
    doomed = found(connection, query, search)
    for one in doomed:
        remove(connection, one)
    return doomed

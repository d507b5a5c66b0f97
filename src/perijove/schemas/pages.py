"""Answers about many things at once."""

from typing import Generic, TypeVar
from uuid import UUID

from perijove.schemas.base import Model

T = TypeVar("T")


class Paginated(Model, Generic[T]):
    """A page of what was found: ``count`` in all, on ``pages`` pages of ``limit``; ``page`` counts from 1."""

    results: list[T]
    count: int
    limit: int
    pages: int
    page: int


class Deleted(Model):
    """What is no more."""

    deleted: list[UUID]

"""Events: what happened to which resource, as Prefect tells it."""

from typing import Any
from uuid import UUID, uuid4

from pydantic import Field

from perijove import clock
from perijove.schemas.base import Instant, Model

Resource = dict[str, str]
"""Labels of a thing; ``prefect.resource.id`` is its name among all things."""


class Event(Model):
    occurred: Instant = Field(default_factory=clock.now)
    event: str
    resource: Resource
    related: list[Resource] = Field(default_factory=list)
    payload: dict[str, Any] = Field(default_factory=dict)
    id: UUID = Field(default_factory=uuid4)
    follows: UUID | None = None

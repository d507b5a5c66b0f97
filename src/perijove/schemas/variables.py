"""Variables: named JSON values that templates and flows read."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from perijove.schemas.base import Request, Stored
from perijove.schemas.filters import Among, Filter, Page, Tags, Text, VariableSort

VariableName = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9_-]+$")]


class VariableCreate(Request):
    name: VariableName
    value: Any
    tags: list[str] = Field(default_factory=list)


class VariableUpdate(Request):
    name: VariableName | None = None
    value: Any = None
    tags: list[str] | None = None


class Variable(Stored):
    name: str
    value: Any = None
    tags: list[str] = Field(default_factory=list)


class VariableFilter(Filter):
    id: Among[UUID] | None = None
    name: Text | None = None
    tags: Tags | None = None


class VariableQuery(Page):
    variables: VariableFilter | None = None
    sort: VariableSort | None = None

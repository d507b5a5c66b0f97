"""Variables: named JSON values that templates and flows read."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import to_json

from perijove.schemas.base import Request, Stored, slug
from perijove.schemas.filters import Among, Filter, Page, Tags, Text, VariableSort

LONGEST_VALUE = 5000
"""Bytes that a value may have, as JSON."""

LONGEST_NAME = 255


def _is_short(value: Any) -> Any:
    if value is not None and len(to_json(value)) > LONGEST_VALUE:
        raise ValueError(f"Variable value must be less than {LONGEST_VALUE} characters")
    return value


def _is_short_name(name: str) -> str:
    if len(name) > LONGEST_NAME:
        raise ValueError(f"Value should have at most {LONGEST_NAME} characters")
    return name


VariableName = Annotated[str, slug("Variable name", underscores=True), AfterValidator(_is_short_name)]
VariableValue = Annotated[Any, AfterValidator(_is_short)]


class VariableCreate(Request):
    name: VariableName
    value: VariableValue
    tags: list[str] = Field(default_factory=list)


class VariableUpdate(Request):
    name: VariableName | None = None
    value: VariableValue = None
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

"""Flows: what deployments and runs are of, known to a server by name alone."""

from pydantic import Field

from perijove.schemas.base import JsonObject, Name, Request, Stored


class FlowCreate(Request):
    name: Name
    tags: list[str] = Field(default_factory=list)
    labels: JsonObject | None = Field(default_factory=dict)


class FlowUpdate(Request):
    tags: list[str] | None = None
    labels: JsonObject | None = None


class Flow(Stored):
    name: str
    tags: list[str] = Field(default_factory=list)
    labels: JsonObject = Field(default_factory=dict)

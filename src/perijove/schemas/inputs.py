"""Inputs of flow runs: what a person, or another run, gives to a run that waits for it."""

from uuid import UUID

from pydantic import Field

from perijove.schemas.base import JsonObject, Request, Stored


class FlowRunInputCreate(Request):
    """``value`` is JSON in a string."""

    key: str = Field(min_length=1)
    value: str
    sender: str | None = None


class FlowRunInput(Stored):
    flow_run_id: UUID
    key: str
    value: str
    sender: str | None = None


class FlowRunInputQuery(Request):
    """The inputs whose key starts with ``prefix``, but for ``exclude_keys``."""

    prefix: str
    limit: int = Field(default=1, ge=0, le=200)
    exclude_keys: list[str] = Field(default_factory=list)


class Resume(Request):
    """What a paused run goes on with: values by the schema that it paused with."""

    run_input: JsonObject | None = None

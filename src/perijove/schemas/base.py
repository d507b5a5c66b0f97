"""What every model of the wire shares: open to unknown fields in answers, closed to them in requests."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("is before the year 1 or after the year 9999 in UTC") from None


Instant = Annotated[datetime, AfterValidator(_in_utc)]
"""A point in time: aware and in UTC, whatever offset it arrived with; a naive one is taken as UTC."""

Name = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^/%&><]+$")]
"""A name that can stand in ``flow/deployment`` and in a URL's path."""

JsonObject = dict[str, Any]


class Model(BaseModel):
    """An answer. Fields that this version doesn't know are ignored, so that newer servers stay readable."""

    model_config = ConfigDict(extra="ignore")


class Request(BaseModel):
    """What a client sends. An unknown field is a mistake, and is answered with 422 (Prefect's ``extra="forbid"``)."""

    model_config = ConfigDict(extra="forbid")


class Stored(Model):
    """An answer about a thing that the server keeps."""

    id: UUID
    created: Instant
    updated: Instant

"""What every model of the wire shares: open to unknown fields in answers, closed to them in requests."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _in_utc(instant: datetime) -> datetime:
    if not instant.utcoffset():  # naive, or in UTC by whatever name: far quicker than a conversion
        return instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("is before the year 1 or after the year 9999 in UTC") from None


Instant = Annotated[datetime, AfterValidator(_in_utc)]
"""A point in time: aware and in UTC, whatever offset it arrived with; a naive one is taken as UTC."""

Name = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^/%&><]+$")]
"""A name that can stand in ``flow/deployment`` and in a URL's path."""


def slug(what: str, *, underscores: bool = False) -> AfterValidator:
    """Whether a text is made of what may stand in a slug; ``what`` opens the message."""
    allowed = re.compile(r"[a-z0-9_-]+" if underscores else r"[a-z0-9-]+")
    letters = "numbers, and dashes or underscores" if underscores else "numbers, and dashes"

    def check(text: str) -> str:
        if not allowed.fullmatch(text):
            raise ValueError(f"{what} must only contain lowercase letters, {letters}.")
        return text

    return AfterValidator(check)


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

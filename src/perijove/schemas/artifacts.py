"""Artifacts: what a run shows of its work, such as a progress, a table or a text. Those of one key are versions."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from perijove.schemas.base import JsonObject, Request, Stored
from perijove.schemas.filters import Among, Filter, Query, Text


class ArtifactCreate(Request):
    """``data`` of a table is JSON in a string, of a progress a number; ``key`` None: a version of nothing."""

    key: str | None = Field(default=None, pattern=r"^[a-z0-9-]+$")
    type: str | None = None
    description: str | None = None
    data: Any = None
    metadata_: JsonObject | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class ArtifactUpdate(Request):
    data: Any = None
    description: str | None = None
    metadata_: JsonObject | None = None


class Artifact(Stored):
    key: str | None = None
    type: str | None = None
    description: str | None = None
    data: Any = None
    metadata_: JsonObject | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class LatestArtifact(Artifact):
    """A key, with its newest version."""

    latest_id: UUID


class KeyFilter(Text):
    """``exists_``: the artifact has a key, or it has none."""

    exists_: bool | None = None


class ArtifactFilter(Filter):
    id: Among[UUID] | None = None
    latest_id: Among[UUID] | None = None
    key: KeyFilter | None = None
    flow_run_id: Among[UUID] | None = None
    task_run_id: Among[UUID] | None = None
    type: Text | None = None


class ArtifactSort(StrEnum):
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    ID_DESC = "ID_DESC"
    KEY_ASC = "KEY_ASC"
    KEY_DESC = "KEY_DESC"


class ArtifactQuery(Query):
    artifacts: ArtifactFilter | None = None
    sort: ArtifactSort | None = None

"""Deployments: a flow with all that is needed to run it elsewhere and later."""

from enum import StrEnum
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from perijove.schemas.base import Instant, JsonObject, Model, Name, Request, Stored
from perijove.schemas.concurrency import ConcurrencyLimit
from perijove.schemas.runs import FlowRunPolicy
from perijove.schemas.schedules import DeploymentSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate
from perijove.schemas.states import StateCreate

PullStep = dict[str, Any]
"""One pull step: ``{"package.module.function": {inputs}}``."""


def _empty_schema() -> JsonObject:
    return {"type": "object", "properties": {}}


class DeploymentStatus(StrEnum):
    READY = "READY"
    NOT_READY = "NOT_READY"


class CollisionStrategy(StrEnum):
    """What becomes of a run that finds its deployment's limit full: it waits, or is cancelled."""

    ENQUEUE = "ENQUEUE"
    CANCEL_NEW = "CANCEL_NEW"


class ConcurrencyOptions(Model):
    collision_strategy: CollisionStrategy
    grace_period_seconds: int | None = Field(default=None, ge=60, le=86400)


class ConcurrencyLimitConfig(Request):
    """How many runs of a deployment may go on at once, and what becomes of one too many."""

    limit: int = Field(gt=0)
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"] = "ENQUEUE"
    grace_period_seconds: int | None = Field(default=None, ge=60, le=86400)


class _Limited(Request):
    """``concurrency_limit``: one of its own; ``global_concurrency_limit_id``: one that it shares."""

    concurrency_limit: int | None = Field(default=None, gt=0)
    concurrency_options: ConcurrencyOptions | None = None
    global_concurrency_limit_id: UUID | None = None

    @model_validator(mode="after")
    def _has_one_limit(self) -> Self:
        if self.concurrency_limit and self.global_concurrency_limit_id:
            raise ValueError("A deployment cannot have both a concurrency limit and a global concurrency limit.")
        return self


class DeploymentCreate(_Limited):
    name: Name
    flow_id: UUID
    paused: bool = False
    schedules: list[DeploymentScheduleCreate] = Field(default_factory=list)
    enforce_parameter_schema: bool = True
    parameter_openapi_schema: JsonObject | None = Field(default_factory=_empty_schema)
    parameters: JsonObject = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)
    labels: JsonObject | None = Field(default_factory=dict)
    pull_steps: list[PullStep] | None = None
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    job_variables: JsonObject = Field(default_factory=dict)
    description: str | None = None
    path: str | None = None
    version: str | None = None
    version_info: JsonObject | None = None
    entrypoint: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None


class DeploymentUpdate(_Limited):
    """What a PATCH may change. A field that is absent stays; one that is null is cleared."""

    paused: bool | None = None
    schedules: list[DeploymentScheduleUpdate] | None = None
    enforce_parameter_schema: bool | None = None
    parameter_openapi_schema: JsonObject | None = None
    parameters: JsonObject | None = None
    tags: list[str] | None = None
    labels: JsonObject | None = None
    pull_steps: list[PullStep] | None = None
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    job_variables: JsonObject | None = None
    description: str | None = None
    path: str | None = None
    version: str | None = None
    version_info: JsonObject | None = None
    entrypoint: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None


class Deployment(Stored):
    name: str
    flow_id: UUID
    version: str | None = None
    description: str | None = None
    paused: bool = False
    schedules: list[DeploymentSchedule] = Field(default_factory=list)
    concurrency_limit: int | None = None
    global_concurrency_limit: ConcurrencyLimit | None = None
    concurrency_options: ConcurrencyOptions | None = None
    job_variables: JsonObject = Field(default_factory=dict)
    parameters: JsonObject = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)
    labels: JsonObject = Field(default_factory=dict)
    work_queue_name: str | None = None
    work_queue_id: UUID | None = None
    work_pool_name: str | None = None
    last_polled: Instant | None = None
    parameter_openapi_schema: JsonObject | None = Field(default_factory=_empty_schema)
    path: str | None = None
    pull_steps: list[PullStep] | None = None
    entrypoint: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    status: DeploymentStatus | None = DeploymentStatus.NOT_READY
    enforce_parameter_schema: bool = True

    @property
    def entity_tag(self) -> str:
        """What tells the deployment from what it was before a change (RFC 9110, section 8.8.3). Ours."""
        return f'"{self.updated.isoformat() if self.updated else ""}"'


class DeploymentFlowRunCreate(Request):
    """A run of a deployment, now or at its state's scheduled time."""

    state: StateCreate | None = None
    name: str | None = None
    parameters: JsonObject = Field(default_factory=dict)
    enforce_parameter_schema: bool | None = None
    context: JsonObject = Field(default_factory=dict)
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    idempotency_key: str | None = None
    labels: JsonObject | None = None
    parent_task_run_id: UUID | None = None
    work_queue_name: str | None = None
    job_variables: JsonObject | None = None

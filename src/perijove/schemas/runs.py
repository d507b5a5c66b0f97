"""Flow runs and task runs, and the server's verdict on a proposed state."""

from datetime import timedelta
from enum import StrEnum
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from perijove.schemas.base import Instant, JsonObject, Model, Request, Stored
from perijove.schemas.filters import FlowRunQuery
from perijove.schemas.schedules import Seconds
from perijove.schemas.states import State, StateCreate, StateType

MOST_RETRY_DELAYS = 50


class FlowRunPolicy(Model):
    """What the server knows of a flow run's retries (Prefect's ``empirical_policy``)."""

    max_retries: int = 0
    retry_delay_seconds: float = 0
    retries: int | None = None
    retry_delay: int | None = None
    pause_keys: set[str] | None = Field(default_factory=set)
    resuming: bool | None = False
    retry_type: str | None = None


class TaskRunPolicy(Model):
    max_retries: int = 0
    retry_delay_seconds: float = 0
    retries: int | None = None
    retry_delay: float | list[float] | None = None
    retry_jitter_factor: float | None = None

    @model_validator(mode="after")
    def _is_within_bounds(self) -> Self:
        if isinstance(self.retry_delay, list) and len(self.retry_delay) > MOST_RETRY_DELAYS:
            raise ValueError(f"Can not configure more than {MOST_RETRY_DELAYS} retry delays per task.")
        if self.retry_jitter_factor is not None and self.retry_jitter_factor < 0:
            raise ValueError("`retry_jitter_factor` must be >= 0.")
        return self


class CreatedBy(Model):
    """Who made a run: a person's client, or a schedule."""

    id: UUID | None = None
    type: str | None = None
    display_value: str | None = None


class FlowRunCreate(Request):
    """A run that some process has started by itself, deployed or not."""

    flow_id: UUID
    state: StateCreate | None = None
    name: str | None = None
    flow_version: str | None = None
    parameters: JsonObject = Field(default_factory=dict)
    context: JsonObject = Field(default_factory=dict)
    parent_task_run_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    labels: JsonObject | None = None
    idempotency_key: str | None = None
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    job_variables: JsonObject | None = Field(default_factory=dict)
    deployment_id: UUID | None = None


class FlowRunUpdate(Request):
    name: str | None = None
    flow_version: str | None = None
    parameters: JsonObject | None = None
    empirical_policy: FlowRunPolicy | None = None
    tags: list[str] | None = None
    infrastructure_pid: str | None = None
    job_variables: JsonObject | None = None


class FlowRun(Stored):
    name: str
    flow_id: UUID
    state_id: UUID | None = None
    deployment_id: UUID | None = None
    deployment_version: str | None = None
    work_queue_id: UUID | None = None
    work_queue_name: str | None = None
    work_pool_id: UUID | None = None
    work_pool_name: str | None = None
    flow_version: str | None = None
    parameters: JsonObject = Field(default_factory=dict)
    idempotency_key: str | None = None
    context: JsonObject = Field(default_factory=dict)
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    labels: JsonObject = Field(default_factory=dict)
    parent_task_run_id: UUID | None = None
    state_type: StateType | None = None
    state_name: str | None = None
    run_count: int = 0
    expected_start_time: Instant | None = None
    next_scheduled_start_time: Instant | None = None
    start_time: Instant | None = None
    end_time: Instant | None = None
    total_run_time: Seconds = timedelta(0)
    estimated_run_time: Seconds = timedelta(0)
    estimated_start_time_delta: Seconds = timedelta(0)
    auto_scheduled: bool = False
    infrastructure_document_id: UUID | None = None
    infrastructure_pid: str | None = None
    created_by: CreatedBy | None = None
    state: State | None = None
    job_variables: JsonObject | None = None
    lease_holder: UUID | None = Field(default=None, exclude=True)  # who runs it is between the server and him


class FlowRunCreated(Model):
    """What became of one of several runs: CREATED, or FAILED with the reason."""

    flow_run_id: UUID | None = None
    status: Literal["CREATED", "FAILED"]
    error: str | None = None


class FlowRunsCreated(Model):
    results: list[FlowRunCreated] = Field(default_factory=list)


class TaskRunCreate(Request):
    id: UUID | None = None
    state: StateCreate | None = None
    name: str | None = None
    flow_run_id: UUID | None = None
    task_key: str
    dynamic_key: str
    cache_key: str | None = None
    cache_expiration: Instant | None = None
    task_version: str | None = None
    empirical_policy: TaskRunPolicy = Field(default_factory=TaskRunPolicy)
    tags: list[str] = Field(default_factory=list)
    labels: JsonObject | None = None
    task_inputs: dict[str, list[JsonObject]] = Field(default_factory=dict)


class TaskRunUpdate(Request):
    name: str = Field(default="", min_length=1)


class TaskRun(Stored):
    name: str
    flow_run_id: UUID | None = None
    task_key: str
    dynamic_key: str
    cache_key: str | None = None
    cache_expiration: Instant | None = None
    task_version: str | None = None
    empirical_policy: TaskRunPolicy = Field(default_factory=TaskRunPolicy)
    tags: list[str] = Field(default_factory=list)
    labels: JsonObject = Field(default_factory=dict)
    state_id: UUID | None = None
    task_inputs: dict[str, list[JsonObject]] = Field(default_factory=dict)
    state_type: StateType | None = None
    state_name: str | None = None
    run_count: int = 0
    flow_run_run_count: int = 0
    expected_start_time: Instant | None = None
    next_scheduled_start_time: Instant | None = None
    start_time: Instant | None = None
    end_time: Instant | None = None
    total_run_time: Seconds = timedelta(0)
    estimated_run_time: Seconds = timedelta(0)
    estimated_start_time_delta: Seconds = timedelta(0)
    state: State | None = None


class SetStateStatus(StrEnum):
    """The server's answer to a proposed state."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    ABORT = "ABORT"
    WAIT = "WAIT"


class SetState(Request):
    """Ours: ``lease`` is the holder on whose behalf the state is proposed, and ``changes`` go with it if accepted."""

    state: StateCreate
    force: bool = False
    lease: UUID | None = None
    changes: FlowRunUpdate | None = None


class OrchestrationResult(Model):
    """``state`` is the state that the run now has; ``details`` say why, and for WAIT ``delay_seconds``."""

    state: State | None
    status: SetStateStatus
    details: dict[str, Any] = Field(default_factory=dict)


class FlowRunStateQuery(FlowRunQuery):
    """A state to propose for the runs that the query asks for."""

    state: StateCreate
    force: bool = False


class FlowRunOrchestrationResult(OrchestrationResult):
    flow_run_id: UUID


class OrchestrationResults(Model):
    results: list[FlowRunOrchestrationResult] = Field(default_factory=list)

"""Work pools, their queues and the workers that serve them."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from perijove.schemas import job_templates
from perijove.schemas.base import Instant, JsonObject, Model, Name, Request, Stored
from perijove.schemas.filters import Among, Filter, Page, Span
from perijove.schemas.runs import FlowRun

EXECUTE = ("-m", "perijove", "flow-run", "execute")
"""What, after an interpreter, the job variable ``command`` says where a worker that isn't Perijove's can't know by
itself how one of Perijove's flows is started."""


class WorkPoolStatus(StrEnum):
    READY = "READY"
    NOT_READY = "NOT_READY"
    PAUSED = "PAUSED"


class StorageConfiguration(Request):
    """Where a pool's workers keep code and results; here only kept for them."""

    bundle_upload_step: JsonObject | None = None
    bundle_execution_step: JsonObject | None = None
    default_result_storage_block_id: UUID | None = None


def _not_blank(name: str) -> str:
    if not name.strip("'\" "):
        raise ValueError("name cannot be an empty string")
    return name


JobTemplate = Annotated[JsonObject, AfterValidator(job_templates.check)]


class WorkPoolCreate(Request):
    name: Annotated[Name, AfterValidator(_not_blank)]
    type: str = "process"
    description: str | None = None
    base_job_template: JobTemplate = Field(default_factory=dict)
    is_paused: bool = False
    concurrency_limit: int | None = Field(default=None, ge=0)
    storage_configuration: StorageConfiguration = Field(default_factory=StorageConfiguration)


class WorkPoolUpdate(Request):
    description: str | None = None
    base_job_template: JobTemplate | None = None
    is_paused: bool | None = None
    concurrency_limit: int | None = Field(default=None, ge=0)
    storage_configuration: StorageConfiguration | None = None


class WorkPool(Stored):
    name: str
    type: str
    description: str | None = None
    base_job_template: JsonObject = Field(default_factory=dict)
    is_paused: bool = False
    concurrency_limit: int | None = None
    active_slots: int | None = None
    status: WorkPoolStatus | None = None
    default_queue_id: UUID | None = None
    storage_configuration: StorageConfiguration = Field(default_factory=StorageConfiguration)


class WorkQueue(Stored):
    name: str
    work_pool_id: UUID
    work_pool_name: str | None = None
    description: str | None = ""
    is_paused: bool = False
    concurrency_limit: int | None = None
    priority: int = 1
    last_polled: Instant | None = None
    status: str | None = None
    active_slots: int | None = None
    filter: JsonObject | None = None


class WorkQueueCreate(Request):
    """``priority`` 1 is the most urgent; None: after those that the pool has."""

    name: Name
    description: str | None = ""
    is_paused: bool = False
    concurrency_limit: int | None = Field(default=None, ge=0)
    priority: int | None = Field(default=None, gt=0)
    filter: JsonObject | None = None


class WorkQueueUpdate(Request):
    name: Name | None = None
    description: str | None = None
    is_paused: bool | None = None
    concurrency_limit: int | None = Field(default=None, ge=0)
    priority: int | None = Field(default=None, gt=0)
    last_polled: Instant | None = None
    filter: JsonObject | None = None


class WorkQueueHealth(Model):
    """Whether the queue's runs are on time: it was asked for runs within a minute, and none is late."""

    healthy: bool
    late_runs_count: int = 0
    last_polled: Instant | None = None
    health_check_policy: JsonObject = Field(default_factory=dict)


class WorkerHeartbeat(Request):
    name: str = Field(min_length=1)
    heartbeat_interval_seconds: int | None = None


class Worker(Stored):
    name: str
    work_pool_id: UUID
    last_heartbeat_time: Instant | None = None
    heartbeat_interval_seconds: int | None = None
    status: str = "ONLINE"


class WorkerFilter(Filter):
    last_heartbeat_time: Span | None = None
    status: Among[str] | None = None


class WorkerQuery(Page):
    workers: WorkerFilter | None = None


class ScheduledRunsRequest(Request):
    """Which runs of a pool are asked for: with ``scheduled_before`` None, those of any time."""

    work_queue_names: list[str] | None = None
    scheduled_before: Instant | None = None
    scheduled_after: Instant | None = None
    limit: int | None = Field(default=None, ge=0, le=200)


class QueueRunsRequest(Request):
    limit: int = Field(default=200, ge=0, le=200)
    scheduled_before: Instant | None = None
    agent_id: UUID | None = None


class ScheduledFlowRun(Model):
    work_pool_id: UUID
    work_queue_id: UUID
    flow_run: FlowRun

"""What to look for: Prefect's filters, as a few kinds of criterion over named fields.

Criteria given together all hold. An absent or null criterion asks nothing; ``any_: []`` matches nothing.
"""

from enum import StrEnum
from typing import Generic, Literal, TypeVar
from uuid import UUID

from pydantic import Field

from perijove.schemas.base import Instant, Request
from perijove.schemas.states import StateType
from perijove.schemas.text_search import TextSearch

T = TypeVar("T")


class Among(Request, Generic[T]):
    """The field's value is one of ``any_`` and none of ``not_any_``; ``is_null_``: it is absent, or it is not."""

    any_: list[T] | None = None
    not_any_: list[T] | None = None
    is_null_: bool | None = None
    operator: Literal["and_", "or_"] = "and_"


class Text(Among[str]):
    """``like_``: contains, whatever the case; as with Prefect, ``%`` is anything in it, and ``_`` any one character."""

    like_: str | None = None
    startswith_: list[str] | None = None


class Tags(Request):
    """A set: holds all of ``all_``, at least one of ``any_``; ``is_null_``: is empty, or is not."""

    all_: list[str] | None = None
    any_: list[str] | None = None
    is_null_: bool | None = None
    operator: Literal["and_", "or_"] = "and_"


class Span(Request):
    """An instant at or after ``after_`` and at or before ``before_``."""

    after_: Instant | None = None
    before_: Instant | None = None
    start_: Instant | None = None
    end_: Instant | None = None
    is_null_: bool | None = None


class Flag(Request):
    eq_: bool | None = None
    is_null_: bool | None = None


class Exists(Request):
    exists_: bool | None = None


class Level(Request):
    ge_: int | None = None
    le_: int | None = None
    is_null_: bool | None = None
    operator: Literal["and_", "or_"] = "and_"


class CreatedByFilter(Request):
    """Who made a run, by id and by type (``SCHEDULE``, ``DEPLOYMENT``, ``AUTOMATION``)."""

    id_: list[UUID] | None = None
    type_: list[str] | None = None
    is_null_: bool | None = None
    operator: Literal["and_", "or_"] = "and_"


class StateFilter(Request):
    type: Among[StateType] | None = None
    name: Among[str] | None = None
    operator: Literal["and_", "or_"] = "and_"


class Filter(Request):
    """Fields to criteria."""

    operator: Literal["and_", "or_"] = "and_"


class FlowFilter(Filter):
    id: Among[UUID] | None = None
    deployment: Among[UUID] | None = None
    name: Text | None = None
    tags: Tags | None = None


class DeploymentFilter(Filter):
    id: Among[UUID] | None = None
    name: Text | None = None
    flow_or_deployment_name: Text | None = None
    paused: Flag | None = None
    tags: Tags | None = None
    work_queue_name: Text | None = None
    work_queue_id: Among[UUID] | None = None
    concurrency_limit: Level | None = None


class FlowRunFilter(Filter):
    id: Among[UUID] | None = None
    name: Text | None = None
    tags: Tags | None = None
    deployment_id: Among[UUID] | None = None
    work_queue_name: Text | None = None
    state: StateFilter | None = None
    flow_version: Text | None = None
    start_time: Span | None = None
    end_time: Span | None = None
    expected_start_time: Span | None = None
    next_scheduled_start_time: Span | None = None
    parent_flow_run_id: Among[UUID] | None = None
    parent_task_run_id: Among[UUID] | None = None
    idempotency_key: Among[str] | None = None
    created_by: CreatedByFilter | None = None


class TaskRunFilter(Filter):
    id: Among[UUID] | None = None
    name: Text | None = None
    tags: Tags | None = None
    state: StateFilter | None = None
    start_time: Span | None = None
    end_time: Span | None = None
    expected_start_time: Span | None = None
    subflow_runs: Exists | None = None
    flow_run_id: Among[UUID] | None = None


class WorkPoolFilter(Filter):
    id: Among[UUID] | None = None
    name: Text | None = None
    type: Text | None = None


class WorkQueueFilter(Filter):
    id: Among[UUID] | None = None
    name: Text | None = None


class LogFilter(Filter):
    level: Level | None = None
    timestamp: Span | None = None
    flow_run_id: Among[UUID] | None = None
    task_run_id: Among[UUID] | None = None
    text: TextSearch | None = None


class FlowSort(StrEnum):
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"


class DeploymentSort(StrEnum):
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"


class FlowRunSort(StrEnum):
    ID_DESC = "ID_DESC"
    START_TIME_ASC = "START_TIME_ASC"
    START_TIME_DESC = "START_TIME_DESC"
    EXPECTED_START_TIME_ASC = "EXPECTED_START_TIME_ASC"
    EXPECTED_START_TIME_DESC = "EXPECTED_START_TIME_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    NEXT_SCHEDULED_START_TIME_ASC = "NEXT_SCHEDULED_START_TIME_ASC"
    END_TIME_DESC = "END_TIME_DESC"


class TaskRunSort(StrEnum):
    ID_DESC = "ID_DESC"
    EXPECTED_START_TIME_ASC = "EXPECTED_START_TIME_ASC"
    EXPECTED_START_TIME_DESC = "EXPECTED_START_TIME_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    NEXT_SCHEDULED_START_TIME_ASC = "NEXT_SCHEDULED_START_TIME_ASC"
    END_TIME_DESC = "END_TIME_DESC"


class VariableSort(StrEnum):
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"


class LogSort(StrEnum):
    TIMESTAMP_ASC = "TIMESTAMP_ASC"
    TIMESTAMP_DESC = "TIMESTAMP_DESC"


class Page(Request):
    limit: int | None = Field(default=None, ge=0)
    offset: int | None = Field(default=None, ge=0)


class Numbered(Page):
    """Pages are counted from 1."""

    page: int = Field(default=1, ge=1)


class Query(Page):
    """The body of every ``/filter`` and ``/count``: criteria on the thing itself and on what it belongs to."""

    flows: FlowFilter | None = None
    deployments: DeploymentFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    work_pools: WorkPoolFilter | None = None
    work_pool_queues: WorkQueueFilter | None = None
    work_queues: WorkQueueFilter | None = None


class FlowQuery(Query):
    sort: FlowSort | None = None


class DeploymentQuery(Query):
    sort: DeploymentSort | None = None


class FlowRunQuery(Query):
    sort: FlowRunSort | None = None


class TaskRunQuery(Query):
    sort: TaskRunSort | None = None


class FlowPages(FlowQuery, Numbered):
    """The body of ``/flows/paginate``."""


class DeploymentPages(DeploymentQuery, Numbered):
    """The body of ``/deployments/paginate``."""


class FlowRunPages(FlowRunQuery, Numbered):
    """The body of ``/flow_runs/paginate``."""


class TaskRunPages(TaskRunQuery, Numbered):
    """The body of ``/task_runs/paginate``."""


class WorkPoolQuery(Page):
    work_pools: WorkPoolFilter | None = None


class WorkQueueQuery(Page):
    work_queues: WorkQueueFilter | None = None


class LogQuery(Page):
    logs: LogFilter | None = None
    sort: LogSort | None = None


class LogSubscription(Request):
    """What a client asks of a stream of log lines: Prefect's filter message.

    ``backfill`` is ours: also the lines that are there already, those after the line ``after`` if it is given. So is
    ``together``: a message may hold several lines, as ``{"type": "logs", "logs": [...]}``.
    """

    type: Literal["filter"]
    filter: LogFilter = Field(default_factory=LogFilter)
    backfill: bool = False
    after: UUID | None = None
    together: bool = False

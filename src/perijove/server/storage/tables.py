"""The tables as SQLAlchemy Core sees them. ``migrations/`` is what makes them; a test holds the two together.

Every value that is read comes by here, so SQLAlchemy is given the function that makes it, and not a method that has to
be asked for it each time.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import Boolean, Column, Dialect, Float, Integer, MetaData, Table, Text, TypeDecorator

from perijove.errors import Invalid

metadata = MetaData()

DEEPEST = 32
"""Levels that a JSON value may be nested."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Id(TypeDecorator[UUID]):
    """A UUID, kept as 32 hexadecimal digits."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.hex

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], UUID | None]:  # noqa: ARG002
        return _id


class Moment(TypeDecorator[datetime]):
    """An aware instant, kept as microseconds since 1970 UTC."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else as_microseconds(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:  # noqa: ARG002
        return _moment


class Length(TypeDecorator[timedelta]):
    """A length of time, kept as microseconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else value // _MICROSECOND

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], timedelta | None]:  # noqa: ARG002
        return _length


class Json(TypeDecorator[Any]):
    """Anything that is JSON, models included; None is SQL's NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else as_json(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:  # noqa: ARG002
        return _json


# Few things are in most rows: a flow, a deployment, a queue and a pool; and an id takes its time to read.
@lru_cache(maxsize=4096)
def _id(value: str | None) -> UUID | None:
    return None if value is None else UUID(hex=value)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def _length(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(microseconds=value)


def _json(value: str | None) -> Any:
    return None if value is None else from_json(value)


def as_json(value: Any) -> str:
    """A value as its column holds it; raises Invalid (422) for one that is nested too deep."""
    return to_json(_shallow(value, DEEPEST)).decode()


def as_microseconds(instant: datetime) -> int:
    """An instant as its column holds it."""
    return (instant - _EPOCH) // _MICROSECOND


def _shallow(value: Any, levels: int) -> Any:
    """``value``, unless it is nested deeper than what every reader can read back (Invalid, 422)."""
    if not levels:
        raise Invalid(422, f"A value is nested deeper than {DEEPEST} levels.")
    if isinstance(value, dict):
        for part in value.values():
            _shallow(part, levels - 1)
    elif isinstance(value, list):
        for part in value:
            _shallow(part, levels - 1)
    return value


def _stored() -> list[Column[Any]]:
    return [Column("id", Id, primary_key=True), Column("created", Moment), Column("updated", Moment)]


flows = Table("flows", metadata, *_stored(), Column("name", Text), Column("tags", Json), Column("labels", Json))

work_pools = Table(
    "work_pools",
    metadata,
    *_stored(),
    Column("name", Text),
    Column("type", Text),
    Column("description", Text),
    Column("base_job_template", Json),
    Column("is_paused", Boolean),
    Column("concurrency_limit", Integer),
    Column("storage_configuration", Json),
    Column("default_queue_id", Id),
    Column("told_status", Text),
)

work_queues = Table(
    "work_queues",
    metadata,
    *_stored(),
    Column("work_pool_id", Id),
    Column("name", Text),
    Column("description", Text),
    Column("is_paused", Boolean),
    Column("concurrency_limit", Integer),
    Column("priority", Integer),
    Column("last_polled", Moment),
    Column("told_status", Text),
)

workers = Table(
    "workers",
    metadata,
    *_stored(),
    Column("work_pool_id", Id),
    Column("name", Text),
    Column("last_heartbeat_time", Moment),
    Column("heartbeat_interval_seconds", Integer),
)

deployments = Table(
    "deployments",
    metadata,
    *_stored(),
    Column("flow_id", Id),
    Column("name", Text),
    Column("version", Text),
    Column("description", Text),
    Column("paused", Boolean),
    Column("concurrency_options", Json),
    Column("job_variables", Json),
    Column("parameters", Json),
    Column("parameter_openapi_schema", Json),
    Column("enforce_parameter_schema", Boolean),
    Column("tags", Json),
    Column("labels", Json),
    Column("work_queue_id", Id),
    Column("path", Text),
    Column("pull_steps", Json),
    Column("entrypoint", Text),
    Column("last_polled", Moment),
    Column("concurrency_limit_id", Id),
    Column("storage_document_id", Id),
    Column("infrastructure_document_id", Id),
    Column("told_status", Text),
)

deployment_schedules = Table(
    "deployment_schedules",
    metadata,
    *_stored(),
    Column("deployment_id", Id),
    Column("schedule", Json),
    Column("active", Boolean),
    Column("parameters", Json),
    Column("slug", Text),
    Column("max_scheduled_runs", Integer),
    Column("slot", Text),
    Column("refill_at", Moment),
    Column("catchup", Text),
    Column("overlap", Text),
)


def _state_of_run() -> list[Column[Any]]:
    return [
        Column("state_id", Id),
        Column("state_type", Text),
        Column("state_name", Text),
        Column("state_timestamp", Moment),
        Column("run_count", Integer),
        Column("expected_start_time", Moment),
        Column("next_scheduled_start_time", Moment),
        Column("start_time", Moment),
        Column("end_time", Moment),
        Column("total_run_time", Length),
    ]


flow_runs = Table(
    "flow_runs",
    metadata,
    *_stored(),
    Column("name", Text),
    Column("flow_id", Id),
    Column("deployment_id", Id),
    Column("deployment_version", Text),
    Column("work_queue_id", Id),
    Column("flow_version", Text),
    Column("parameters", Json),
    Column("idempotency_key", Text),
    Column("context", Json),
    Column("empirical_policy", Json),
    Column("tags", Json),
    Column("labels", Json),
    Column("parent_task_run_id", Id),
    *_state_of_run(),
    Column("auto_scheduled", Boolean),
    Column("infrastructure_pid", Text),
    Column("lease_holder", Id),
    Column("created_by", Json),
    Column("job_variables", Json),
    Column("slot", Text),
    Column("scheduled_for", Moment),
)

task_runs = Table(
    "task_runs",
    metadata,
    *_stored(),
    Column("name", Text),
    Column("flow_run_id", Id),
    Column("task_key", Text),
    Column("dynamic_key", Text),
    Column("cache_key", Text),
    Column("cache_expiration", Moment),
    Column("task_version", Text),
    Column("empirical_policy", Json),
    Column("tags", Json),
    Column("labels", Json),
    Column("task_inputs", Json),
    *_state_of_run(),
    Column("flow_run_run_count", Integer),
)


def _states(name: str, run: str) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column(run, Id),
        Column("type", Text),
        Column("name", Text),
        Column("timestamp", Moment),
        Column("message", Text),
        Column("data", Json),
        Column("state_details", Json),
    )


flow_run_states = _states("flow_run_states", "flow_run_id")
task_run_states = _states("task_run_states", "task_run_id")

logs = Table(
    "logs",
    metadata,
    *_stored(),
    Column("name", Text),
    Column("level", Integer),
    Column("message", Text),
    Column("timestamp", Moment),
    Column("flow_run_id", Id),
    Column("task_run_id", Id),
)

variables = Table("variables", metadata, *_stored(), Column("name", Text), Column("value", Json), Column("tags", Json))

artifacts = Table(
    "artifacts",
    metadata,
    *_stored(),
    Column("key", Text),
    Column("type", Text),
    Column("description", Text),
    Column("data", Json),
    Column("metadata_", Json),
    Column("flow_run_id", Id),
    Column("task_run_id", Id),
)

flow_run_inputs = Table(
    "flow_run_inputs",
    metadata,
    *_stored(),
    Column("flow_run_id", Id),
    Column("key", Text),
    Column("value", Text),
    Column("sender", Text),
)

concurrency_limits = Table(
    "concurrency_limits",
    metadata,
    *_stored(),
    Column("name", Text),
    Column("limit", Integer),
    Column("active", Boolean),
    Column("active_slots", Float),
    Column("slots_at", Moment),
    Column("denied_slots", Integer),
    Column("slot_decay_per_second", Float),
    Column("avg_slot_occupancy_seconds", Float),
)

concurrency_leases = Table(
    "concurrency_leases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("limit_id", Id, primary_key=True),
    Column("slots", Integer),
    Column("expires_at", Moment),
    Column("holder_id", Text),
)

block_types = Table(
    "block_types",
    metadata,
    *_stored(),
    Column("name", Text),
    Column("slug", Text),
    Column("logo_url", Text),
    Column("documentation_url", Text),
    Column("description", Text),
    Column("code_example", Text),
    Column("is_protected", Boolean),
)

block_schemas = Table(
    "block_schemas",
    metadata,
    *_stored(),
    Column("checksum", Text),
    Column("fields", Json),
    Column("block_type_id", Id),
    Column("capabilities", Json),
    Column("version", Text),
)

block_documents = Table(
    "block_documents",
    metadata,
    *_stored(),
    Column("name", Text),
    Column("data", Json),
    Column("block_schema_id", Id),
    Column("block_type_id", Id),
    Column("is_anonymous", Boolean),
)

events = Table(
    "events",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("id", Id),
    Column("occurred", Moment),
    Column("received", Moment),
    Column("event", Text),
    Column("resource_id", Text),
    Column("resource", Json),
    Column("related", Json),
    Column("payload", Json),
    Column("follows", Id),
    Column("depth", Integer),
)

event_resources = Table(
    "event_resources",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("resource_id", Text, primary_key=True),
    Column("role", Text, primary_key=True),
)

automations = Table(
    "automations",
    metadata,
    *_stored(),
    Column("name", Text),
    Column("description", Text),
    Column("enabled", Boolean),
    Column("tags", Json),
    Column("trigger", Json),
    Column("actions", Json),
    Column("actions_on_trigger", Json),
    Column("actions_on_resolve", Json),
    Column("owner_resource", Text),
    Column("since", Integer),
    Column("paced_until", Moment),
)

trigger_windows = Table(
    "trigger_windows",
    metadata,
    Column("trigger_id", Id, primary_key=True),
    Column("key", Json, primary_key=True),
    Column("automation_id", Id),
    Column("start", Moment),
    Column("end", Moment),
    Column("count", Integer),
    Column("last_event", Json),
)

trigger_parts = Table(
    "trigger_parts",
    metadata,
    Column("parent_id", Id, primary_key=True),
    Column("trigger_id", Id, primary_key=True),
    Column("automation_id", Id),
    Column("fired", Moment),
)

trigger_firings = Table(
    "trigger_firings",
    metadata,
    Column("trigger_id", Id, primary_key=True),
    Column("event_id", Id, primary_key=True),
    Column("fired", Moment),
)

trigger_progress = Table("trigger_progress", metadata, Column("position", Integer))

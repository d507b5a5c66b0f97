"""Create, change and delete work pools and their queues, and tell of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from perijove.errors import ApiError, NotFound
from perijove.schemas import job_templates
from perijove.schemas.base import JsonObject
from perijove.schemas.events import ID, NAME, ROLE, Resource
from perijove.schemas.work import (
    WorkPool,
    WorkPoolCreate,
    WorkPoolUpdate,
    WorkQueue,
    WorkQueueCreate,
    WorkQueueUpdate,
)
from perijove.server.local_pool import AGENT_POOL
from perijove.server.rules import job_variables, lifecycle
from perijove.server.storage import blocks, events, work_pools, work_queues

QUEUE_LABELS = {ROLE: "work-queue"}
_RESERVED = "prefect"


def create(connection: Connection, wanted: WorkPoolCreate) -> WorkPool:
    """A new pool; raises ApiError (403) for a reserved name, Invalid (409) for one that there is, and what a template's
    unfit defaults raise."""
    _refuse_reserved(wanted.name)
    _check_defaults(connection, wanted.base_job_template)
    pool = work_pools.create(connection, wanted)
    _tell(connection, pool, "created")
    if not pool.is_paused:  # a pool that is, has it told as every change of its status
        _tell(connection, pool, "not-ready")
    return pool


def ensure(connection: Connection, pool: WorkPoolCreate) -> None:
    """Make the pool, if there is none of its name."""
    if not work_pools.exists(connection, pool.name):
        work_pools.create(connection, pool)


def queue_named(connection: Connection, pool: str | None, queue: str | None) -> UUID | None:
    """The queue that is named, made if need be; one without a pool is one of the agents' pool.

    Raises NotFound for the pool. None: neither is named.
    """
    if pool is None and queue is None:
        return None
    if pool is None:
        ensure(connection, AGENT_POOL)
    return work_pools.queue_for(connection, pool or AGENT_POOL.name, queue)


def change(connection: Connection, name: str, changes: WorkPoolUpdate) -> None:
    """Change what was set in ``changes``; raises NotFound, and what a template's unfit defaults raise."""
    before = work_pools.read(connection, name)
    _check_defaults(connection, changes.base_job_template)
    work_pools.change(connection, name, changes)
    updates = _updates(before, work_pools.read(connection, name), set(WorkPoolUpdate.model_fields))
    if updates["updated_fields"]:
        _tell(connection, before, "updated", updates)


def remove(connection: Connection, name: str) -> None:
    """Delete the pool; raises NotFound, and ApiError (403) for a reserved one."""
    _refuse_reserved(name)
    gone = work_pools.read(connection, name)
    work_pools.remove(connection, name)
    _tell(connection, gone, "deleted")


def create_queue(connection: Connection, pool_name: str, wanted: WorkQueueCreate) -> WorkQueue:
    """A new queue of the pool; raises NotFound, and Invalid (409) for a name in use."""
    pool = work_pools.read_bare(connection, pool_name)
    queue = work_queues.read(connection, work_queues.create(connection, pool.id, wanted))
    _tell_queue(connection, queue, "created")
    return queue


def change_queue(connection: Connection, queue_id: UUID, changes: WorkQueueUpdate) -> None:
    """Change what was set in ``changes``; raises NotFound."""
    before = work_queues.read(connection, queue_id)
    work_queues.change(connection, queue_id, changes)
    updates = _updates(before, work_queues.read(connection, queue_id), set(WorkQueueUpdate.model_fields))
    if updates["updated_fields"]:
        _tell_queue(connection, before, "updated", updates)


def remove_queue(connection: Connection, queue_id: UUID) -> None:
    """Delete the queue; raises NotFound, and Invalid (409) for a pool's default queue."""
    gone = work_queues.read(connection, queue_id)
    work_queues.remove(connection, queue_id)
    _tell_queue(connection, gone, "deleted")


def related_to_queue(connection: Connection, queue: WorkQueue) -> list[Resource]:
    """The queue's pool."""
    pool = work_pools.read_by_id(connection, queue.work_pool_id)
    role = {ROLE: "work-pool", "prefect.work-pool.type": pool.type}
    return [{ID: f"prefect.work-pool.{pool.id}", NAME: pool.name, **role}]


def _check_defaults(connection: Connection, template: JsonObject | None) -> None:
    """Raise Invalid (422) for a default that its variable does not take, NotFound for a block that there is none of."""
    fields = job_templates.properties(template or {})
    written = {name: field.get("default") for name, field in fields.items() if isinstance(field, dict)}
    given = {name: _without_reference(connection, value) for name, value in written.items() if value is not None}
    job_variables.check(given, template or {}, what="Error in the defaults of the job variables")


def _without_reference(connection: Connection, default: Any) -> Any:
    """What a default stands for: ``{"$ref": {"block_document_id": ...}}`` is what that block holds. Raises NotFound."""
    reference = default.get("$ref") if isinstance(default, dict) else None
    document_id = reference.get("block_document_id") if isinstance(reference, dict) else None
    if document_id is None:
        return default
    try:
        return blocks.read_document(connection, UUID(str(document_id))).data
    except (NotFound, ValueError):
        raise NotFound(404, "Block not found.") from None


def _updates(before: WorkPool | WorkQueue, after: WorkPool | WorkQueue, fields: set[str]) -> JsonObject:
    """What differs; whether it is paused is told by its status."""
    told: dict[str, Any] = {"mode": "json", "include": fields - {"is_paused", "last_polled"}}
    return lifecycle.updates(before.model_dump(**told), after.model_dump(**told))


def _tell(connection: Connection, pool: WorkPool, what: str, payload: JsonObject | None = None) -> None:
    labels = {"prefect.work-pool.type": pool.type, ROLE: "work-pool"}
    queue = {ID: f"prefect.work-queue.{pool.default_queue_id}", ROLE: "default-queue"}
    related = [] if payload else [queue]
    happened = lifecycle.changed("work-pool", pool.id, pool.name, what, related=related, payload=payload, **labels)
    events.record(connection, [happened])


def _tell_queue(connection: Connection, queue: WorkQueue, what: str, payload: JsonObject | None = None) -> None:
    pool = related_to_queue(connection, queue)
    happened = lifecycle.changed(
        "work-queue", queue.id, queue.name, what, related=pool, payload=payload, **QUEUE_LABELS
    )
    events.record(connection, [happened])


def _refuse_reserved(name: str) -> None:
    if name.lower().startswith(_RESERVED):
        raise ApiError(403, "Worker pools starting with 'Prefect' are reserved for internal use.")

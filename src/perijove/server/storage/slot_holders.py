"""Who holds the slots of work pools and queues: the runs that were taken and have not ended."""

from math import ceil
from uuid import UUID

from sqlalchemy import Connection, select

from perijove import clock
from perijove.schemas.slot_holders import (
    PoolSlots,
    PoolSlotsQuery,
    QueueHolders,
    QueueSlots,
    QueueSlotsQuery,
    SlotHolder,
)
from perijove.schemas.states import ACTIVE
from perijove.server.storage import flow_runs as runs
from perijove.server.storage import rows, work_pools, work_queues
from perijove.server.storage.tables import flow_runs


def of_queue(connection: Connection, queue_id: UUID, asked: QueueSlotsQuery) -> QueueSlots:
    """A page of the queue's holders; raises NotFound."""
    queue = work_queues.read(connection, queue_id)
    held = runs.active(connection, [queue.id]).get(queue.id, 0)
    return QueueSlots(
        active_slots=held,
        concurrency_limit=queue.concurrency_limit,
        flow_runs=_holders(connection, queue.id, limit=asked.limit, offset=(asked.page - 1) * asked.limit),
        count=held,
        limit=asked.limit,
        pages=_pages(held, asked.limit),
        page=asked.page,
    )


def of_pool(connection: Connection, name: str, asked: PoolSlotsQuery) -> PoolSlots:
    """A page of the pool's queues, each with its first holders; raises NotFound."""
    pool = work_pools.read(connection, name)
    queues = work_queues.of_pool(connection, pool.id)
    held = runs.active(connection, [queue.id for queue in queues])
    first = (asked.page - 1) * asked.limit
    shown = [
        QueueHolders(
            queue_id=queue.id,
            queue_name=queue.name,
            active_slots=held.get(queue.id, 0),
            concurrency_limit=queue.concurrency_limit,
            flow_runs=_holders(connection, queue.id, limit=asked.flow_run_limit),
            flow_run_count=held.get(queue.id, 0),
        )
        for queue in queues[first : first + asked.limit]
    ]
    return PoolSlots(
        active_slots=sum(held.values()),
        concurrency_limit=pool.concurrency_limit,
        queues=shown,
        count=len(queues),
        limit=asked.limit,
        pages=_pages(len(queues), asked.limit),
        page=asked.page,
    )


def _holders(connection: Connection, queue_id: UUID, *, limit: int, offset: int = 0) -> list[SlotHolder]:
    states = [state.value for state in ACTIVE]
    held = select(flow_runs).where(flow_runs.c.work_queue_id == queue_id, flow_runs.c.state_type.in_(states))
    page = held.order_by(flow_runs.c.state_timestamp).limit(limit).offset(offset)
    now = clock.now()
    return [
        rows.model(SlotHolder, row, time_in_current_state=now - row.state_timestamp) for row in connection.execute(page)
    ]


def _pages(count: int, limit: int) -> int:
    return ceil(count / limit) if limit else 0

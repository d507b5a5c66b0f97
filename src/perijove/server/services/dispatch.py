"""Which runs of a work pool, or of deployments, may start now: what is due, of what is open, within the limits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from perijove import clock
from perijove.schemas.runs import FlowRun
from perijove.schemas.work import ScheduledRunsRequest, WorkPool, WorkQueue
from perijove.server.storage import flow_runs, rows, work_pools, work_queues

MOST_RUNS = 200
"""Runs that are given out at once."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The runs that are due, or else when the next one will be (None: not known), whether limits may keep runs waiting,
    and the queues of which it is to be noted that they were looked at."""

    due: list[FlowRun]
    next: datetime | None
    is_limited: bool = False
    unnoted: Sequence[UUID] = ()


def look_at_deployments(
    connection: Connection, deployment_ids: Sequence[UUID], *, before: datetime | None = None, limit: int = MOST_RUNS
) -> Seen:
    """See what there is of these deployments, due at ``before`` (None: now), for whoever serves them."""
    now = clock.now()
    due = flow_runs.due_of_deployments(connection, deployment_ids, before=before or now, limit=limit)
    coming = None if due or before else flow_runs.next_due_of_deployments(connection, deployment_ids, after=now)
    return Seen(due, coming)


def _queues(connection: Connection, pool: WorkPool, asked: ScheduledRunsRequest) -> list[WorkQueue]:
    wanted = asked.work_queue_names
    return [queue for queue in work_queues.of_pool(connection, pool.id) if not wanted or queue.name in wanted]


def look_at_pool(connection: Connection, pool_name: str, asked: ScheduledRunsRequest, *, few: int = MOST_RUNS) -> Seen:
    """See what the pool has for whoever asks: nothing from what is paused, and no more than the limits let run.

    ``few``: how many runs are enough to choose from; where limits keep some of them, others may stand behind.
    """
    pool, now = work_pools.read_bare(connection, pool_name), clock.now()
    queues = _queues(connection, pool, asked)
    open_queues = [] if pool.is_paused else [one for one in queues if not one.is_paused]
    active = _active(connection, pool, open_queues)
    roomy = [one.id for one in open_queues if not _is_full(one.concurrency_limit, active.get(one.id, 0))]
    before = asked.scheduled_before or now
    most = MOST_RUNS if asked.limit is None else asked.limit
    is_limited = _is_limited(pool, open_queues)
    enough = MOST_RUNS if is_limited else min(most, few)
    found = flow_runs.due(connection, roomy, before=before, after=asked.scheduled_after, limit=enough)
    due = list(_within_limits(pool, open_queues, active, found))[:most]
    ids = [queue.id for queue in open_queues]
    coming = None if due or asked.scheduled_before else flow_runs.next_due(connection, ids, after=now)
    return Seen(due, coming, is_limited, [queue.id for queue in queues if _is_unnoted(queue, now)])


def _is_unnoted(queue: WorkQueue, now: datetime) -> bool:
    return queue.last_polled is None or queue.last_polled < now - rows.PRECISION


def _is_limited(pool: WorkPool, queues: list[WorkQueue]) -> bool:
    limits = [pool.concurrency_limit, *(queue.concurrency_limit for queue in queues)]
    return any(limit is not None for limit in limits)


def _active(connection: Connection, pool: WorkPool, queues: list[WorkQueue]) -> dict[UUID, int]:
    """How many runs each of the pool's queues has under way, as far as any limit asks for it."""
    if not _is_limited(pool, queues):
        return {}
    return flow_runs.active(connection, [queue.id for queue in work_queues.of_pool(connection, pool.id)])


def _within_limits(
    pool: WorkPool, queues: list[WorkQueue], active: dict[UUID, int], found: list[FlowRun]
) -> Iterator[FlowRun]:
    """Those of the found runs that the free slots of the pool and of their queues have room for."""
    limits = {queue.id: queue.concurrency_limit for queue in queues}
    active, in_pool = dict(active), sum(active.values())
    for run in found:
        queue_id = run.work_queue_id
        if queue_id is None or _is_full(pool.concurrency_limit, in_pool):
            continue
        if not _is_full(limits[queue_id], active.get(queue_id, 0)):
            active[queue_id] = active.get(queue_id, 0) + 1
            in_pool += 1
            yield run


def _is_full(limit: int | None, active: int) -> bool:
    return limit is not None and active >= limit

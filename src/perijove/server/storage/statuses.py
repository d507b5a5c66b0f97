"""Which deployments, work queues and work pools have another status than was last told of them."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Integer, Select, Table, case, exists, func, or_, select, type_coerce
from sqlalchemy import update as sql_update

from perijove import clock
from perijove.server.storage import work_pools as pools
from perijove.server.storage import work_queues as queues
from perijove.server.storage.tables import as_microseconds, deployments, work_pools, work_queues, workers

READY, NOT_READY, PAUSED = "READY", "NOT_READY", "PAUSED"
_TABLES = {"deployment": deployments, "work-queue": work_queues, "work-pool": work_pools}


class Change(NamedTuple):
    """``kind``: as in the names of events."""

    kind: str
    id: UUID
    status: str


def changes(connection: Connection) -> list[Change]:
    """What has another status than was last told."""
    now = clock.now()
    asked = {
        "deployment": _untold(deployments, _of_deployment(now)).outerjoin(
            work_queues, work_queues.c.id == deployments.c.work_queue_id
        ),
        "work-queue": _untold(work_queues, _of_queue(now)),
        "work-pool": _untold(work_pools, _of_pool(now)),
    }
    return [Change(kind, row[0], row[1]) for kind, chosen in asked.items() for row in connection.execute(chosen)]


def note_told(connection: Connection, change: Change) -> None:
    """Note that the change was told. ``updated`` stays: nobody changed the thing itself."""
    table = _TABLES[change.kind]
    connection.execute(sql_update(table).where(table.c.id == change.id).values(told_status=change.status))


def _untold(table: Table, status: ColumnElement[str]) -> Select[Any]:
    return select(table.c.id, status).where(status != func.coalesce(table.c.told_status, NOT_READY))


def _of_deployment(now: datetime) -> ColumnElement[str]:
    since = now - timedelta(seconds=queues.READY_FOR)
    polled = or_(deployments.c.last_polled > since, work_queues.c.last_polled > since)
    return case((polled, READY), else_=NOT_READY)


def _of_queue(now: datetime) -> ColumnElement[str]:
    polled = work_queues.c.last_polled > now - timedelta(seconds=queues.READY_FOR)
    return case((work_queues.c.is_paused, PAUSED), (polled, READY), else_=NOT_READY)


def _of_pool(now: datetime) -> ColumnElement[str]:
    seconds = func.coalesce(workers.c.heartbeat_interval_seconds, pools.DEFAULT_HEARTBEAT) * pools.MISSED_HEARTBEATS
    until = type_coerce(workers.c.last_heartbeat_time, Integer) + seconds * 1_000_000
    served = exists(
        select(workers.c.id).where(workers.c.work_pool_id == work_pools.c.id, until >= as_microseconds(now))
    )
    return case((work_pools.c.is_paused, PAUSED), (served, READY), else_=NOT_READY)

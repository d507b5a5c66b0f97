"""Deployments and their schedules in the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, or_, select, update

from perijove import clock
from perijove.errors import NotFound
from perijove.schemas.base import JsonObject
from perijove.schemas.deployments import Deployment, DeploymentStatus
from perijove.schemas.filters import DeploymentQuery, DeploymentSort
from perijove.schemas.schedules import DeploymentSchedule, Overlap
from perijove.server.storage import concurrency_limits, filters, rows
from perijove.server.storage.tables import deployment_schedules, deployments, flows, work_pools, work_queues

READY_FOR = 60.0
"""Seconds after which a deployment that no worker asked for is no longer ready."""

_ORDER = {
    DeploymentSort.CREATED_DESC: deployments.c.created.desc(),
    DeploymentSort.UPDATED_DESC: deployments.c.updated.desc(),
    DeploymentSort.NAME_ASC: deployments.c.name.asc(),
    DeploymentSort.NAME_DESC: deployments.c.name.desc(),
}

_DEPLOYMENTS = (
    select(
        deployments,
        work_queues.c.name.label("work_queue_name"),
        work_queues.c.last_polled.label("queue_last_polled"),
        work_pools.c.name.label("work_pool_name"),
    )
    .outerjoin(work_queues, work_queues.c.id == deployments.c.work_queue_id)
    .outerjoin(work_pools, work_pools.c.id == work_queues.c.work_pool_id)
)
_DEPLOYMENT = _DEPLOYMENTS.where(deployments.c.id == bindparam("deployment_id"))
_BY_NAME = _DEPLOYMENTS.where(
    deployments.c.flow_id == select(flows.c.id).where(flows.c.name == bindparam("flow_name")).scalar_subquery(),
    deployments.c.name == bindparam("deployment_name"),
)
_SCHEDULES = (
    select(deployment_schedules)
    .where(deployment_schedules.c.deployment_id.in_(bindparam("deployment_ids", expanding=True)))
    .order_by(deployment_schedules.c.updated.desc())
)
_LIMIT = select(deployments.c.concurrency_limit_id, deployments.c.concurrency_options).where(
    deployments.c.id == bindparam("deployment_id")
)


def add(connection: Connection, values: dict[str, Any]) -> UUID:
    """Store a new deployment, and return its id."""
    row_id: UUID = rows.add(connection, deployments, values)["id"]
    return row_id


def change(connection: Connection, deployment_id: UUID, values: dict[str, Any]) -> None:
    """Change fields of the deployment, and note the time; raises NotFound."""
    if not rows.change(connection, deployments, deployment_id, values):
        raise _not_found()


def read(connection: Connection, deployment_id: UUID) -> Deployment:
    """The deployment; raises NotFound."""
    return _one(connection, _DEPLOYMENT, deployment_id=deployment_id)


def read_by_name(connection: Connection, flow_name: str, name: str) -> Deployment:
    """The deployment ``flow_name/name``; raises NotFound."""
    return _one(connection, _BY_NAME, flow_name=flow_name, deployment_name=name)


def find(connection: Connection, flow_id: UUID, name: str) -> Deployment | None:
    """The flow's deployment of this name, if there is one."""
    try:
        return _one(connection, _DEPLOYMENTS.where(deployments.c.flow_id == flow_id, deployments.c.name == name))
    except NotFound:
        return None


def search(connection: Connection, query: DeploymentQuery) -> list[Deployment]:
    """A page of the deployments that the query asks for."""
    limit, offset = filters.page(query)
    order = _ORDER[query.sort or DeploymentSort.NAME_ASC]
    chosen = _DEPLOYMENTS.where(filters.of_deployments(query)).order_by(order, deployments.c.id)
    return _models(connection, connection.execute(chosen.limit(limit).offset(offset)).all())


def count(connection: Connection, query: DeploymentQuery) -> int:
    """How many deployments the query asks for."""
    chosen = select(func.count()).select_from(deployments).where(filters.of_deployments(query))
    return connection.scalar(chosen) or 0


def remove(connection: Connection, deployment_id: UUID) -> None:
    """Delete the deployment with its schedules; its past runs stay. Raises NotFound."""
    if not connection.execute(delete(deployments).where(deployments.c.id == deployment_id)).rowcount:
        raise _not_found()


def limit_of(connection: Connection, deployment_id: UUID) -> tuple[UUID | None, JsonObject | None]:
    """The id of the deployment's concurrency limit, and what is to happen when it is full; None: there is none."""
    row = connection.execute(_LIMIT, {"deployment_id": deployment_id}).one_or_none()
    return (None, None) if row is None else (row.concurrency_limit_id, row.concurrency_options)


def set_limit(connection: Connection, deployment_id: UUID, limit_id: UUID | None) -> None:
    """Give the deployment this concurrency limit; None: it has none any more."""
    changed = update(deployments).where(deployments.c.id == deployment_id)
    connection.execute(changed.values(concurrency_limit_id=limit_id))


def overlap_of(connection: Connection, schedule_id: UUID) -> Overlap | None:
    """What becomes of a run of the schedule whose predecessor goes on; None: there is no such schedule any more."""
    table = deployment_schedules
    said = connection.scalar(select(table.c.overlap).where(table.c.id == schedule_id))
    return None if said is None else Overlap(said)


def note_poll(connection: Connection, deployment_ids: Sequence[UUID]) -> None:
    """Note that somebody serves these deployments, to some seconds. ``updated`` stays: nobody changed them."""
    now, noted = clock.now(), deployments.c.last_polled
    unnoted = or_(noted.is_(None), noted < now - rows.PRECISION)
    connection.execute(update(deployments).where(deployments.c.id.in_(deployment_ids), unnoted).values(last_polled=now))


def schedules(connection: Connection, deployment_ids: Iterable[UUID]) -> dict[UUID, list[DeploymentSchedule]]:
    """The deployments' schedules, the last changed first."""
    found: dict[UUID, list[DeploymentSchedule]] = {}
    for row in connection.execute(_SCHEDULES, {"deployment_ids": list(deployment_ids)}):
        found.setdefault(row.deployment_id, []).append(rows.model(DeploymentSchedule, row))
    return found


def add_schedule(connection: Connection, deployment_id: UUID, values: dict[str, Any]) -> UUID:
    """Store a schedule, and return its id."""
    row = {"deployment_id": deployment_id, "refill_at": clock.now(), **values}
    row_id: UUID = rows.add(connection, deployment_schedules, row)["id"]
    return row_id


def change_schedule(connection: Connection, schedule_id: UUID, values: dict[str, Any]) -> None:
    """Change fields of the schedule; raises NotFound."""
    if not rows.change(connection, deployment_schedules, schedule_id, values):
        raise NotFound(404, "Schedule not found.")


def remove_schedule(connection: Connection, deployment_id: UUID, schedule_id: UUID) -> None:
    """Delete the schedule; raises NotFound."""
    table = deployment_schedules
    doomed = delete(table).where(table.c.id == schedule_id, table.c.deployment_id == deployment_id)
    if not connection.execute(doomed).rowcount:
        raise NotFound(404, "Schedule not found.")


def set_refill(connection: Connection, schedule_id: UUID, instant: datetime | None) -> None:
    """Note when the schedule needs more runs; None: never again."""
    table = deployment_schedules
    connection.execute(update(table).where(table.c.id == schedule_id).values(refill_at=instant))


def _wants_refill() -> Select[Any]:
    table = deployment_schedules
    joined = select(table).join(deployments, deployments.c.id == table.c.deployment_id)
    return joined.where(table.c.active, ~deployments.c.paused, table.c.refill_at.is_not(None))


def to_refill(connection: Connection, now: datetime, limit: int) -> list[tuple[DeploymentSchedule, datetime]]:
    """The schedules in force that need more runs now, and since when they do."""
    chosen = _wants_refill().where(deployment_schedules.c.refill_at <= now)
    ordered = chosen.order_by(deployment_schedules.c.refill_at).limit(limit)
    return [(rows.model(DeploymentSchedule, row), row.refill_at) for row in connection.execute(ordered)]


def next_refill(connection: Connection) -> datetime | None:
    """When the first of the schedules in force needs more runs."""
    first = _wants_refill().order_by(deployment_schedules.c.refill_at).limit(1)
    row = connection.execute(first).one_or_none()
    return None if row is None else row.refill_at


def _one(connection: Connection, chosen: Select[Any], **values: Any) -> Deployment:
    found = connection.execute(chosen, values).all()
    if not found:
        raise _not_found()
    return _models(connection, found)[0]


def _models(connection: Connection, found: Sequence[Row[Any]]) -> list[Deployment]:
    by_deployment = schedules(connection, [row.id for row in found])
    limit_ids = {row.concurrency_limit_id for row in found if row.concurrency_limit_id is not None}
    limits = {one: concurrency_limits.read(connection, one) for one in limit_ids}
    return [
        rows.model(
            Deployment,
            row,
            **_derived(row),
            schedules=by_deployment.get(row.id, []),
            global_concurrency_limit=limits.get(row.concurrency_limit_id),
        )
        for row in found
    ]


def _derived(row: Row[Any]) -> dict[str, Any]:
    polled = max(filter(None, (row.last_polled, row.queue_last_polled)), default=None)
    ready = polled is not None and (clock.now() - polled).total_seconds() < READY_FOR
    return {"last_polled": polled, "status": DeploymentStatus.READY if ready else DeploymentStatus.NOT_READY}


def _not_found() -> NotFound:
    return NotFound(404, "Deployment not found")

"""Concurrency limits in the database, and who has their slots.

A slot is taken by a lease that has not expired, by a run of a deployment with this limit that is under way, or by a
client that took it without a lease. The first two are counted, never kept as a number, so that none can leak.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import floor
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from perijove import clock
from perijove.errors import Invalid, NotFound
from perijove.schemas.concurrency import ConcurrencyLimit, ConcurrencyLimitCreate, ConcurrencyLimitUpdate
from perijove.schemas.states import ACTIVE
from perijove.server.storage import rows
from perijove.server.storage.tables import concurrency_leases, concurrency_limits, deployments, flow_runs

Key = UUID | str
"""A limit's id, or its name."""

_OCCUPANCY = 2.0


def create(connection: Connection, wanted: ConcurrencyLimitCreate) -> ConcurrencyLimit:
    """A new limit; raises Invalid (409) when there is one of this name."""
    if _row(connection, wanted.name) is not None:
        raise Invalid(409, f"A concurrency limit with the name {wanted.name!r} already exists.")
    values = {**wanted.model_dump(), "slots_at": clock.now(), "avg_slot_occupancy_seconds": _OCCUPANCY}
    return ConcurrencyLimit.model_validate(rows.add(connection, concurrency_limits, values))


def read(connection: Connection, key: Key) -> ConcurrencyLimit:
    """The limit with the slots that are taken now; raises NotFound."""
    row = _row(connection, key)
    if row is None:
        raise NotFound(404, "Concurrency Limit not found")
    return _model(connection, row)


def find(connection: Connection, names: Sequence[str]) -> list[ConcurrencyLimit]:
    """Those of the names that are limits."""
    chosen = select(concurrency_limits).where(concurrency_limits.c.name.in_(names))
    return [_model(connection, row) for row in connection.execute(chosen).all()]


def search(connection: Connection, *, limit: int, offset: int, prefix: str = "") -> list[ConcurrencyLimit]:
    """A page of the limits whose name has the prefix, by name."""
    named = concurrency_limits.c.name.startswith(prefix, autoescape=True)
    chosen = select(concurrency_limits).where(named).order_by(concurrency_limits.c.name).limit(limit).offset(offset)
    return [_model(connection, row) for row in connection.execute(chosen).all()]


def change(connection: Connection, key: Key, changes: ConcurrencyLimitUpdate) -> None:
    """Change what was set in ``changes``; raises NotFound."""
    given = {name: value for name, value in changes.model_dump(exclude_unset=True).items() if value is not None}
    if "active_slots" in given:
        given["slots_at"] = clock.now()
    rows.change(connection, concurrency_limits, read(connection, key).id, given)


def remove(connection: Connection, key: Key) -> None:
    """Delete the limit; the deployments that had it have none then. Raises NotFound."""
    connection.execute(delete(concurrency_limits).where(concurrency_limits.c.id == read(connection, key).id))


def take(connection: Connection, limits: Iterable[ConcurrencyLimit], slots: int) -> None:
    """Take slots of each limit without a lease: they are given back by ``give_back``, or decay."""
    for limit in limits:
        _count(connection, limit.id, slots)


def give_back(connection: Connection, limits: Iterable[ConcurrencyLimit], slots: int) -> None:
    """Give back slots that were taken without a lease."""
    for limit in limits:
        _count(connection, limit.id, -slots)


def lease(
    connection: Connection, limits: Iterable[ConcurrencyLimit], slots: int, seconds: float, holder_id: str | None
) -> UUID:
    """Take slots of each limit until the lease is given back, or expires after so many seconds; returns its id."""
    now, lease_id = clock.now(), uuid4()
    connection.execute(delete(concurrency_leases).where(concurrency_leases.c.expires_at < now))
    shared = {"id": lease_id, "slots": slots, "expires_at": now + timedelta(seconds=seconds), "holder_id": holder_id}
    for limit in limits:
        connection.execute(insert(concurrency_leases), {**shared, "limit_id": limit.id})
    return lease_id


def renew(connection: Connection, lease_id: UUID, seconds: float) -> bool:
    """Let the lease last so many seconds from now; whether it was still good."""
    now, table = clock.now(), concurrency_leases
    renewed = update(table).where(table.c.id == lease_id, table.c.expires_at >= now)
    return connection.execute(renewed.values(expires_at=now + timedelta(seconds=seconds))).rowcount > 0


def release(connection: Connection, lease_id: UUID) -> None:
    """Give back the lease's slots; one that has expired has done so already."""
    connection.execute(delete(concurrency_leases).where(concurrency_leases.c.id == lease_id))


def holders(connection: Connection, limit_id: UUID) -> list[UUID]:
    """Who has the limit's leases, where they said so."""
    table = concurrency_leases
    chosen = select(table.c.holder_id).where(
        table.c.limit_id == limit_id, table.c.expires_at >= clock.now(), table.c.holder_id.is_not(None)
    )
    return [UUID(holder) for holder in connection.scalars(chosen)]


def release_of(connection: Connection, limit_ids: Iterable[UUID], holder_id: UUID | None = None) -> None:
    """Give back the limits' leases: those of one holder, or all."""
    table = concurrency_leases
    doomed = delete(table).where(table.c.limit_id.in_(list(limit_ids)))
    connection.execute(doomed if holder_id is None else doomed.where(table.c.holder_id == str(holder_id)))


def _row(connection: Connection, key: Key) -> Row[Any] | None:
    column = concurrency_limits.c.id if isinstance(key, UUID) else concurrency_limits.c.name
    return connection.execute(select(concurrency_limits).where(column == key)).one_or_none()


def _model(connection: Connection, row: Row[Any]) -> ConcurrencyLimit:
    now = clock.now()
    taken = floor(_undecayed(row, now)) + _leased(connection, row.id, now) + _under_way(connection, row.id)
    return rows.model(ConcurrencyLimit, row, active_slots=taken)


def _undecayed(row: Row[Any], now: datetime) -> float:
    gone = row.slot_decay_per_second * max((now - row.slots_at).total_seconds(), 0.0)
    return float(max(row.active_slots - gone, 0.0))


def _leased(connection: Connection, limit_id: UUID, now: datetime) -> int:
    table = concurrency_leases
    taken = select(func.sum(table.c.slots)).where(table.c.limit_id == limit_id, table.c.expires_at >= now)
    return connection.scalar(taken) or 0


def _under_way(connection: Connection, limit_id: UUID) -> int:
    limited = select(deployments.c.id).where(deployments.c.concurrency_limit_id == limit_id)
    runs = select(func.count()).select_from(flow_runs)
    active = [state.value for state in ACTIVE]
    wanted = runs.where(flow_runs.c.deployment_id.in_(limited), flow_runs.c.state_type.in_(active))
    return connection.scalar(wanted) or 0


def _count(connection: Connection, limit_id: UUID, slots: int) -> None:
    row, now = _row(connection, limit_id), clock.now()
    if row is not None:
        taken = max(_undecayed(row, now) + slots, 0.0)
        changed = update(concurrency_limits).where(concurrency_limits.c.id == limit_id)
        connection.execute(changed.values(active_slots=taken, slots_at=now))

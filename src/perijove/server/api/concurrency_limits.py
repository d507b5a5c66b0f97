"""Routes of concurrency limits."""

from functools import partial
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Body, HTTPException, status
from pydantic import Field

from perijove.schemas.concurrency import (
    ConcurrencyLimit,
    ConcurrencyLimitCreate,
    ConcurrencyLimitUpdate,
    Lease,
    LeasedSlotsRequest,
    LeaseRenewal,
    LeaseReturn,
    LimitInUse,
    SlotsRequest,
    SlotsReturn,
)
from perijove.server.api.backend import Injected
from perijove.server.services import slots, telling
from perijove.server.services.signals import RUNS, SLOTS
from perijove.server.services.telling import LIMIT
from perijove.server.storage import concurrency_limits

RETRY_AFTER = "1"
"""Seconds after which a client that found no free slot is to ask again."""

router = APIRouter(prefix="/v2/concurrency_limits", tags=["concurrency limits"])
T = TypeVar("T")
Limit = Annotated[int | None, Body(ge=0, le=200)]
Offset = Annotated[int | None, Body(ge=0)]

IdOrName = Annotated[UUID | str, Field(union_mode="left_to_right")]
"""An id wherever it can be one: pydantic would else take any text for a name."""


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_concurrency_limit(wanted: ConcurrencyLimitCreate, backend: Injected) -> ConcurrencyLimit:
    make = partial(concurrency_limits.create, wanted=wanted)
    return await backend.write(partial(telling.made, kind=LIMIT, make=make))


@router.post("/filter")
async def read_concurrency_limits(
    backend: Injected, limit: Limit = None, offset: Offset = None
) -> list[ConcurrencyLimit]:
    most = 200 if limit is None else limit
    return await backend.read(partial(concurrency_limits.search, limit=most, offset=offset or 0))


@router.post("/increment")
async def take_slots(wanted: SlotsRequest, backend: Injected) -> list[LimitInUse]:
    """Take slots (200), or learn that there are none (423)."""
    return _or_locked(await backend.write(partial(slots.take, wanted=wanted)))


@router.post("/increment-with-lease")
async def lease_slots(wanted: LeasedSlotsRequest, backend: Injected) -> Lease:
    """Take slots for as long as the lease lasts (200), or learn that there are none (423)."""
    return _or_locked(await backend.write(partial(slots.lease, wanted=wanted)))


@router.post("/decrement")
async def give_back_slots(returned: SlotsReturn, backend: Injected) -> list[LimitInUse]:
    return await backend.write(partial(slots.give_back, returned=returned), SLOTS)


@router.post("/decrement-with-lease", status_code=status.HTTP_204_NO_CONTENT)
async def end_lease(returned: LeaseReturn, backend: Injected) -> None:
    await backend.write(partial(concurrency_limits.release, lease_id=returned.lease_id), SLOTS)


@router.post("/leases/{lease_id:uuid}/renew", status_code=status.HTTP_204_NO_CONTENT)
async def renew_lease(lease_id: UUID, renewal: LeaseRenewal, backend: Injected) -> None:
    """Let the lease go on (204), unless it has ended (410)."""
    work = partial(concurrency_limits.renew, lease_id=lease_id, seconds=renewal.lease_duration)
    if not await backend.write(work):
        raise HTTPException(status.HTTP_410_GONE, "Lease not found - it may have expired or been revoked")


@router.get("/{key:path}")
async def read_concurrency_limit(key: IdOrName, backend: Injected) -> ConcurrencyLimit:
    return await backend.read(partial(concurrency_limits.read, key=key))


@router.patch("/{key:path}", status_code=status.HTTP_204_NO_CONTENT)
async def update_concurrency_limit(key: IdOrName, changes: ConcurrencyLimitUpdate, backend: Injected) -> None:
    change = partial(concurrency_limits.change, key=key, changes=changes)
    await backend.write(partial(telling.changed, kind=LIMIT, key=key, change=change), RUNS, SLOTS)


@router.delete("/{key:path}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_concurrency_limit(key: IdOrName, backend: Injected) -> None:
    remove = partial(concurrency_limits.remove, key=key)
    await backend.write(partial(telling.deleted, kind=LIMIT, key=key, remove=remove), RUNS, SLOTS)


def _or_locked(taken: T | None) -> T:
    if taken is None:
        raise HTTPException(status.HTTP_423_LOCKED, "No slot is free.", {"Retry-After": RETRY_AFTER})
    return taken

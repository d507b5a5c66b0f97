"""Routes of the older concurrency limits, those of task runs that carry a tag: each is the limit named ``tag:TAG``."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, HTTPException, Response, status
from sqlalchemy import Connection

from perijove.errors import NotFound
from perijove.schemas.concurrency import (
    ConcurrencyLimit,
    ConcurrencyLimitCreate,
    ConcurrencyLimitUpdate,
    LimitInUse,
    TagLimit,
    TagLimitCreate,
    TagLimitReset,
    TaskSlotsRequest,
)
from perijove.server.api.backend import Injected
from perijove.server.api.concurrency_limits import RETRY_AFTER, Limit, Offset
from perijove.server.services import slots
from perijove.server.services.slots import TAG
from perijove.server.storage import concurrency_limits

router = APIRouter(prefix="/concurrency_limits", tags=["concurrency limits"])


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_tag_limit(wanted: TagLimitCreate, response: Response, backend: Injected) -> TagLimit:
    """The tag's limit, made (201), or changed if there is one (200)."""

    def work(connection: Connection) -> TagLimit:
        name = TAG + wanted.tag
        if concurrency_limits.find(connection, [name]):
            response.status_code = status.HTTP_200_OK
            changes = ConcurrencyLimitUpdate(limit=wanted.concurrency_limit)
            concurrency_limits.change(connection, name, changes)
        else:
            # A tag may hold what no other limit's name may.
            new = ConcurrencyLimitCreate.model_construct(name=name, limit=wanted.concurrency_limit)
            concurrency_limits.create(connection, new)
        return _read(connection, name)

    return await backend.write(work)


@router.post("/filter")
async def read_tag_limits(backend: Injected, limit: Limit = None, offset: Offset = None) -> list[TagLimit]:
    def work(connection: Connection) -> list[TagLimit]:
        most = 200 if limit is None else limit
        found = concurrency_limits.search(connection, limit=most, offset=offset or 0, prefix=TAG)
        return [_of_tag(connection, one) for one in found]

    return await backend.read(work)


@router.post("/increment")
async def take_slots(wanted: TaskSlotsRequest, backend: Injected) -> list[LimitInUse]:
    """A slot of each tag's limit for a task run (200), or none (423)."""
    taken, full = await backend.write(partial(slots.take_for_task, wanted=wanted))
    if full is not None and not full.limit:  # to try again would not help
        detail = f'The concurrency limit on tag "{full.name}" is 0 and will deadlock if the task tries to run again.'
        raise HTTPException(status.HTTP_423_LOCKED, detail)
    if full is not None:
        detail = f"Concurrency limit for the {full.name} tag has been reached"
        raise HTTPException(status.HTTP_423_LOCKED, detail, {"Retry-After": RETRY_AFTER})
    return taken


@router.post("/decrement")
async def give_back_slots(returned: TaskSlotsRequest, backend: Injected) -> list[LimitInUse]:
    return await backend.write(partial(slots.give_back_of_task, returned=returned))


@router.get("/tag/{tag:path}")
async def read_tag_limit_by_tag(tag: str, backend: Injected) -> TagLimit:
    return await backend.read(partial(_read, key=TAG + tag))


@router.post("/tag/{tag}/reset")
async def reset_tag_limit(tag: str, backend: Injected, wanted: Annotated[TagLimitReset | None, Body()] = None) -> None:
    """Give back the slots of the tag's limit, and let the task runs of ``slot_override`` have theirs."""

    def work(connection: Connection) -> None:
        limit = concurrency_limits.read(connection, TAG + tag)
        concurrency_limits.release_of(connection, [limit.id])
        for holder in (wanted and wanted.slot_override) or ():
            concurrency_limits.lease(connection, [limit], 1, slots.TASK_LEASE, str(holder))

    await backend.write(work)


@router.delete("/tag/{tag:path}")
async def delete_tag_limit_by_tag(tag: str, backend: Injected) -> None:
    await backend.write(partial(concurrency_limits.remove, key=TAG + tag))


@router.get("/{limit_id:uuid}")
async def read_tag_limit(limit_id: UUID, backend: Injected) -> TagLimit:
    return await backend.read(partial(_read, key=limit_id))


@router.delete("/{limit_id:uuid}")
async def delete_tag_limit(limit_id: UUID, backend: Injected) -> None:
    await backend.write(partial(concurrency_limits.remove, key=limit_id))


def _read(connection: Connection, key: UUID | str) -> TagLimit:
    limit = concurrency_limits.read(connection, key)
    if not limit.name.startswith(TAG):
        raise NotFound(404, "Concurrency Limit not found")
    return _of_tag(connection, limit)


def _of_tag(connection: Connection, limit: ConcurrencyLimit) -> TagLimit:
    values = limit.model_dump(include={"id", "created", "updated"})
    holders = concurrency_limits.holders(connection, limit.id)
    return TagLimit(**values, tag=limit.name.removeprefix(TAG), concurrency_limit=limit.limit, active_slots=holders)

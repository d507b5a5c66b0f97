"""Take and give back slots of concurrency limits: of each that is named, all or none."""

from collections.abc import Sequence

from sqlalchemy import Connection

from perijove.errors import Invalid
from perijove.schemas.concurrency import (
    ConcurrencyLimit,
    Lease,
    LeasedSlotsRequest,
    LimitInUse,
    SlotsRequest,
    SlotsReturn,
    TaskSlotsRequest,
)
from perijove.server.storage import concurrency_limits

TAG = "tag:"
"""What the name of a limit of tagged task runs begins with."""

TASK_LEASE = 86_400.0 * 365
"""Seconds that a task run of an older client, which never renews, may keep its slots."""


def take(connection: Connection, wanted: SlotsRequest) -> list[LimitInUse] | None:
    """Take slots of the named limits, of those that there are; None when one of them has not as many.

    Raises Invalid (422) for more slots than a limit has, and for a rate of a limit without decay.
    """
    limits = _free(connection, wanted)
    if limits is None:
        return None
    concurrency_limits.take(connection, _active(limits), wanted.slots)
    return in_use(limits)


def lease(connection: Connection, wanted: LeasedSlotsRequest) -> Lease | None:
    """As ``take``, until the lease ends."""
    limits = _free(connection, wanted)
    if limits is None:
        return None
    holder = str(wanted.holder.id) if wanted.holder else None
    lease_id = concurrency_limits.lease(connection, _active(limits), wanted.slots, wanted.lease_duration, holder)
    return Lease(lease_id=lease_id, limits=in_use(limits))


def give_back(connection: Connection, returned: SlotsReturn) -> list[LimitInUse]:
    """Give back slots that ``take`` took."""
    limits = concurrency_limits.find(connection, returned.names)
    concurrency_limits.give_back(connection, _active(limits), returned.slots)
    return in_use(limits)


def take_for_task(connection: Connection, wanted: TaskSlotsRequest) -> tuple[list[LimitInUse], LimitInUse | None]:
    """A slot of each of the tags' limits for a task run, and None; or none, and the limit that has no free one."""
    limits = concurrency_limits.find(connection, [TAG + name for name in wanted.names])
    held = {one.id for one in limits if wanted.task_run_id in concurrency_limits.holders(connection, one.id)}
    new = [one for one in _active(limits) if one.id not in held]
    if full := next((one for one in new if one.active_slots >= one.limit), None):
        return [], _of_tags([full])[0]
    concurrency_limits.lease(connection, new, 1, TASK_LEASE, str(wanted.task_run_id))
    return _of_tags(limits), None


def give_back_of_task(connection: Connection, returned: TaskSlotsRequest) -> list[LimitInUse]:
    """Give back what ``take_for_task`` took."""
    limits = concurrency_limits.find(connection, [TAG + name for name in returned.names])
    concurrency_limits.release_of(connection, [one.id for one in limits], returned.task_run_id)
    return in_use(limits)


def in_use(limits: Sequence[ConcurrencyLimit]) -> list[LimitInUse]:
    """The limits, in short."""
    return [LimitInUse(id=one.id, name=one.name, limit=one.limit) for one in limits]


def _of_tags(limits: Sequence[ConcurrencyLimit]) -> list[LimitInUse]:
    """The limits, in short, by their tags."""
    return [one.model_copy(update={"name": one.name.removeprefix(TAG)}) for one in in_use(limits)]


def _active(limits: Sequence[ConcurrencyLimit]) -> list[ConcurrencyLimit]:
    return [one for one in limits if one.active]


def _free(connection: Connection, wanted: SlotsRequest) -> list[ConcurrencyLimit] | None:
    limits = concurrency_limits.find(connection, wanted.names)
    active = _active(limits)
    if any(one.limit < wanted.slots for one in active):
        raise Invalid(422, "Slots requested is greater than the limit")
    steady = [one.name for one in active if not one.slot_decay_per_second]
    if wanted.mode == "rate_limit" and steady:
        raise Invalid(422, f"A rate needs limits with slot decay, which these have not: {', '.join(steady)}")
    return limits if all(one.active_slots + wanted.slots <= one.limit for one in active) else None

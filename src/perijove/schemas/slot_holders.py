"""Who holds the slots of a work pool and its queues, whether or not these are limited."""

from uuid import UUID

from pydantic import Field

from perijove.schemas.base import Instant, Model, Request
from perijove.schemas.schedules import Seconds
from perijove.schemas.states import StateType


class QueueSlotsQuery(Request):
    """A page of a queue's holders, by when their state began; ``page`` counts from 1."""

    page: int = Field(default=1, ge=1, le=2**31)
    limit: int = Field(default=200, ge=0, le=200)


class PoolSlotsQuery(QueueSlotsQuery):
    """A page of a pool's queues, with ``flow_run_limit`` holders of each."""

    flow_run_limit: int = Field(default=10, ge=0, le=200)


class SlotHolder(Model):
    id: UUID
    name: str
    state_type: StateType | None = None
    state_name: str | None = None
    start_time: Instant | None = None
    state_timestamp: Instant | None = None
    time_in_current_state: Seconds | None = None


class QueueHolders(Model):
    """One queue of a pool: ``flow_run_count`` holders, of which the first are shown."""

    queue_id: UUID
    queue_name: str
    active_slots: int
    concurrency_limit: int | None
    flow_runs: list[SlotHolder]
    flow_run_count: int


class _Slots(Model):
    active_slots: int
    concurrency_limit: int | None
    count: int
    limit: int
    pages: int
    page: int


class QueueSlots(_Slots):
    flow_runs: list[SlotHolder]


class PoolSlots(_Slots):
    queues: list[QueueHolders]

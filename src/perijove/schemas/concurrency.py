"""Concurrency limits: how many slots of a name may be taken at once, and the leases that hold them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from perijove.schemas.base import Model, Name, Request, Stored

LONGEST_LEASE = 86_400.0
"""Seconds."""

Names = Annotated[list[str], Field(min_length=1)]
LeaseSeconds = Annotated[float, Field(ge=60, le=LONGEST_LEASE)]


class ConcurrencyLimitCreate(Request):
    """``slot_decay_per_second`` above zero: slots come back by themselves, so that the limit is one of a rate."""

    name: Name
    limit: int = Field(ge=0)
    active: bool = True
    active_slots: int = Field(default=0, ge=0)
    denied_slots: int = Field(default=0, ge=0)
    slot_decay_per_second: float = Field(default=0.0, ge=0)


class ConcurrencyLimitUpdate(Request):
    name: Name | None = None
    limit: int | None = Field(default=None, ge=0)
    active: bool | None = None
    active_slots: int | None = Field(default=None, ge=0)
    denied_slots: int | None = Field(default=None, ge=0)
    slot_decay_per_second: float | None = Field(default=None, ge=0)


class ConcurrencyLimit(Stored):
    """``active_slots``: those that are taken now."""

    name: str
    limit: int
    active: bool = True
    active_slots: int = 0
    denied_slots: int = 0
    slot_decay_per_second: float = 0.0
    avg_slot_occupancy_seconds: float = 2.0


class SlotsRequest(Request):
    """Slots of each of the named limits, all or none."""

    names: Names
    slots: int = Field(gt=0)
    mode: Literal["concurrency", "rate_limit"] = "concurrency"
    create_if_missing: bool | None = None


class LeaseHolder(Request):
    """Who is to have the slots."""

    type: Literal["flow_run", "task_run", "deployment"]
    id: UUID


class LeasedSlotsRequest(SlotsRequest):
    """Slots that come back by themselves unless the lease is renewed within ``lease_duration`` seconds."""

    lease_duration: LeaseSeconds = 300.0
    holder: LeaseHolder | None = None


class SlotsReturn(Request):
    names: Names
    slots: int = Field(gt=0)
    occupancy_seconds: float | None = Field(default=None, gt=0)
    create_if_missing: bool | None = None


class LeaseReturn(Request):
    lease_id: UUID


class LeaseRenewal(Request):
    lease_duration: LeaseSeconds = 300.0


class LimitInUse(Model):
    id: UUID
    name: str
    limit: int


class Lease(Model):
    lease_id: UUID
    limits: list[LimitInUse]


class TagLimitCreate(Request):
    """The older form: a limit of the task runs that carry a tag."""

    tag: str = Field(min_length=1)
    concurrency_limit: int = Field(ge=0)


class TagLimit(Stored):
    tag: str
    concurrency_limit: int
    active_slots: list[UUID] = Field(default_factory=list)


class TaskSlotsRequest(Request):
    names: list[str]
    task_run_id: UUID
    occupancy_seconds: float | None = None


class TagLimitReset(Request):
    slot_override: list[UUID] | None = None

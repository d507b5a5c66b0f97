"""Requests about concurrency limits."""

from uuid import UUID

from perijove.client.calls import Call, endpoint
from perijove.client.endpoints.requests import delete, get, patch, post, quoted, tell
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
    TagLimit,
    TagLimitCreate,
)
from perijove.schemas.filters import Page


class ConcurrencyLimits:
    """Concurrency limits, and the leases of their slots."""

    @endpoint
    def create_global_concurrency_limit(self, limit: ConcurrencyLimitCreate) -> Call[ConcurrencyLimit]:
        return post("/v2/concurrency_limits/", limit, ConcurrencyLimit)

    @endpoint
    def read_global_concurrency_limit_by_name(self, name: str) -> Call[ConcurrencyLimit]:
        return get(f"/v2/concurrency_limits/{quoted(name)}", ConcurrencyLimit)

    @endpoint
    def read_global_concurrency_limits(self, page: Page) -> Call[list[ConcurrencyLimit]]:
        return post("/v2/concurrency_limits/filter", page, list[ConcurrencyLimit])

    @endpoint
    def update_global_concurrency_limit(self, name: str, changes: ConcurrencyLimitUpdate) -> Call[None]:
        return patch(f"/v2/concurrency_limits/{quoted(name)}", changes)

    @endpoint
    def delete_global_concurrency_limit_by_name(self, name: str) -> Call[None]:
        return delete(f"/v2/concurrency_limits/{quoted(name)}")

    @endpoint
    def increment_concurrency_slots(self, wanted: SlotsRequest) -> Call[list[LimitInUse]]:
        """Take slots; ApiError 423 when none is free."""
        return post("/v2/concurrency_limits/increment", wanted, list[LimitInUse])

    @endpoint
    def increment_concurrency_slots_with_lease(self, wanted: LeasedSlotsRequest) -> Call[Lease]:
        """Take slots until the lease ends; ApiError 423 when none is free."""
        return post("/v2/concurrency_limits/increment-with-lease", wanted, Lease)

    @endpoint
    def renew_concurrency_lease(self, lease_id: UUID, renewal: LeaseRenewal) -> Call[None]:
        """Let the lease go on; ApiError 410 when it has ended."""
        return tell(f"/v2/concurrency_limits/leases/{lease_id}/renew", renewal)

    @endpoint
    def release_concurrency_slots(self, returned: SlotsReturn) -> Call[list[LimitInUse]]:
        return post("/v2/concurrency_limits/decrement", returned, list[LimitInUse])

    @endpoint
    def release_concurrency_slots_with_lease(self, lease_id: UUID) -> Call[None]:
        return tell("/v2/concurrency_limits/decrement-with-lease", LeaseReturn(lease_id=lease_id))

    @endpoint
    def create_concurrency_limit(self, limit: TagLimitCreate) -> Call[TagLimit]:
        """The limit of the task runs that carry a tag."""
        return post("/concurrency_limits/", limit, TagLimit)

    @endpoint
    def read_concurrency_limit_by_tag(self, tag: str) -> Call[TagLimit]:
        return get(f"/concurrency_limits/tag/{quoted(tag)}", TagLimit)

    @endpoint
    def delete_concurrency_limit_by_tag(self, tag: str) -> Call[None]:
        return delete(f"/concurrency_limits/tag/{quoted(tag)}")

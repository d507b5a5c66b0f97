"""Requests by which a worker takes runs and keeps them: ours, which a Prefect server doesn't know."""

from perijove.client.calls import Call, endpoint
from perijove.client.endpoints.requests import post, tell, waiting
from perijove.schemas.leases import LeasedRun, LeaseRenewal, LeaseRequest


class Leases:
    """Leases of runs."""

    @endpoint
    def take_leases(self, asked: LeaseRequest, *, wait: float = 0.0) -> Call[list[LeasedRun]]:
        """The runs that are due, Pending and the holder's; ``wait`` as in ``get_scheduled_flow_runs``. Raises NotFound
        where there are no leases, as on a Prefect server."""
        return waiting(post("/leases/take", asked, list[LeasedRun]), wait)

    @endpoint
    def renew_leases(self, renewal: LeaseRenewal) -> Call[None]:
        return tell("/leases/renew", renewal)

"""Routes by which a worker takes runs and keeps them. Ours: Prefect's workers go by the work pools' routes."""

from functools import partial

from fastapi import APIRouter, Request, status

from perijove.schemas.leases import LeasedRun, LeaseRenewal, LeaseRequest
from perijove.server.api.backend import Injected
from perijove.server.api.waiting import Hold, Patience
from perijove.server.services import leasing
from perijove.server.services.signals import RUNS, SLOTS

router = APIRouter(prefix="/leases", tags=["leases"])


@router.post("/take")
async def take_leases(asked: LeaseRequest, request: Request, backend: Injected, patience: Patience) -> list[LeasedRun]:
    """The due runs, Pending and leased to who asks; he renews his leases within 30 seconds, again and again.

    A patient client is answered when there is one.
    """
    hold = Hold(patience, backend.signals)
    topics = [RUNS]
    while not await request.is_disconnected():
        with backend.signals.listen(*topics) as changed:
            backend.leases.heard(asked.holder)  # before, lest an old term's end takes back what he is just given
            given = await backend.write(partial(leasing.take, asked=asked))
            backend.signals.notify(*given.held_up, *(each.flow_run.id for each in given.leased))
            if given.leased or hold.is_over:
                return given.leased
            if given.is_limited == (SLOTS in topics):
                await hold.until_changed(changed, given.next)
        topics = [RUNS, SLOTS] if given.is_limited else [RUNS]
    return []


@router.post("/renew", status_code=status.HTTP_204_NO_CONTENT)
async def renew_leases(renewal: LeaseRenewal, backend: Injected) -> None:
    """The holder lives, and has these runs; others that were leased to him and have not begun are put back."""
    backend.leases.heard(renewal.holder)
    if missing := await backend.write(partial(leasing.renew, renewal=renewal)):
        backend.signals.notify(RUNS, *(run.id for run in missing))

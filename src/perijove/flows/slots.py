"""The slots that a tagged task run takes while it runs, of the limits that the server has for its tags, as in Prefect.

A tag's limit is the server's concurrency limit ``tag:NAME``. The slots are leased, so that a process that dies gives
them back.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from perijove import clock
from perijove.client import SyncClient
from perijove.errors import ApiError, ServerError
from perijove.flows.reporting import Reporter
from perijove.flows.runs import LiveTaskRun
from perijove.flows.steps import Answer, Pause, Steps
from perijove.schemas.concurrency import Lease, LeasedSlotsRequest, LeaseHolder, LeaseRenewal

LEASE = 60.0
"""Seconds that slots are kept without a renewal: the shortest lease that there is."""

RENEWAL = 20.0
"""Seconds between two renewals."""

PATIENCE = 30.0
"""Seconds without a sign of life from the server before a run goes on without its slots."""

FORGET = 10.0
"""Seconds for which tags are known to have no limit, and nothing is asked."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_NONE_FREE = 423

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
_unlimited: dict[tuple[str, frozenset[str]], float] = {}


class Slots:
    """Those of one task run, which has tags."""

    def __init__(self, run: LiveTaskRun, reporter: Reporter) -> None:
        self._run = run
        self._reporter = reporter
        self._tags = run.definition.tags
        self._ended: threading.Event | None = None

    def take(self) -> Steps[None]:
        """Wait until each limit of the tags has a slot, and take those. Without a server there is no limit."""
        if clock.monotonic() < _unlimited.get(self._known, 0.0):
            return
        try:
            lease = yield from self._lease()
        except ServerError as error:
            self._reporter.warn(error)
            return
        if lease.limits:
            self._keep(lease.lease_id)
        else:
            _unlimited[self._known] = clock.monotonic() + FORGET
            self._ask(lambda client: client.release_concurrency_slots_with_lease(lease.lease_id))

    def give_back(self) -> None:
        """Let others have them, if there are any."""
        if self._ended:
            self._ended.set()
        self._ended = None

    @property
    def _known(self) -> tuple[str, frozenset[str]]:
        return self._reporter.target.api_url, self._tags

    def _lease(self) -> Steps[Lease]:
        wanted = LeasedSlotsRequest(
            names=[f"tag:{tag}" for tag in sorted(self._tags)],
            slots=1,
            lease_duration=LEASE,
            holder=LeaseHolder(type="task_run", id=self._run.id),
        )
        pause = _FIRST_PAUSE
        while True:
            try:
                question = self._ask(lambda client: client.increment_concurrency_slots_with_lease(wanted))
                lease: Lease = yield Answer(question, PATIENCE, self._reporter.heard)
            except ApiError as error:
                if error.status != _NONE_FREE:
                    raise
            else:
                return lease
            yield Pause(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _keep(self, lease_id: UUID) -> None:
        self._ended = threading.Event()
        threading.Thread(target=self._renew, args=[lease_id, self._ended], name="perijove-slots", daemon=True).start()

    def _renew(self, lease_id: UUID, ended: threading.Event) -> None:
        """Renew the lease until the run is over, and end it then."""
        renewal = LeaseRenewal(lease_duration=LEASE)
        while not ended.wait(RENEWAL):
            self._ask(lambda client: client.renew_concurrency_lease(lease_id, renewal))
        self._ask(lambda client: client.release_concurrency_slots_with_lease(lease_id))

    def _ask(self, question: Callable[[SyncClient], T]) -> "Future[T]":
        return self._reporter.ask(question)

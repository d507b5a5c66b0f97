"""Makes due runs ours: by leases from a server that gives them, else as Prefect's workers do, by proposing Pending."""

import asyncio
import logging
import random
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID, uuid4

from perijove import clock
from perijove.errors import NotFound, ServerError
from perijove.schemas.deployments import Deployment
from perijove.schemas.leases import LeasedRun, LeaseRenewal, LeaseRequest
from perijove.schemas.runs import FlowRun, SetStateStatus
from perijove.schemas.states import State, StateCreate, StateType
from perijove.worker.connection import Connection
from perijove.worker.posts import LEAVING_PATIENCE, Post

HOLD = 30.0
"""Seconds that a server may hold its answer until a run is due."""

POLL = (5.0, 10.0)
"""Seconds between two questions to a server that holds none: a random pause, so that workers spread."""

MOST_AT_ONCE = 200
"""Runs that a server gives in one answer, at most."""

PATIENCE = 30.0
"""Seconds that the server may be away before a run that is not ours yet is given up."""

_PAUSE_AFTER_LOSS = 0.25
_log = logging.getLogger(__name__)


class Claims(ABC):
    """How the runs of a post become ours. ``lease``: what each of them is then reported with."""

    def __init__(self, post: Post, connection: Connection) -> None:
        self._post = post
        self._connection = connection
        self.lease: UUID | None = None

    @abstractmethod
    async def due(self, room: int, hold: float) -> Sequence[LeasedRun]:
        """Wait ``hold`` seconds for due runs, and return ``room`` of them at most, or none; may be cancelled. Raises
        ServerError."""

    @abstractmethod
    async def claim(self, due: Sequence[LeasedRun]) -> Sequence[LeasedRun]:
        """Those of the due runs that are ours, and Pending."""

    @abstractmethod
    async def keep(self, run_ids: Collection[UUID]) -> None:
        """Say that we live and still have these runs, as they are when it is said. Raises ServerError."""

    @abstractmethod
    async def leave(self, run_ids: Collection[UUID]) -> None:
        """Say that no more runs are taken: what is on its way to us, and is none of these, shall go elsewhere."""


async def claims_of(post: Post, connection: Connection) -> Claims:
    """The way that the connection's server has. Raises ServerError."""
    leases = Leases(post, connection)
    try:
        await leases.keep(())
    except NotFound:
        return Proposals(post, connection)
    return leases


class Leases(Claims):
    """What is due comes with a lease, as ours already."""

    def __init__(self, post: Post, connection: Connection) -> None:
        super().__init__(post, connection)
        self._holder = self.lease = uuid4()

    async def due(self, room: int, hold: float) -> Sequence[LeasedRun]:
        wanted = LeaseRequest(holder=self._holder, limit=min(room, MOST_AT_ONCE), **self._post.source)
        return await self._connection.call(lambda api: api.take_leases(wanted, wait=hold))

    async def claim(self, due: Sequence[LeasedRun]) -> Sequence[LeasedRun]:
        return due

    async def keep(self, run_ids: Collection[UUID]) -> None:
        # Named anew at each try: after a server's absence they are others, and who isn't named is put back.
        await self._connection.call(
            lambda api: api.renew_leases(LeaseRenewal(holder=self._holder, flow_run_ids=list(run_ids)))
        )

    async def leave(self, run_ids: Collection[UUID]) -> None:
        renewal = LeaseRenewal(holder=self._holder, flow_run_ids=list(run_ids), is_leaving=True)
        try:
            await self._connection.call(lambda api: api.renew_leases(renewal), patience=LEAVING_PATIENCE)
        except ServerError as error:
            _log.warning("The server could not be told that no more runs are taken: %s", error)


class Proposals(Claims):
    """The server tells what is due, and whoever gets a run into Pending has it."""

    async def due(self, room: int, hold: float) -> Sequence[LeasedRun]:
        asked = clock.monotonic()
        due = await self._post.due(self._connection, min(room, MOST_AT_ONCE), wait=hold)
        if hold and not due and clock.monotonic() - asked < POLL[0]:
            await asyncio.sleep(random.uniform(*POLL))  # noqa: S311  (no secret)
        return [LeasedRun(flow_run=run) for run in due]

    async def claim(self, due: Sequence[LeasedRun]) -> Sequence[LeasedRun]:
        taken = [run for run in await asyncio.gather(*(self._claim(each.flow_run) for each in due)) if run]
        if due and not taken:
            await asyncio.sleep(_PAUSE_AFTER_LOSS)
        return taken

    async def keep(self, run_ids: Collection[UUID]) -> None:
        """Nobody asks."""

    async def leave(self, run_ids: Collection[UUID]) -> None:
        """Nobody asks."""

    async def _claim(self, run: FlowRun) -> LeasedRun | None:
        """Take the run by proposing Pending, which the server accepts from one worker only."""
        try:
            pending, deployment = await asyncio.gather(self._propose_pending(run), self._deployment_of(run))
        except ServerError as error:
            _log.warning("Run %s could not be claimed: %s", run.id, error)
            return None
        if pending is None:
            return None
        state = {"state": pending, "state_id": pending.id, "state_type": pending.type, "state_name": pending.name}
        return LeasedRun(flow_run=run.model_copy(update=state), deployment=deployment)

    async def _propose_pending(self, run: FlowRun) -> State | None:
        pending = StateCreate(type=StateType.PENDING)
        answer: Any = await self._connection.call(
            lambda api: api.set_flow_run_state(run.id, pending), patience=PATIENCE
        )
        return answer.state if answer.status is SetStateStatus.ACCEPT else None

    async def _deployment_of(self, run: FlowRun) -> Deployment | None:
        deployment_id = run.deployment_id
        if deployment_id is None:
            return None
        try:
            return await self._connection.call(lambda api: api.read_deployment(deployment_id), patience=PATIENCE)
        except NotFound:
            return None

"""What a worker serves: a work pool, or single deployments that belong to none."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import methodcaller
from typing import Any
from uuid import UUID

from perijove import clock
from perijove.errors import NotFound, ServerError
from perijove.schemas.deployments import DeploymentUpdate
from perijove.schemas.runs import FlowRun
from perijove.schemas.work import ScheduledRunsRequest, WorkerHeartbeat, WorkPoolCreate
from perijove.worker.connection import Connection

HEARTBEAT = 30
"""Seconds between two signs of life."""

LEAVING_PATIENCE = 10.0
"""Seconds that the server may be away when a worker leaves."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Post(ABC):
    """Where due runs come from; at most ``limit`` of them run at a time."""

    limit: int

    @abstractmethod
    async def prepare(self, connection: Connection) -> None:
        """See that there is what shall be served. Raises ServerError."""

    @property
    @abstractmethod
    def source(self) -> Mapping[str, Any]:
        """What it serves, as a request for leases names it."""

    @abstractmethod
    async def due(self, connection: Connection, room: int, *, wait: float) -> Sequence[FlowRun]:
        """The runs that are due, ``room`` at most; a server that can holds its answer for ``wait`` seconds."""

    @abstractmethod
    async def beat(self, connection: Connection) -> None:
        """Give a sign of life."""

    @abstractmethod
    async def leave(self, connection: Connection) -> None:
        """Say what there is to say when no more runs are taken."""


@dataclass(frozen=True, slots=True)
class PoolPost(Post):
    """A work pool's runs (of these ``queues`` alone, if any is named), taken by a worker called ``name``. The pool is
    made where there is none."""

    pool: str
    name: str
    queues: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"the work pool {self.pool}"

    async def prepare(self, connection: Connection) -> None:
        try:
            await connection.call(lambda api: api.read_work_pool(self.pool))
        except NotFound:
            _log.info("The work pool %s is not there yet: making it.", self.pool)
            await connection.call(lambda api: api.create_work_pool(WorkPoolCreate(name=self.pool, type="process")))

    @property
    def source(self) -> Mapping[str, Any]:
        return {"work_pool": self.pool, "work_queues": list(self.queues)}

    async def due(self, connection: Connection, room: int, *, wait: float) -> Sequence[FlowRun]:
        request = ScheduledRunsRequest(
            limit=room,
            work_queue_names=list(self.queues) or None,
            scheduled_before=clock.now(),  # a server that is not told gives what is due next month, too
        )
        found = await connection.call(lambda api: api.get_scheduled_flow_runs(self.pool, request, wait=wait))
        return [each.flow_run for each in found]

    async def beat(self, connection: Connection) -> None:
        heartbeat = WorkerHeartbeat(name=self.name, heartbeat_interval_seconds=HEARTBEAT)
        await connection.call(lambda api: api.send_worker_heartbeat(self.pool, heartbeat))

    async def leave(self, connection: Connection) -> None:
        """Others may serve the pool."""


@dataclass(frozen=True, slots=True)
class DeploymentsPost(Post):
    """The runs of these deployments. ``pause``: their schedules are paused when nobody serves them any more."""

    deployment_ids: tuple[UUID, ...]
    pause: bool

    def __str__(self) -> str:
        return f"{len(self.deployment_ids)} deployment{'s' if len(self.deployment_ids) > 1 else ''}"

    async def prepare(self, connection: Connection) -> None:
        for deployment_id in self.deployment_ids:
            await connection.call(methodcaller("read_deployment", deployment_id))

    @property
    def source(self) -> Mapping[str, Any]:
        return {"deployment_ids": list(self.deployment_ids)}

    async def due(self, connection: Connection, room: int, *, wait: float) -> Sequence[FlowRun]:
        now = clock.now()
        return await connection.call(
            lambda api: api.get_scheduled_flow_runs_for_deployments(
                self.deployment_ids, scheduled_before=now, limit=room, wait=wait
            )
        )

    async def beat(self, connection: Connection) -> None:
        """Asking for runs is sign enough: no server keeps a record of who serves deployments."""

    async def leave(self, connection: Connection) -> None:
        for deployment_id in self.deployment_ids if self.pause else ():
            try:
                await self._pause(connection, deployment_id)
            except ServerError as error:
                _log.warning("The schedules of deployment %s could not be paused: %s", deployment_id, error)

    async def _pause(self, connection: Connection, deployment_id: UUID) -> None:
        paused = DeploymentUpdate(paused=True)
        await connection.call(lambda api: api.update_deployment(deployment_id, paused), patience=LEAVING_PATIENCE)

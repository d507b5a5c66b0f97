"""Tell of deployments, work queues and work pools that become ready, not ready or paused: as Prefect's events."""

import asyncio

from sqlalchemy import Connection

from perijove.schemas.events import Resource
from perijove.server.rules import lifecycle
from perijove.server.services import pools
from perijove.server.storage import deployments, events, related, statuses, work_pools, work_queues
from perijove.server.storage.database import Database

PAUSE = 5.0
"""Seconds between two looks: a status also changes by the passing of time."""


class Statuses:
    """The loop that tells."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            if await self._database.read(statuses.changes):
                await self._database.write(tell)
            await asyncio.sleep(PAUSE)


def tell(connection: Connection) -> None:
    """Record the event of each status that is not what was last told."""
    for change in statuses.changes(connection):
        name, labels, related_to = _known(connection, change)
        what = change.status.lower().replace("_", "-")
        happened = lifecycle.changed(change.kind, change.id, name, what, related=related_to, payload=None, **labels)
        events.record(connection, [happened])
        statuses.note_told(connection, change)


def _known(connection: Connection, change: statuses.Change) -> tuple[str, dict[str, str], list[Resource]]:
    """The name, the labels and the related resources of what has changed."""
    if change.kind == "deployment":
        deployment = deployments.read(connection, change.id)
        return deployment.name, {}, related.to_deployment(connection, deployment)
    if change.kind == "work-queue":
        queue = work_queues.read(connection, change.id)
        return queue.name, pools.QUEUE_LABELS, pools.related_to_queue(connection, queue)
    pool = work_pools.read_by_id(connection, change.id)
    return pool.name, {"prefect.work-pool.type": pool.type}, []

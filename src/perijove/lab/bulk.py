"""What is done to all the deployments that the panel's filter asks for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID

from perijove.deployments import rows
from perijove.errors import NotFound
from perijove.lab.connection import Connection
from perijove.lab.handlers import Handler, route
from perijove.schemas.filters import DeploymentQuery, DeploymentSort

AT_ONCE = 8
"""Requests that are under way at once."""


class BulkQuery(rows.RowQuery):
    action: Literal["pause", "resume", "delete"]


class BulkHandler(Handler):
    """Pause, resume or delete all that a filter asks for; the answer's ``count`` says how many these were."""

    @route
    async def post(self) -> None:
        asked = self.body(BulkQuery)
        self.answer({"count": await apply(self.connection, asked)})


async def apply(connection: Connection, asked: BulkQuery) -> int:
    """Do it to each, and return to how many. One that is gone meanwhile counts for nothing."""
    ids = [each async for each in _found(connection, rows.wanted(asked))]  # all, before any drops out of the filter
    limit = asyncio.Semaphore(AT_ONCE)
    act = {
        "pause": connection.pause_deployment,
        "resume": connection.resume_deployment,
        "delete": connection.delete_deployment,
    }[asked.action]

    async def done(deployment_id: UUID) -> bool:
        async with limit:
            try:
                await act(deployment_id)
            except NotFound:
                return False
            return True

    return sum(await asyncio.gather(*map(done, ids)))


async def _found(connection: Connection, wanted: DeploymentQuery) -> AsyncIterator[UUID]:
    offset = 0
    while True:
        asked = wanted.model_copy(update={"sort": DeploymentSort.NAME_ASC, "limit": rows.MOST, "offset": offset})
        page = await connection.read_deployments(asked)
        for each in page:
            yield each.id
        if len(page) < rows.MOST:
            return
        offset += len(page)

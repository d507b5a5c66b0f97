"""Delete runs that ended long ago, where that is wished: a run an hour fills a disk in the end."""

import asyncio
from datetime import timedelta
from functools import partial

from perijove import clock
from perijove.server.storage import flow_runs
from perijove.server.storage.database import Database

PIECE = 200
"""Runs that are deleted at once, so that nobody waits for it."""

_PAUSE = timedelta(minutes=10)


class OldRuns:
    """The loop that deletes the runs that ended more than ``kept`` ago; None: no run is ever deleted."""

    def __init__(self, database: Database, kept: timedelta | None) -> None:
        self._database = database
        self._kept = kept

    async def run(self) -> None:
        """Delete until cancelled."""
        while True:
            while self._kept is not None and await self._delete_some(self._kept) == PIECE:
                pass
            await asyncio.sleep(_PAUSE.total_seconds())

    async def _delete_some(self, kept: timedelta) -> int:
        return await self._database.write(partial(flow_runs.forget, before=clock.now() - kept, limit=PIECE))

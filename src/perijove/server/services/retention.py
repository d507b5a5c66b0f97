"""Forget events, and what fired for them, after a while, in small pieces, so that nobody waits for it."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from perijove import clock
from perijove.server.storage import events, triggers
from perijove.server.storage.database import Database

KEPT = timedelta(days=7)
"""How long events are kept where nothing else is set: as long as Prefect keeps them."""

PIECE = 500
"""Events that are deleted at once."""

_LONGEST_PAUSE = timedelta(hours=1)
_SHORTEST_PAUSE = timedelta(seconds=1)


class Retention:
    """The loop that deletes the events that are older than ``kept``."""

    def __init__(self, database: Database, kept: timedelta = KEPT) -> None:
        self._database = database
        self._kept = kept

    async def run(self) -> None:
        """Forget until cancelled."""
        while True:
            while await self._forget_some() == PIECE:
                pass
            first = await self._database.read(events.oldest)
            due = first + self._kept - clock.now() if first else _LONGEST_PAUSE
            await asyncio.sleep(min(max(due, _SHORTEST_PAUSE), _LONGEST_PAUSE).total_seconds())

    async def _forget_some(self) -> int:
        before = clock.now() - self._kept
        first = await self._database.read(events.oldest)
        if first is None or first >= before:
            return 0
        return await self._database.write(partial(_forget, before=before))


def _forget(connection: Connection, before: datetime) -> int:
    triggers.forget_firings(connection, before, PIECE)
    return events.forget(connection, before, PIECE)

"""Brings a run's log entries to the server: in batches, soon, in order, and again until they are there."""

import asyncio
import logging
from collections.abc import Sequence

from perijove.errors import ApiError, ServerError
from perijove.schemas.logs import LogCreate
from perijove.worker.connection import Connection
from perijove.worker.spool import Spool

WINDOW = 0.1
"""Seconds after a delivery in which entries wait for others to travel with them. A run's first one waits for none."""

_REFUSED = (400, 409, 413, 422)
_log = logging.getLogger(__name__)


class Shipper:
    """Delivers what a spool holds. A batch whose answer was lost is sent again: by its numbers it is stored once."""

    def __init__(self, connection: Connection, spool: Spool) -> None:
        self._connection = connection
        self._spool = spool
        self._news = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def take(self, entries: Sequence[LogCreate]) -> None:
        """Keep the entries and have them delivered soon."""
        if entries:
            self._spool.append(entries)
            self._news.set()

    async def run(self) -> None:
        """Deliver whatever comes, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self.deliver_all()
            await asyncio.sleep(WINDOW)

    async def deliver_all(self) -> None:
        """Deliver all that there is, however long the server is away; give up if it refuses us."""
        async with self._one_at_a_time:
            try:
                while lines := self._spool.peek():
                    await self._deliver([LogCreate.model_validate_json(line) for line in lines])
                    self._spool.advance(lines)
            except ServerError as error:
                _log.warning("The server does not take the run's output, which is kept for now: %s", error)

    async def _deliver(self, entries: list[LogCreate]) -> None:
        """Deliver the batch; entries that the server refuses for what they are don't hold up the others."""
        try:
            await self._connection.call(lambda api: api.create_logs(entries))
        except ApiError as error:
            if error.status not in _REFUSED:
                raise
            if len(entries) == 1:
                _log.warning("The server refuses a line of output (%s): %.200s", error, entries[0].message)
                return
            middle = len(entries) // 2
            await self._deliver(entries[:middle])
            await self._deliver(entries[middle:])

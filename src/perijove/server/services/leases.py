"""Watch the leases: a holder who is not heard from in time loses what he has."""

import asyncio
import contextlib
from math import inf
from uuid import UUID

from perijove import clock
from perijove.server.services import leasing
from perijove.server.services.signals import RUNS, SLOTS, Signals
from perijove.server.storage import flow_runs
from perijove.server.storage.database import Database

TERM = 30.0
"""Seconds for which a lease holds, from the last word of its holder. A sleeping computer's don't count."""


class Leases:
    """The loop that ends leases. The deadlines are kept in memory alone: a server that starts gives all a new term."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self._database = database
        self._signals = signals
        self._deadlines: dict[UUID, float] = {}
        self._changed = asyncio.Event()

    @property
    def holders(self) -> set[UUID]:
        """Whose leases are watched."""
        return set(self._deadlines)

    def heard(self, holder: UUID) -> None:
        """The holder lives: his leases have a new term."""
        self._deadlines[holder] = clock.monotonic() + TERM
        self.wake()

    def wake(self) -> None:
        """Look at the deadlines now."""
        self._changed.set()

    async def run(self) -> None:
        """End leases until cancelled; asleep until the first of them may be over."""
        for holder in await self._database.read(flow_runs.lease_holders):
            self._deadlines.setdefault(holder, clock.monotonic() + TERM)
        while True:
            self._changed.clear()
            while (overdue := self._overdue()) is not None:
                await self._end(overdue)
            await self._until_next()

    def _overdue(self) -> UUID | None:
        now = clock.monotonic()
        return next((holder for holder, end in self._deadlines.items() if end <= now), None)

    async def _end(self, holder: UUID) -> None:
        del self._deadlines[holder]  # before anything else: he may be heard from meanwhile, and is given more then
        lost = await self._database.write(lambda connection: leasing.take_back(connection, holder))
        if lost:
            self._signals.notify(RUNS, SLOTS, *(run.id for run in lost))

    async def _until_next(self) -> None:
        left = min(self._deadlines.values(), default=inf) - clock.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if left == inf else left):  # wait_for: see sleep_until
                await self._changed.wait()

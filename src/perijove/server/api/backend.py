"""What every route has at hand: the database, the signals that wake those who wait, the leases and the feed."""

from dataclasses import dataclass
from typing import Annotated, TypeVar, cast

from fastapi import Depends
from fastapi.requests import HTTPConnection

from perijove.server.services.feed import Feed
from perijove.server.services.leases import Leases
from perijove.server.services.signals import Signals
from perijove.server.storage.database import Database, Work

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Backend:
    """``read`` and ``write`` run a piece of work on the database; ``signals`` wake those who wait for what was written;
    ``leases`` is told who was heard from; ``feed`` gives what happened to those who watch."""

    database: Database
    signals: Signals
    leases: Leases
    feed: Feed

    async def read(self, work: Work[T]) -> T:
        """Run work that reads."""
        return await self.database.read(work)

    async def write(self, work: Work[T], *topics: object) -> T:
        """Run work that writes; once it is safe, wake who listens to the topics."""
        result = await self.database.write(work)
        self.signals.notify(*topics)
        return result


async def _backend(connection: HTTPConnection) -> Backend:
    return cast("Backend", connection.app.state.backend)


Injected = Annotated[Backend, Depends(_backend)]

"""What every route has at hand: the database, the signals that wake those who wait, and the leases."""

from dataclasses import dataclass
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request

from perijove.server.services.leases import Leases
from perijove.server.services.signals import Signals
from perijove.server.storage.database import Database, Work

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Backend:
    """``read`` and ``write`` run a piece of work on the database; ``signals`` tell of what was written; ``leases`` is
    told who was heard from."""

    database: Database
    signals: Signals
    leases: Leases

    async def read(self, work: Work[T]) -> T:
        """Run work that reads."""
        return await self.database.read(work)

    async def write(self, work: Work[T], *topics: object) -> T:
        """Run work that writes; once it is safe, wake who listens to the topics."""
        result = await self.database.write(work)
        self.signals.notify(*topics)
        return result


async def _backend(request: Request) -> Backend:
    return cast("Backend", request.app.state.backend)


Injected = Annotated[Backend, Depends(_backend)]

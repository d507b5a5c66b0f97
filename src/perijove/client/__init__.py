"""The one way to a server, whichever it is: ``get_client()``."""

from typing import Literal, overload

from perijove.client import targets
from perijove.client.targets import Target
from perijove.client.transport import AsyncClient, SyncClient

__all__ = ["AsyncClient", "SyncClient", "Target", "get_client"]


@overload
def get_client(*, sync_client: Literal[False] = False) -> AsyncClient: ...
@overload
def get_client(*, sync_client: Literal[True]) -> SyncClient: ...
def get_client(*, sync_client: bool = False) -> AsyncClient | SyncClient:
    """A client of the target; the embedded server is started when it is needed and doesn't run.

    ``async with get_client() as client: await client.read_flow_run(id)``, or with ``sync_client=True`` the same
    without async and await. Raises ServerStartError.
    """
    target = targets.require()
    return SyncClient(target) if sync_client else AsyncClient(target)

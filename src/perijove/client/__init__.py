"""The one way to a server, whichever it is: ``get_client()``; and to what happens there: ``Events`` and ``Logs``."""

import importlib
from typing import TYPE_CHECKING, Literal, overload

from perijove.client import targets
from perijove.client.targets import Target
from perijove.client.transport import AsyncClient, SyncClient

if TYPE_CHECKING:
    from perijove.client.subscriptions import Events, Logs

__all__ = ["AsyncClient", "Events", "Logs", "SyncClient", "Target", "get_client"]


def __getattr__(name: str) -> object:
    if name in ("Events", "Logs"):  # few need them, and they cost 30 ms
        return getattr(importlib.import_module("perijove.client.subscriptions"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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

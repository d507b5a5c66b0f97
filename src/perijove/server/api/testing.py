"""The route that only a server started with ``--testing`` has."""

from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, status

from perijove.server.api.backend import Injected
from perijove.server.services import clearing
from perijove.server.services.signals import RUNS, SCHEDULES

router = APIRouter(prefix="/admin/database", tags=["admin"])


@router.post("/clear", status_code=status.HTTP_204_NO_CONTENT)
async def clear_database(backend: Injected, confirm: Annotated[bool, Body(embed=True)] = False) -> None:
    """Delete everything, so that the next test finds a new server."""
    if not confirm:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "Say {'confirm': true} to delete everything.")
    await backend.write(clearing.clear, RUNS, SCHEDULES)

"""Routes of log lines."""

from functools import partial

from fastapi import APIRouter, status

from perijove.schemas.filters import LogQuery
from perijove.schemas.logs import Log, LogCreate
from perijove.server.api.backend import Injected
from perijove.server.storage import logs

router = APIRouter(prefix="/logs", tags=["logs"])


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_logs(lines: list[LogCreate], backend: Injected) -> None:
    await backend.write(partial(logs.add, lines=lines))


@router.post("/filter")
async def read_logs(query: LogQuery, backend: Injected) -> list[Log]:
    return await backend.read(partial(logs.search, query=query))

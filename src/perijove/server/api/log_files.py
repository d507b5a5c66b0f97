"""A run's log as a file, of whatever length."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from functools import partial
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from perijove.server.api.backend import Backend, Injected
from perijove.server.storage import flow_runs, logs

LINES = 1000
"""Lines that are read at once."""

_COLUMNS = ("timestamp", "level", "flow_run_id", "task_run_id", "message")

router = APIRouter(tags=["logs"])


@router.get("/flow_runs/{flow_run_id:uuid}/logs/download", response_class=StreamingResponse)
async def download_logs(flow_run_id: UUID, backend: Injected) -> StreamingResponse:
    """The run's log as CSV (RFC 4180), oldest line first."""
    run = await backend.read(partial(flow_runs.read, flow_run_id=flow_run_id))
    name = quote(f"{run.name}-logs.csv", safe="")
    disposition = f"attachment; filename=\"flow-run-logs.csv\"; filename*=UTF-8''{name}"
    headers = {"Content-Disposition": disposition}
    return StreamingResponse(_written(backend, flow_run_id), media_type="text/csv; charset=utf-8", headers=headers)


async def _written(backend: Backend, flow_run_id: UUID) -> AsyncIterator[str]:
    yield _csv([_COLUMNS])
    last: logs.Place | None = None
    while page := await backend.read(partial(logs.page_of_run, flow_run_id=flow_run_id, last=last, limit=LINES)):
        yield _csv([getattr(line, name) for name in _COLUMNS] for line, _ in page)
        last = page[-1][1]


def _csv(lines: Iterable[Iterable[object]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(lines)
    return written.getvalue()

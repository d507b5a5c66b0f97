"""Routes of runs over time: what charts are drawn from."""

from functools import partial

from fastapi import APIRouter

from perijove.schemas.filters import FlowRunQuery
from perijove.schemas.history import HistoryInterval, HistoryQuery
from perijove.server.api.backend import Injected
from perijove.server.storage import history

router = APIRouter(tags=["history"])


@router.post("/flow_runs/history")
async def read_flow_run_history(query: HistoryQuery, backend: Injected) -> list[HistoryInterval]:
    return await backend.read(partial(history.of_flow_runs, query=query))


@router.post("/task_runs/history")
async def read_task_run_history(query: HistoryQuery, backend: Injected) -> list[HistoryInterval]:
    return await backend.read(partial(history.of_task_runs, query=query))


@router.post("/flow_runs/lateness")
async def read_average_lateness(query: FlowRunQuery, backend: Injected) -> float | None:
    """Seconds, on average, from when runs were expected to begin until they did."""
    return await backend.read(partial(history.average_lateness, query=query))

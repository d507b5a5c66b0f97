"""Routes of the picture of a run: what Prefect's user interface draws."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter

from perijove.schemas.base import Instant
from perijove.schemas.graphs import Dependency, Graph
from perijove.server.api.backend import Injected
from perijove.server.services import picturing

router = APIRouter(prefix="/flow_runs/{flow_run_id:uuid}", tags=["flow runs"])


@router.get("/graph-v2")
async def read_graph(flow_run_id: UUID, backend: Injected, since: Instant | None = None) -> Graph:
    """The run's tasks and subflows with their edges; ``since``: only what may have changed since then."""
    return await backend.read(partial(picturing.graph, flow_run_id=flow_run_id, since=since))


@router.get("/graph")
async def read_dependencies(flow_run_id: UUID, backend: Injected) -> list[Dependency]:
    """The run's task runs, each with what it takes as its inputs."""
    return await backend.read(partial(picturing.dependencies, flow_run_id=flow_run_id))

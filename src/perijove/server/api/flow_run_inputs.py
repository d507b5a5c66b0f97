"""Routes of flow runs' inputs."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, status
from fastapi.responses import PlainTextResponse
from sqlalchemy import Connection

from perijove.errors import NotFound
from perijove.schemas.inputs import FlowRunInput, FlowRunInputCreate, FlowRunInputQuery
from perijove.server.api.backend import Injected
from perijove.server.storage import flow_run_inputs, flow_runs

router = APIRouter(prefix="/flow_runs/{flow_run_id:uuid}/input", tags=["flow run inputs"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_flow_run_input(flow_run_id: UUID, wanted: FlowRunInputCreate, backend: Injected) -> None:
    def work(connection: Connection) -> None:
        flow_runs.read(connection, flow_run_id)
        flow_run_inputs.create(connection, flow_run_id, wanted)

    await backend.write(work)


@router.post("/filter")
async def read_flow_run_inputs(flow_run_id: UUID, query: FlowRunInputQuery, backend: Injected) -> list[FlowRunInput]:
    return await backend.read(partial(flow_run_inputs.search, flow_run_id=flow_run_id, query=query))


@router.get("/{key:path}")
async def read_flow_run_input(flow_run_id: UUID, key: str, backend: Injected) -> PlainTextResponse:
    """The input's value alone, as the text that it is."""
    found = await backend.read(partial(flow_run_inputs.find, flow_run_id=flow_run_id, key=key))
    if found is None:
        raise NotFound(404, "Flow run input not found")
    return PlainTextResponse(found.value)


@router.delete("/{key:path}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_flow_run_input(flow_run_id: UUID, key: str, backend: Injected) -> None:
    await backend.write(partial(flow_run_inputs.remove, flow_run_id=flow_run_id, key=key))

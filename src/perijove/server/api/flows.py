"""Routes of flows."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Response, status
from sqlalchemy import Connection

from perijove.schemas.filters import FlowPages, FlowQuery
from perijove.schemas.flows import Flow, FlowCreate, FlowUpdate
from perijove.schemas.pages import Deleted, Paginated
from perijove.server.api.backend import Injected
from perijove.server.api.bulk import remove_found
from perijove.server.api.paginating import paginate
from perijove.server.services import telling
from perijove.server.services.telling import FLOW
from perijove.server.storage import flows

router = APIRouter(prefix="/flows", tags=["flows"])


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_flow(flow: FlowCreate, response: Response, backend: Injected) -> Flow:
    """The flow of this name; 201 when it had to be made, else 200."""

    def work(connection: Connection) -> tuple[Flow, bool]:
        found, is_new = flows.ensure(connection, flow)
        if is_new:
            telling.tell(connection, FLOW, found, "created")
        return found, is_new

    made, is_new = await backend.write(work)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return made


@router.get("/name/{name:path}")
async def read_flow_by_name(name: str, backend: Injected) -> Flow:
    return await backend.read(partial(flows.read_by_name, name=name))


@router.get("/{flow_id:uuid}")
async def read_flow(flow_id: UUID, backend: Injected) -> Flow:
    return await backend.read(partial(flows.read, flow_id=flow_id))


@router.post("/filter")
async def read_flows(query: FlowQuery, backend: Injected) -> list[Flow]:
    return await backend.read(partial(flows.search, query=query))


@router.post("/count")
async def count_flows(query: FlowQuery, backend: Injected) -> int:
    return await backend.read(partial(flows.count, query=query))


@router.post("/paginate")
async def paginate_flows(query: FlowPages, backend: Injected) -> Paginated[Flow]:
    return await backend.read(lambda connection: paginate(connection, query, flows.search, flows.count))


@router.post("/bulk_delete")
async def delete_flows(query: FlowQuery, backend: Injected) -> Deleted:
    """Delete the flows that the query asks for, fifty at most."""
    doomed = await backend.write(partial(remove_found, query=query, search=flows.search, remove=_remove))
    return Deleted(deleted=doomed)


@router.patch("/{flow_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_flow(flow_id: UUID, changes: FlowUpdate, backend: Injected) -> None:
    change = partial(flows.change, flow_id=flow_id, changes=changes)
    await backend.write(partial(telling.changed, kind=FLOW, key=flow_id, change=change))


@router.delete("/{flow_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_flow(flow_id: UUID, backend: Injected) -> None:
    await backend.write(partial(_remove, flow_id=flow_id))


def _remove(connection: Connection, flow_id: UUID) -> None:
    telling.deleted(connection, FLOW, flow_id, partial(flows.remove, flow_id=flow_id))

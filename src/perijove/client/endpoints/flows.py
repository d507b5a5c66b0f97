"""Requests about flows."""

from uuid import UUID

from perijove.client.calls import Call, endpoint
from perijove.client.endpoints.requests import delete, get, patch, post, quoted
from perijove.schemas.filters import FlowPages, FlowQuery
from perijove.schemas.flows import Flow, FlowCreate, FlowUpdate
from perijove.schemas.pages import Paginated


class Flows:
    """Flows."""

    @endpoint
    def create_flow(self, flow: FlowCreate) -> Call[Flow]:
        """The flow of this name, made if there is none."""
        return post("/flows/", flow, Flow)

    @endpoint
    def read_flow(self, flow_id: UUID) -> Call[Flow]:
        return get(f"/flows/{flow_id}", Flow)

    @endpoint
    def read_flow_by_name(self, name: str) -> Call[Flow]:
        return get(f"/flows/name/{quoted(name)}", Flow)

    @endpoint
    def read_flows(self, query: FlowQuery) -> Call[list[Flow]]:
        return post("/flows/filter", query, list[Flow])

    @endpoint
    def count_flows(self, query: FlowQuery) -> Call[int]:
        return post("/flows/count", query, int)

    @endpoint
    def paginate_flows(self, query: FlowPages) -> Call[Paginated[Flow]]:
        return post("/flows/paginate", query, Paginated[Flow])

    @endpoint
    def update_flow(self, flow_id: UUID, changes: FlowUpdate) -> Call[None]:
        return patch(f"/flows/{flow_id}", changes)

    @endpoint
    def delete_flow(self, flow_id: UUID) -> Call[None]:
        """Delete the flow with its deployments and runs."""
        return delete(f"/flows/{flow_id}")

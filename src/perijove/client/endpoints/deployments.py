"""Requests about deployments and their schedules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from perijove.client.calls import Call, endpoint, nothing
from perijove.client.endpoints.requests import delete, get, keyed, patch, post, quoted, repeatable, waiting
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate, DeploymentUpdate
from perijove.schemas.filters import DeploymentPages, DeploymentQuery
from perijove.schemas.pages import Deleted, Paginated
from perijove.schemas.runs import FlowRun, FlowRunsCreated
from perijove.schemas.schedules import DeploymentSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate


class Deployments:
    """Deployments and their schedules."""

    @endpoint
    def create_deployment(self, deployment: DeploymentCreate) -> Call[Deployment]:
        """Create the deployment, or replace the one of the same flow and name."""
        return post("/deployments/", deployment, Deployment)

    @endpoint
    def read_deployment(self, deployment_id: UUID) -> Call[Deployment]:
        return get(f"/deployments/{deployment_id}", Deployment)

    @endpoint
    def read_deployment_by_name(self, name: str) -> Call[Deployment]:
        """``name`` is ``flow-name/deployment-name``."""
        flow, _, deployment = name.rpartition("/")
        return get(f"/deployments/name/{quoted(flow)}/{quoted(deployment)}", Deployment)

    @endpoint
    def read_deployments(self, query: DeploymentQuery) -> Call[list[Deployment]]:
        return post("/deployments/filter", query, list[Deployment])

    @endpoint
    def update_deployment(self, deployment_id: UUID, changes: DeploymentUpdate) -> Call[None]:
        return patch(f"/deployments/{deployment_id}", changes)

    @endpoint
    def delete_deployment(self, deployment_id: UUID) -> Call[None]:
        return delete(f"/deployments/{deployment_id}")

    @endpoint
    def pause_deployment(self, deployment_id: UUID) -> Call[None]:
        return Call("POST", f"/deployments/{deployment_id}/pause_deployment", nothing)

    @endpoint
    def resume_deployment(self, deployment_id: UUID) -> Call[None]:
        return Call("POST", f"/deployments/{deployment_id}/resume_deployment", nothing)

    @endpoint
    def read_deployment_schedules(self, deployment_id: UUID) -> Call[list[DeploymentSchedule]]:
        return get(f"/deployments/{deployment_id}/schedules", list[DeploymentSchedule])

    @endpoint
    def create_deployment_schedules(
        self, deployment_id: UUID, schedules: Sequence[DeploymentScheduleCreate]
    ) -> Call[list[DeploymentSchedule]]:
        return post(f"/deployments/{deployment_id}/schedules", list(schedules), list[DeploymentSchedule])

    @endpoint
    def update_deployment_schedule(
        self, deployment_id: UUID, schedule_id: UUID, changes: DeploymentScheduleUpdate
    ) -> Call[None]:
        return patch(f"/deployments/{deployment_id}/schedules/{schedule_id}", changes)

    @endpoint
    def delete_deployment_schedule(self, deployment_id: UUID, schedule_id: UUID) -> Call[None]:
        return delete(f"/deployments/{deployment_id}/schedules/{schedule_id}")

    @endpoint
    def create_flow_run_from_deployment(
        self, deployment_id: UUID, run: DeploymentFlowRunCreate, *, as_of: str | None = None
    ) -> Call[FlowRun]:
        """A run of the deployment. One without an idempotency key gets one, so that it is made once.

        ``as_of``: the deployment's entity tag; an embedded server refuses (412) if it has been changed since.
        """
        call = repeatable(post(f"/deployments/{deployment_id}/create_flow_run", keyed(run), FlowRun))
        return replace(call, headers={**call.headers, "If-Match": as_of}) if as_of else call

    @endpoint
    def get_scheduled_flow_runs_for_deployments(
        self,
        deployment_ids: Sequence[UUID],
        *,
        scheduled_before: datetime | None = None,
        limit: int | None = None,
        wait: float = 0.0,
    ) -> Call[list[FlowRun]]:
        """The deployments' scheduled runs; ``scheduled_before`` and ``wait`` as in ``get_scheduled_flow_runs``."""
        body = {"deployment_ids": list(deployment_ids), "scheduled_before": scheduled_before, "limit": limit}
        return waiting(post("/deployments/get_scheduled_flow_runs", body, list[FlowRun]), wait)

    @endpoint
    def count_deployments(self, query: DeploymentQuery) -> Call[int]:
        return post("/deployments/count", query, int)

    @endpoint
    def paginate_deployments(self, query: DeploymentPages) -> Call[Paginated[Deployment]]:
        return post("/deployments/paginate", query, Paginated[Deployment])

    @endpoint
    def delete_deployments(self, query: DeploymentQuery) -> Call[Deleted]:
        """Delete the deployments that the query asks for, fifty at most."""
        return post("/deployments/bulk_delete", query, Deleted)

    @endpoint
    def create_flow_runs_from_deployment(
        self, deployment_id: UUID, runs: Sequence[DeploymentFlowRunCreate]
    ) -> Call[FlowRunsCreated]:
        """Several runs, a hundred at most; one that is refused keeps no other back."""
        return post(f"/deployments/{deployment_id}/create_flow_run/bulk", list(runs), FlowRunsCreated)

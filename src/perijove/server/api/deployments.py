"""Routes of deployments and their schedules."""

import asyncio
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Header, Response, status

from perijove.errors import Invalid, PerijoveError
from perijove.schemas.base import Instant
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate, DeploymentUpdate
from perijove.schemas.filters import DeploymentPages, DeploymentQuery
from perijove.schemas.pages import Deleted, Paginated
from perijove.schemas.runs import FlowRun, FlowRunCreated, FlowRunsCreated
from perijove.schemas.schedules import DeploymentSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate, RunsAhead
from perijove.server.api.backend import Injected
from perijove.server.api.bulk import remove_found
from perijove.server.api.paginating import paginate
from perijove.server.api.waiting import EVER, Hold, Patience
from perijove.server.services import deploying, dispatch, running, scheduler
from perijove.server.services.signals import RUNS, SCHEDULES, SLOTS
from perijove.server.storage import deployments

router = APIRouter(prefix="/deployments", tags=["deployments"])
_CHANGED = (SCHEDULES, RUNS, SLOTS)

MOST_RUNS = 100
"""Runs that one request makes."""


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_deployment(deployment: DeploymentCreate, response: Response, backend: Injected) -> Deployment:
    """Create the deployment (201), or replace the one of the same flow and name (200)."""
    made, is_new = await backend.write(partial(deploying.create, wanted=deployment), *_CHANGED)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return made


@router.get("/name/{flow_name}/{deployment_name}")
async def read_deployment_by_name(flow_name: str, deployment_name: str, backend: Injected) -> Deployment:
    return await backend.read(partial(deployments.read_by_name, flow_name=flow_name, name=deployment_name))


@router.get("/{deployment_id:uuid}")
async def read_deployment(deployment_id: UUID, backend: Injected) -> Deployment:
    return await backend.read(partial(deployments.read, deployment_id=deployment_id))


@router.post("/filter")
async def read_deployments(query: DeploymentQuery, backend: Injected) -> list[Deployment]:
    return await backend.read(partial(deployments.search, query=query))


@router.post("/count")
async def count_deployments(query: DeploymentQuery, backend: Injected) -> int:
    return await backend.read(partial(deployments.count, query=query))


@router.post("/paginate")
async def paginate_deployments(query: DeploymentPages, backend: Injected) -> Paginated[Deployment]:
    return await backend.read(lambda connection: paginate(connection, query, deployments.search, deployments.count))


@router.post("/bulk_delete")
async def delete_deployments(query: DeploymentQuery, backend: Injected) -> Deleted:
    """Delete the deployments that the query asks for, fifty at most."""
    work = partial(remove_found, query=query, search=deployments.search, remove=deploying.remove)
    return Deleted(deleted=await backend.write(work, *_CHANGED))


@router.patch("/{deployment_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_deployment(deployment_id: UUID, changes: DeploymentUpdate, backend: Injected) -> None:
    await backend.write(partial(deploying.update, deployment_id=deployment_id, changes=changes), *_CHANGED)


@router.delete("/{deployment_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_deployment(deployment_id: UUID, backend: Injected) -> None:
    """Delete the deployment, its schedules, its own limit and all its runs that have not begun."""
    await backend.write(partial(deploying.remove, deployment_id=deployment_id), *_CHANGED)


@router.post("/{deployment_id:uuid}/pause_deployment")
async def pause_deployment(deployment_id: UUID, backend: Injected) -> None:
    await backend.write(partial(deploying.set_paused, deployment_id=deployment_id, paused=True), *_CHANGED)


@router.post("/{deployment_id:uuid}/resume_deployment")
async def resume_deployment(deployment_id: UUID, backend: Injected) -> None:
    await backend.write(partial(deploying.set_paused, deployment_id=deployment_id, paused=False), *_CHANGED)


@router.get("/{deployment_id:uuid}/schedules")
async def read_schedules(deployment_id: UUID, backend: Injected) -> list[DeploymentSchedule]:
    return (await backend.read(partial(deployments.read, deployment_id=deployment_id))).schedules


@router.post("/{deployment_id:uuid}/schedules", status_code=status.HTTP_201_CREATED)
async def create_schedules(
    deployment_id: UUID, schedules: list[DeploymentScheduleCreate], backend: Injected
) -> list[DeploymentSchedule]:
    work = partial(deploying.add_schedules, deployment_id=deployment_id, wanted=schedules)
    return await backend.write(work, *_CHANGED)


@router.patch("/{deployment_id:uuid}/schedules/{schedule_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_schedule(
    deployment_id: UUID, schedule_id: UUID, changes: DeploymentScheduleUpdate, backend: Injected
) -> None:
    work = partial(deploying.change_schedule, deployment_id=deployment_id, schedule_id=schedule_id, changes=changes)
    await backend.write(work, *_CHANGED)


@router.delete("/{deployment_id:uuid}/schedules/{schedule_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_schedule(deployment_id: UUID, schedule_id: UUID, backend: Injected) -> None:
    work = partial(deploying.remove_schedule, deployment_id=deployment_id, schedule_id=schedule_id)
    await backend.write(work, *_CHANGED)


@router.post("/{deployment_id:uuid}/schedule")
async def schedule_deployment(deployment_id: UUID, backend: Injected, wanted: RunsAhead | None = None) -> None:
    """Make the runs of its schedules in a span that may lie in the past; the scheduler makes the next by itself."""
    await backend.write(partial(scheduler.make, deployment_id=deployment_id, wanted=wanted or RunsAhead()), RUNS)


@router.post("/{deployment_id:uuid}/create_flow_run", status_code=status.HTTP_201_CREATED)
async def create_flow_run(
    deployment_id: UUID,
    run: DeploymentFlowRunCreate,
    response: Response,
    backend: Injected,
    if_match: Annotated[str | None, Header()] = None,
) -> FlowRun:
    """A run of the deployment (201), or the one that was made with the same idempotency key (200).

    412 if the deployment is not any more what the client knows, by its entity tag (RFC 9110).
    """
    work = partial(running.of_deployment, deployment_id=deployment_id, wanted=run, as_of=if_match)
    made, is_new = await backend.write(work, RUNS)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return made


@router.post("/{deployment_id:uuid}/create_flow_run/bulk")
async def create_flow_runs(
    deployment_id: UUID, runs: list[DeploymentFlowRunCreate], backend: Injected
) -> FlowRunsCreated:
    """Several runs of the deployment, a hundred at most; one that is refused keeps no other back."""
    if len(runs) > MOST_RUNS:
        raise Invalid(400, f"Cannot create more than {MOST_RUNS} flow runs at once.")
    await backend.read(partial(deployments.read, deployment_id=deployment_id))
    tried = [backend.write(partial(running.of_deployment, deployment_id=deployment_id, wanted=run)) for run in runs]
    outcomes = await asyncio.gather(*tried, return_exceptions=True)
    backend.signals.notify(RUNS)
    return FlowRunsCreated(results=[_outcome(outcome) for outcome in outcomes])


def _outcome(outcome: tuple[FlowRun, bool] | BaseException) -> FlowRunCreated:
    if isinstance(outcome, PerijoveError):
        return FlowRunCreated(status="FAILED", error=str(outcome))
    if isinstance(outcome, BaseException):
        raise outcome
    return FlowRunCreated(status="CREATED", flow_run_id=outcome[0].id)


@router.post("/get_scheduled_flow_runs")
async def get_scheduled_flow_runs(
    backend: Injected,
    patience: Patience,
    deployment_ids: Annotated[list[UUID], Body()],
    scheduled_before: Annotated[Instant | None, Body()] = None,
    limit: Annotated[int | None, Body(ge=0, le=200)] = None,
) -> list[FlowRun]:
    """The deployments' runs that are scheduled for ``scheduled_before`` (None: for any time); whoever asks serves them.

    A patient client that says none means now, and is answered when there is one.
    """
    hold = Hold(patience, backend.signals)
    await backend.write(partial(deployments.note_poll, deployment_ids=deployment_ids))
    most = 200 if limit is None else limit
    before = EVER if scheduled_before is None and not patience else scheduled_before
    look = partial(dispatch.look_at_deployments, deployment_ids=deployment_ids, before=before, limit=most)
    while True:
        with backend.signals.listen(RUNS) as changed:
            seen = await backend.read(look)
            if seen.due or hold.is_over:
                return seen.due
            await hold.until_changed(changed, seen.next)

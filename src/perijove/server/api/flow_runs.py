"""Routes of flow runs and their states."""

from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Response, status
from sqlalchemy import Connection

from perijove import clock
from perijove.schemas.base import JsonObject
from perijove.schemas.filters import FlowRunPages, FlowRunQuery
from perijove.schemas.inputs import Resume
from perijove.schemas.pages import Deleted, Paginated
from perijove.schemas.runs import (
    FlowRun,
    FlowRunCreate,
    FlowRunOrchestrationResult,
    FlowRunStateQuery,
    FlowRunUpdate,
    OrchestrationResult,
    OrchestrationResults,
    SetState,
    SetStateStatus,
)
from perijove.schemas.states import ACTIVE, FINAL, State, StateType
from perijove.server.api.backend import Injected
from perijove.server.api.bulk import found, remove_found
from perijove.server.api.paginating import paginate
from perijove.server.api.waiting import Hold, Patience
from perijove.server.services import orchestration, resuming, running
from perijove.server.services.signals import RUNS, SLOTS
from perijove.server.storage import flow_runs

router = APIRouter(tags=["flow runs"])


@router.post("/flow_runs/", status_code=status.HTTP_201_CREATED)
async def create_flow_run(run: FlowRunCreate, response: Response, backend: Injected) -> FlowRun:
    """A run that its own process reports (201), or the one that was made with the same idempotency key (200)."""
    made, is_new = await backend.write(partial(running.by_itself, wanted=run), RUNS)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return made


@router.get("/flow_runs/{flow_run_id:uuid}")
async def read_flow_run(
    flow_run_id: UUID,
    backend: Injected,
    patience: Patience,
    if_none_match: Annotated[str, Header()] = "",
    until: Literal["changed", "final"] = "changed",
) -> FlowRun:
    """The run. A patient client is answered when the run has another state than it knows, or has ended."""
    look = partial(_news, flow_run_id=flow_run_id, known=if_none_match, until=until)
    hold = Hold(patience, backend.signals)
    with backend.signals.listen(flow_run_id) as changed:
        while not hold.is_over:
            if run := await backend.read(look):
                return run
            await hold.until_changed(changed)
    return await backend.read(partial(flow_runs.read, flow_run_id=flow_run_id))


@router.post("/flow_runs/filter")
async def read_flow_runs(query: FlowRunQuery, backend: Injected) -> list[FlowRun]:
    return await backend.read(partial(flow_runs.search, query=query))


@router.post("/flow_runs/count")
async def count_flow_runs(query: FlowRunQuery, backend: Injected) -> int:
    return await backend.read(partial(flow_runs.count, query=query))


@router.post("/flow_runs/paginate")
async def paginate_flow_runs(query: FlowRunPages, backend: Injected) -> Paginated[FlowRun]:
    return await backend.read(lambda connection: paginate(connection, query, flow_runs.search, flow_runs.count))


@router.post("/flow_runs/bulk_delete")
async def delete_flow_runs(query: FlowRunQuery, backend: Injected) -> Deleted:
    """Delete the runs that the query asks for, fifty at most."""
    work = partial(remove_found, query=query, search=flow_runs.search, remove=flow_runs.remove)
    return Deleted(deleted=await backend.write(work, RUNS, SLOTS))


@router.post("/flow_runs/bulk_set_state")
async def set_states(query: FlowRunStateQuery, backend: Injected) -> OrchestrationResults:
    """Propose a state for the runs that the query asks for, fifty at most."""

    def work(connection: Connection) -> list[FlowRunOrchestrationResult]:
        results = []
        for run_id in found(connection, query, flow_runs.search):
            result = orchestration.propose(connection, run_id, query.state, force=query.force)
            results.append(FlowRunOrchestrationResult(flow_run_id=run_id, **dict(result)))
        return results

    results = await backend.write(work, RUNS, SLOTS)
    backend.signals.notify(*(one.flow_run_id for one in results))
    return OrchestrationResults(results=results)


@router.patch("/flow_runs/{flow_run_id:uuid}/labels", status_code=status.HTTP_204_NO_CONTENT)
async def update_labels(flow_run_id: UUID, labels: JsonObject, backend: Injected) -> None:
    """Add labels to the run's; one of the same name is replaced."""

    def work(connection: Connection) -> None:
        known = flow_runs.read(connection, flow_run_id).labels
        flow_runs.change(connection, flow_run_id, {"labels": {**known, **labels}})

    await backend.write(work)


@router.post("/flow_runs/{flow_run_id:uuid}/resume", status_code=status.HTTP_201_CREATED)
async def resume_flow_run(
    flow_run_id: UUID, response: Response, backend: Injected, wanted: Resume | None = None
) -> OrchestrationResult:
    """Let a paused run go on, with the input that it waits for."""
    given = wanted.run_input if wanted else None
    result = await backend.write(partial(resuming.resume, flow_run_id=flow_run_id, given=given), RUNS, flow_run_id)
    if result.status is not SetStateStatus.ACCEPT:
        response.status_code = status.HTTP_200_OK
    return result


@router.patch("/flow_runs/{flow_run_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_flow_run(flow_run_id: UUID, changes: FlowRunUpdate, backend: Injected) -> None:
    await backend.write(partial(running.change, flow_run_id=flow_run_id, values=_given(changes)))


@router.delete("/flow_runs/{flow_run_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_flow_run(flow_run_id: UUID, backend: Injected) -> None:
    await backend.write(partial(flow_runs.remove, flow_run_id=flow_run_id), RUNS, flow_run_id)


@router.post("/flow_runs/{flow_run_id:uuid}/set_state", status_code=status.HTTP_201_CREATED)
async def set_state(
    flow_run_id: UUID, proposal: SetState, response: Response, backend: Injected
) -> OrchestrationResult:
    """Propose a state; what became of it is in the answer's ``status``. 201 when the run has a new state, else 200."""
    work = partial(
        orchestration.propose,
        flow_run_id=flow_run_id,
        state=proposal.state,
        force=proposal.force,
        lease=proposal.lease,
        also=_given(proposal.changes) if proposal.changes else {},
    )
    asked = clock.now()
    result = await backend.write(work, flow_run_id)
    if result.state is not None and result.state.type is StateType.SCHEDULED:
        backend.signals.notify(RUNS)
    if result.state is not None and result.state.type not in ACTIVE:
        backend.signals.notify(SLOTS)
    if result.state is None or result.state.timestamp < asked:
        response.status_code = status.HTTP_200_OK
    return result


@router.get("/flow_run_states/{state_id:uuid}")
async def read_flow_run_state(state_id: UUID, backend: Injected) -> State:
    return await backend.read(partial(flow_runs.read_state, state_id=state_id))


@router.get("/flow_run_states/")
async def read_flow_run_states(flow_run_id: UUID, backend: Injected) -> list[State]:
    return await backend.read(partial(flow_runs.states, flow_run_id=flow_run_id))


def _given(changes: FlowRunUpdate) -> dict[str, Any]:
    """What was set; null only where a run may be without."""
    given = changes.model_dump(exclude_unset=True)
    nullable = ("flow_version", "infrastructure_pid", "job_variables")
    return {key: value for key, value in given.items() if value is not None or key in nullable}


def _news(connection: Connection, flow_run_id: UUID, known: str, until: Literal["changed", "final"]) -> FlowRun | None:
    """The run, if it has ended; or if its state is not the one that the client knows, by its id as an entity tag
    (RFC 9110)."""
    state_id, state_type = flow_runs.progress(connection, flow_run_id)
    is_news = state_type in FINAL if until == "final" else str(state_id) != known.removeprefix("W/").strip('" ')
    return flow_runs.read(connection, flow_run_id) if is_news else None

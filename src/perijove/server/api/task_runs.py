"""Routes of task runs and their states."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Response, status

from perijove.schemas.filters import TaskRunPages, TaskRunQuery
from perijove.schemas.pages import Paginated
from perijove.schemas.runs import OrchestrationResult, SetState, TaskRun, TaskRunCreate, TaskRunUpdate
from perijove.schemas.states import State
from perijove.server.api.backend import Injected
from perijove.server.api.paginating import paginate
from perijove.server.services import orchestration, running
from perijove.server.storage import task_runs

router = APIRouter(tags=["task runs"])


@router.post("/task_runs/", status_code=status.HTTP_201_CREATED)
async def create_task_run(run: TaskRunCreate, response: Response, backend: Injected) -> TaskRun:
    """The task run of this flow run, task key and dynamic key; 201 when it had to be made, else 200."""
    made, is_new = await backend.write(partial(running.of_task, wanted=run))
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return made


@router.get("/task_runs/{task_run_id:uuid}")
async def read_task_run(task_run_id: UUID, backend: Injected) -> TaskRun:
    return await backend.read(partial(task_runs.read, task_run_id=task_run_id))


@router.post("/task_runs/filter")
async def read_task_runs(query: TaskRunQuery, backend: Injected) -> list[TaskRun]:
    return await backend.read(partial(task_runs.search, query=query))


@router.post("/task_runs/count")
async def count_task_runs(query: TaskRunQuery, backend: Injected) -> int:
    return await backend.read(partial(task_runs.count, query=query))


@router.post("/task_runs/paginate")
async def paginate_task_runs(query: TaskRunPages, backend: Injected) -> Paginated[TaskRun]:
    return await backend.read(lambda connection: paginate(connection, query, task_runs.search, task_runs.count))


@router.patch("/task_runs/{task_run_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def update_task_run(task_run_id: UUID, changes: TaskRunUpdate, backend: Injected) -> None:
    values = changes.model_dump(exclude_unset=True)
    await backend.write(partial(task_runs.change, task_run_id=task_run_id, values=values))


@router.delete("/task_runs/{task_run_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_task_run(task_run_id: UUID, backend: Injected) -> None:
    await backend.write(partial(task_runs.remove, task_run_id=task_run_id))


@router.post("/task_runs/{task_run_id:uuid}/set_state", status_code=status.HTTP_201_CREATED)
async def set_state(task_run_id: UUID, proposal: SetState, backend: Injected) -> OrchestrationResult:
    """Put the task run into a state: its own process orchestrates it, so it is always accepted."""
    work = partial(orchestration.propose_for_task, task_run_id=task_run_id, proposed=proposal.state)
    return await backend.write(work)


@router.get("/task_run_states/{state_id:uuid}")
async def read_task_run_state(state_id: UUID, backend: Injected) -> State:
    return await backend.read(partial(task_runs.read_state, state_id=state_id))


@router.get("/task_run_states/")
async def read_task_run_states(task_run_id: UUID, backend: Injected) -> list[State]:
    return await backend.read(partial(task_runs.states, task_run_id=task_run_id))

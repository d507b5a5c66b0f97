"""Requests about task runs."""

from uuid import UUID

from perijove.client.calls import Call, endpoint
from perijove.client.endpoints.requests import delete, get, patch, post
from perijove.schemas.filters import TaskRunPages, TaskRunQuery
from perijove.schemas.history import HistoryInterval, HistoryQuery
from perijove.schemas.pages import Paginated
from perijove.schemas.runs import OrchestrationResult, SetState, TaskRun, TaskRunCreate, TaskRunUpdate
from perijove.schemas.states import State, StateCreate


class TaskRuns:
    """Task runs and their states."""

    @endpoint
    def create_task_run(self, run: TaskRunCreate) -> Call[TaskRun]:
        """The task run of this flow run, task key and dynamic key, made if there is none."""
        return post("/task_runs/", run, TaskRun)

    @endpoint
    def read_task_run(self, task_run_id: UUID) -> Call[TaskRun]:
        return get(f"/task_runs/{task_run_id}", TaskRun)

    @endpoint
    def read_task_runs(self, query: TaskRunQuery) -> Call[list[TaskRun]]:
        return post("/task_runs/filter", query, list[TaskRun])

    @endpoint
    def set_task_run_state(
        self, task_run_id: UUID, state: StateCreate, *, force: bool = False
    ) -> Call[OrchestrationResult]:
        body = SetState(state=state, force=force)
        return post(f"/task_runs/{task_run_id}/set_state", body, OrchestrationResult)

    @endpoint
    def count_task_runs(self, query: TaskRunQuery) -> Call[int]:
        return post("/task_runs/count", query, int)

    @endpoint
    def paginate_task_runs(self, query: TaskRunPages) -> Call[Paginated[TaskRun]]:
        return post("/task_runs/paginate", query, Paginated[TaskRun])

    @endpoint
    def set_task_run_name(self, task_run_id: UUID, changes: TaskRunUpdate) -> Call[None]:
        return patch(f"/task_runs/{task_run_id}", changes)

    @endpoint
    def delete_task_run(self, task_run_id: UUID) -> Call[None]:
        return delete(f"/task_runs/{task_run_id}")

    @endpoint
    def read_task_run_state(self, state_id: UUID) -> Call[State]:
        return get(f"/task_run_states/{state_id}", State)

    @endpoint
    def read_task_run_states(self, task_run_id: UUID) -> Call[list[State]]:
        """The task run's history, oldest first."""
        return get(f"/task_run_states/?task_run_id={task_run_id}", list[State])

    @endpoint
    def task_run_history(self, query: HistoryQuery) -> Call[list[HistoryInterval]]:
        return post("/task_runs/history", query, list[HistoryInterval])

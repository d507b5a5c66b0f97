"""Requests about flow runs."""

from typing import Any, cast
from uuid import UUID

from perijove.client.calls import Call, endpoint, text
from perijove.client.endpoints.requests import delete, get, keyed, patch, post, quoted, repeatable, tell, waiting
from perijove.schemas.base import JsonObject
from perijove.schemas.filters import FlowRunPages, FlowRunQuery
from perijove.schemas.history import HistoryInterval, HistoryQuery
from perijove.schemas.inputs import FlowRunInput, FlowRunInputCreate, FlowRunInputQuery, Resume
from perijove.schemas.pages import Deleted, Paginated
from perijove.schemas.runs import (
    FlowRun,
    FlowRunCreate,
    FlowRunStateQuery,
    FlowRunUpdate,
    OrchestrationResult,
    OrchestrationResults,
    SetState,
)
from perijove.schemas.states import State, StateCreate


class FlowRuns:
    """Flow runs, their states and inputs."""

    @endpoint
    def create_flow_run(self, run: FlowRunCreate) -> Call[FlowRun]:
        """A run that its own process reports. One without an idempotency key gets one, so that it is made once."""
        return repeatable(post("/flow_runs/", keyed(run), FlowRun))

    @endpoint
    def read_flow_run(
        self, flow_run_id: UUID, *, wait: float = 0.0, unless: UUID | None = None, until_final: bool = False
    ) -> Call[FlowRun]:
        """The run. With ``wait``, a server that can holds its answer for so many seconds, while the run is still in
        the state ``unless``, or ``until_final``: while it has not ended. One that can't answers at once."""
        known = {"If-None-Match": f'"{unless}"'} if unless else None
        path = f"/flow_runs/{flow_run_id}{'?until=final' if until_final else ''}"
        return waiting(get(path, FlowRun), wait, known)

    @endpoint
    def read_flow_runs(self, query: FlowRunQuery) -> Call[list[FlowRun]]:
        return post("/flow_runs/filter", query, list[FlowRun])

    @endpoint
    def count_flow_runs(self, query: FlowRunQuery) -> Call[int]:
        return post("/flow_runs/count", query, int)

    @endpoint
    def update_flow_run(self, flow_run_id: UUID, changes: FlowRunUpdate) -> Call[None]:
        return patch(f"/flow_runs/{flow_run_id}", changes)

    @endpoint
    def delete_flow_run(self, flow_run_id: UUID) -> Call[None]:
        return delete(f"/flow_runs/{flow_run_id}")

    @endpoint
    def set_flow_run_state(
        self,
        flow_run_id: UUID,
        state: StateCreate,
        *,
        force: bool = False,
        lease: UUID | None = None,
        changes: FlowRunUpdate | None = None,
    ) -> Call[OrchestrationResult]:
        """Propose a state; the answer says what became of it. Where there are leases: ``lease`` is the holder on whose
        behalf, and ``changes`` of the run go with the state if it is accepted."""
        ours = {"lease": lease, "changes": changes} if lease else {}
        body = SetState.model_validate({"state": state, "force": force, **ours})
        return post(f"/flow_runs/{flow_run_id}/set_state", body, OrchestrationResult)

    @endpoint
    def read_flow_run_states(self, flow_run_id: UUID) -> Call[list[State]]:
        """The run's history, oldest first."""
        return get(f"/flow_run_states/?flow_run_id={flow_run_id}", list[State])

    @endpoint
    def paginate_flow_runs(self, query: FlowRunPages) -> Call[Paginated[FlowRun]]:
        return post("/flow_runs/paginate", query, Paginated[FlowRun])

    @endpoint
    def delete_flow_runs(self, query: FlowRunQuery) -> Call[Deleted]:
        """Delete the runs that the query asks for, fifty at most."""
        return post("/flow_runs/bulk_delete", query, Deleted)

    @endpoint
    def set_flow_run_states(self, query: FlowRunStateQuery) -> Call[OrchestrationResults]:
        """Propose a state for the runs that the query asks for, fifty at most."""
        return post("/flow_runs/bulk_set_state", query, OrchestrationResults)

    @endpoint
    def update_flow_run_labels(self, flow_run_id: UUID, labels: JsonObject) -> Call[None]:
        """Add labels; one of the same name is replaced."""
        return patch(f"/flow_runs/{flow_run_id}/labels", labels)

    @endpoint
    def resume_flow_run(self, flow_run_id: UUID, run_input: JsonObject | None = None) -> Call[OrchestrationResult]:
        """Let a paused run go on, with the input that it waits for."""
        return post(f"/flow_runs/{flow_run_id}/resume", Resume(run_input=run_input), OrchestrationResult)

    @endpoint
    def create_flow_run_input(self, flow_run_id: UUID, wanted: FlowRunInputCreate) -> Call[None]:
        return tell(f"/flow_runs/{flow_run_id}/input", wanted)

    @endpoint
    def filter_flow_run_input(self, flow_run_id: UUID, query: FlowRunInputQuery) -> Call[list[FlowRunInput]]:
        return post(f"/flow_runs/{flow_run_id}/input/filter", query, list[FlowRunInput])

    @endpoint
    def read_flow_run_input(self, flow_run_id: UUID, key: str) -> Call[str]:
        """The input's value: JSON in a string."""
        return Call("GET", f"/flow_runs/{flow_run_id}/input/{quoted(key)}", text)

    @endpoint
    def delete_flow_run_input(self, flow_run_id: UUID, key: str) -> Call[None]:
        return delete(f"/flow_runs/{flow_run_id}/input/{quoted(key)}")

    @endpoint
    def read_flow_run_state(self, state_id: UUID) -> Call[State]:
        return get(f"/flow_run_states/{state_id}", State)

    @endpoint
    def flow_run_history(self, query: HistoryQuery) -> Call[list[HistoryInterval]]:
        """Runs by state over time: what charts are drawn from."""
        return post("/flow_runs/history", query, list[HistoryInterval])

    @endpoint
    def read_average_lateness(self, query: FlowRunQuery) -> Call[float | None]:
        """Seconds, on average, from when runs were expected to begin until they did."""
        return post("/flow_runs/lateness", query, cast("Any", float | None))

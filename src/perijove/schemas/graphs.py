"""A run as a picture: its tasks and subflows, which of them needs what of which, and what they show."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from perijove.schemas.base import Instant, Model
from perijove.schemas.schedules import Seconds
from perijove.schemas.states import State, StateType


class GraphState(Model):
    id: UUID
    timestamp: Instant
    type: StateType
    name: str


class GraphArtifact(Model):
    """``data``: of a progress only."""

    id: UUID
    created: Instant
    key: str | None
    type: str | None
    is_latest: bool
    data: Any = None


class Edge(Model):
    """The other end, by its node's id."""

    id: UUID


class Node(Model):
    """A task run, or the subflow's run that stands for one. ``encapsulating``: the tasks that it is called in."""

    kind: Literal["flow-run", "task-run"]
    id: UUID
    label: str
    state_type: StateType
    start_time: Instant
    end_time: Instant | None
    parents: list[Edge] = Field(default_factory=list)
    children: list[Edge] = Field(default_factory=list)
    encapsulating: list[Edge] = Field(default_factory=list)
    artifacts: list[GraphArtifact] = Field(default_factory=list)


class Graph(Model):
    """``nodes`` by their ids, the first to start first; ``root_node_ids``: those that need no other."""

    start_time: Instant | None
    end_time: Instant | None
    root_node_ids: list[UUID]
    nodes: list[tuple[UUID, Node]]
    artifacts: list[GraphArtifact]
    states: list[GraphState]


class Dependency(Model):
    """A task run with what it takes as its inputs: Prefect's older picture."""

    id: UUID
    name: str
    upstream_dependencies: list[dict[str, Any]]
    state: State | None
    expected_start_time: Instant | None
    start_time: Instant | None
    end_time: Instant | None
    total_run_time: Seconds | None
    estimated_run_time: Seconds | None
    untrackable_result: bool

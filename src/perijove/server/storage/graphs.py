"""The parts of a run's picture, out of the database."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from perijove.errors import ApiError
from perijove.schemas.graphs import GraphArtifact, Node
from perijove.schemas.states import StateType
from perijove.server.storage.artifacts import is_latest
from perijove.server.storage.tables import artifacts, flow_runs, flows, task_runs

MOST = 10_000
"""Nodes, and artifacts, that a picture may have (Prefect's numbers)."""

_START = func.coalesce(
    flow_runs.c.start_time, flow_runs.c.expected_start_time, task_runs.c.start_time, task_runs.c.expected_start_time
)
_NODES = (
    select(
        task_runs.c.id,
        task_runs.c.name,
        task_runs.c.task_inputs,
        task_runs.c.state_type,
        task_runs.c.expected_start_time,
        task_runs.c.end_time,
        flow_runs.c.id.label("subflow_id"),
        (flows.c.name + " / " + flow_runs.c.name).label("subflow_label"),
        flow_runs.c.state_type.label("subflow_state_type"),
        flow_runs.c.end_time.label("subflow_end_time"),
        _START.label("start"),
    )
    .join(flow_runs, flow_runs.c.parent_task_run_id == task_runs.c.id, isouter=True)
    .join(flows, flows.c.id == flow_runs.c.flow_id, isouter=True)
    .where(_START.is_not(None))
    .limit(MOST + 1)
)


def nodes(connection: Connection, flow_run_id: UUID) -> list[tuple[Node, dict[str, Any]]]:
    """The run's tasks and subflows, each with its inputs; raises ApiError (400) when there are too many."""
    rows = connection.execute(_NODES.where(task_runs.c.flow_run_id == flow_run_id)).all()
    if len(rows) > MOST:
        raise ApiError(400, f"The graph of flow run {flow_run_id} has more than {MOST} nodes.")
    return [(_node(row), row.task_inputs or {}) for row in rows]


def shown(connection: Connection, flow_run_id: UUID) -> dict[UUID | None, list[GraphArtifact]]:
    """What the run shows, by the task run that shows it; None: the run itself. Results are nothing to look at."""
    chosen = select(artifacts, is_latest().label("newest")).where(artifacts.c.flow_run_id == flow_run_id)
    to_see = chosen.where(artifacts.c.type != "result").order_by(artifacts.c.created).limit(MOST)
    by_task: dict[UUID | None, list[GraphArtifact]] = defaultdict(list)
    for row in connection.execute(to_see):
        data = row.data if row.type == "progress" else None
        newest = row.key is None or bool(row.newest)
        one = GraphArtifact(id=row.id, created=row.created, key=row.key, type=row.type, is_latest=newest, data=data)
        by_task[row.task_run_id].append(one)
    return by_task


def _node(row: Any) -> Node:
    is_subflow = row.subflow_id is not None
    at_once = row.expected_start_time if row.state_type == StateType.COMPLETED else None
    return Node(
        kind="flow-run" if is_subflow else "task-run",
        id=row.subflow_id or row.id,
        label=row.subflow_label if is_subflow else row.name,
        state_type=row.subflow_state_type or row.state_type,
        start_time=row.start,
        end_time=row.subflow_end_time or row.end_time or at_once,
    )

"""Put a run's picture together: what Prefect's user interface draws."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from perijove.schemas.graphs import Dependency, Graph, GraphState
from perijove.server.rules.graphs import changed, connect
from perijove.server.storage import flow_runs, graphs, task_runs


def graph(connection: Connection, flow_run_id: UUID, since: datetime | None) -> Graph:
    """The run's picture; ``since``: only of what may have changed since then.

    Raises NotFound, and ApiError (400) for one that is too large.
    """
    run = flow_runs.read(connection, flow_run_id)
    shown = graphs.shown(connection, flow_run_id)
    nodes = changed(connect(graphs.nodes(connection, flow_run_id)), since)
    for node in nodes:
        node.artifacts = shown[node.id]
    return Graph(
        start_time=run.start_time or run.expected_start_time,
        end_time=run.end_time,
        root_node_ids=[node.id for node in nodes if not node.parents],
        nodes=[(node.id, node) for node in nodes],
        artifacts=shown[None],
        states=[GraphState(**dict(state)) for state in flow_runs.states(connection, flow_run_id)],
    )


def dependencies(connection: Connection, flow_run_id: UUID) -> list[Dependency]:
    """The run's task runs, each with what it takes; raises NotFound."""
    flow_runs.read(connection, flow_run_id)
    return [
        Dependency(
            **run.model_dump(include=set(Dependency.model_fields) - {"state"}),
            state=run.state,
            upstream_dependencies=[one for taken in run.task_inputs.values() for one in taken],
            untrackable_result=bool(run.state and run.state.state_details.untrackable_result),
        )
        for run in task_runs.of_flow_run(connection, flow_run_id, graphs.MOST)
    ]

"""Runs a flow run in this process, for a worker that is not ours: ``python -m perijove flow-run execute``."""

from typing import Any
from uuid import UUID

from perijove.client import SyncClient, targets
from perijove.errors import PerijoveError, UsageError
from perijove.flows.engine import run_deployed
from perijove.flows.entrypoint import load_flow
from perijove.flows.flows import Flow
from perijove.schemas.states import StateCreate, StateType
from perijove.worker import workspace
from perijove.worker.launch import Job, Launch


def execute(run_id: UUID) -> None:
    """Bring the run's code here, and run its flow; how that ends is told to the server.

    The other worker has claimed the run, has set its variables, and looks after this process.
    Raises PerijoveError for a run whose flow can't be loaded, and ServerError.
    """
    target = targets.require()
    with SyncClient(target) as client:
        flow_run = client.read_flow_run(run_id)
        if flow_run.deployment_id is None:
            raise UsageError(f"The run {flow_run.name} is of no deployment, so that nothing tells where its flow is.")
        launch = Launch(
            flow_run=flow_run, deployment=client.read_deployment(flow_run.deployment_id), target=target, job=Job()
        )
        try:
            flow = _entered(launch)
        except PerijoveError as error:
            client.set_flow_run_state(run_id, StateCreate(type=StateType.FAILED, message=str(error)))
            raise
    try:
        run_deployed(flow, flow_run, target)
    finally:
        workspace.leave(run_id)


def _entered(launch: Launch) -> Flow[..., Any]:
    return load_flow(launch.deployment.entrypoint or "", workspace.enter(launch))

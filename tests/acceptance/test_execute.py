"""A run that a worker other than Perijove's starts by ``perijove flow-run execute``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from perijove import embed
from perijove.client import SyncClient
from perijove.deployments import Run
from perijove.deployments.define import Wishes
from perijove.deployments.deploying import deploy_file
from perijove.schemas.deployments import Deployment, DeploymentFlowRunCreate
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import StateCreate, StateType
from perijove.schemas.work import WorkPoolCreate

FLOW = """
from perijove import flow


@flow(log_prints=True)
def report(n: int = 2) -> int:
    print("n is", n)
    return 2 * n
"""
TEMPLATE = {"variables": {"properties": {"command": {}}}, "job_configuration": {"command": "{{ command }}"}}


@pytest.fixture(scope="module")
def server(shared_server: embed.EmbeddedServer) -> embed.EmbeddedServer:
    """One for all tests here."""
    return shared_server


@pytest.fixture
def deployment(client: SyncClient, tmp_path: Path) -> Deployment:
    """A deployment onto a pool of workers that take a command."""
    pool = client.create_work_pool(WorkPoolCreate(name=tmp_path.name, base_job_template=TEMPLATE)).name
    (tmp_path / "report.py").write_text(FLOW)
    return deploy_file(tmp_path / "report.py", "report", Wishes(name="prod", work_pool=pool)).deployment


def _executed(client: SyncClient, server: embed.EmbeddedServer, deployment: Deployment) -> tuple[FlowRun, str]:
    """A run that was claimed, and executed by the deployment's command as Prefect's worker does it."""
    run = client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate(parameters={"n": 4}))
    client.set_flow_run_state(run.id, StateCreate(type=StateType.PENDING))
    told = {"PREFECT__FLOW_RUN_ID": str(run.id), "PREFECT_API_URL": server.api_url}
    secret = {"PREFECT_API_AUTH_STRING": f"perijove:{server.token()}"}
    command = str(deployment.job_variables["command"]).split()
    ended = subprocess.run(command, env={**os.environ, **told, **secret}, capture_output=True, text=True, timeout=60)
    return client.read_flow_run(run.id), ended.stderr


def test_the_deployment_says_how_its_flow_is_started_and_that_runs_it(
    client: SyncClient, server: embed.EmbeddedServer, deployment: Deployment
) -> None:
    assert deployment.job_variables["command"] == f"{sys.executable} -m perijove flow-run execute"
    record, _ = _executed(client, server, deployment)
    assert record.state_name == "Completed"
    run = Run.of(record, client.target)
    assert run.result() == 8
    assert "n is 4" in [line.message for line in run.logs()]


def test_a_flow_that_is_gone_is_a_failed_run_which_says_so(
    client: SyncClient, server: embed.EmbeddedServer, deployment: Deployment, tmp_path: Path
) -> None:
    (tmp_path / "report.py").unlink()
    record, said = _executed(client, server, deployment)
    assert record.state is not None
    assert record.state.name == "Failed"
    assert "There is no file 'report.py'" in (record.state.message or "")
    assert "There is no file 'report.py'" in said

"""Flows of the real Prefect: deployed, served, run by its own worker, against an embedded server."""

import time
from collections.abc import Iterator
from uuid import UUID

import pytest

from perijove.client import SyncClient
from perijove.schemas.artifacts import ArtifactQuery
from perijove.schemas.filters import (
    Among,
    DeploymentFilter,
    DeploymentQuery,
    FlowRunFilter,
    FlowRunQuery,
    LogFilter,
    LogQuery,
    Text,
)
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import StateCreate, StateType

from .conftest import Prefect

pytestmark = pytest.mark.timeout(240)


def _until(ours: SyncClient, run_id: str, name: str, seconds: float = 60) -> FlowRun:
    """The run, once it is in the state of this name."""
    deadline = time.monotonic() + seconds
    run = ours.read_flow_run(UUID(run_id))
    while run.state_name != name:
        assert time.monotonic() < deadline, f"{run.state} is not {name}"
        run = ours.read_flow_run(run.id, wait=5, unless=run.state_id)
    return run


def _until_said(ours: SyncClient, run_id: str, message: str, seconds: float = 20) -> None:
    """Return once the line is in the run's log: Prefect's engine may deliver it after the run's last state."""
    asked = LogQuery(logs=LogFilter(flow_run_id=Among(any_=[UUID(run_id)])))
    deadline = time.monotonic() + seconds
    while message not in (said := [line.message for line in ours.read_logs(asked)]):
        assert time.monotonic() < deadline, said
        time.sleep(0.1)


@pytest.fixture(scope="module")
def deployed(prefect: Prefect) -> dict[str, str]:
    """The ids of the demonstration's deployments in the pool ``machines``."""
    ids: dict[str, str] = prefect.script("deploy")
    return ids


@pytest.fixture
def worker(prefect: Prefect, deployed: dict[str, str]) -> Iterator[None]:
    """Prefect's own worker of that pool."""
    with prefect.worker("machines"):
        yield


def test_a_second_deploy_changes_the_deployment_and_keeps_its_schedule(
    deployed: dict[str, str], ours: SyncClient
) -> None:
    report = ours.read_deployment_by_name("report/prod")
    assert str(report.id) == deployed["report"] == deployed["report again"]
    assert (report.description, report.entrypoint) == ("twice", "demo.py:report")
    assert [(one.slug, one.parameters) for one in report.schedules] == [("morning", {"number": 5})]
    ahead = ours.read_flow_runs(FlowRunQuery(flow_runs=FlowRunFilter(deployment_id=Among(any_=[report.id]))))
    assert len(ahead) == 3


def test_prefects_worker_runs_a_flow_with_all_that_it_uses(prefect: Prefect, worker: None, ours: SyncClient) -> None:
    ended = prefect.script("run", {"report/prod": {"parameters": {"number": 3}, "timeout": 80}})
    run = ended["report/prod"]
    assert (run["state"], run["message"]) == ("Completed", None)
    _until_said(ours, run["id"], "number is 3")
    assert ours.read_latest_artifact("found").data == "# Found"
    assert 50.0 in [one.data for one in ours.read_artifacts(ArtifactQuery())]
    assert ours.read_variable_by_name("found").value == 4
    subflows = FlowRunFilter(parent_flow_run_id=Among(any_=[UUID(run["id"])]))
    assert [one.state_name for one in ours.read_flow_runs(FlowRunQuery(flow_runs=subflows))] == ["Completed"]


@pytest.mark.full
def test_prefects_worker_retries_fails_and_runs_deployments_in_flows_and_tasks(
    prefect: Prefect, worker: None, ours: SyncClient
) -> None:
    wanted = {
        "again/prod": {"timeout": 80},
        "report/prod": {"parameters": {"fail": True}, "timeout": 80},
        "parent/prod": {"parameters": {"name": "child/prod"}, "timeout": 120},
    }
    ended = prefect.script("run", wanted, timeout=220)
    assert {name: run["state"] for name, run in ended.items()} == {
        "again/prod": "Completed",
        "report/prod": "Failed",
        "parent/prod": "Completed",
    }
    assert "on purpose" in ended["report/prod"]["message"]
    assert ours.read_flow_run(UUID(ended["again/prod"]["id"])).run_count == 2


@pytest.mark.full
def test_prefects_worker_cancels_and_resumes(prefect: Prefect, worker: None, ours: SyncClient) -> None:
    begun = prefect.script("run", {name: {"timeout": 0} for name in ("slow/prod", "suspended/prod")})
    slow, suspended = begun["slow/prod"]["id"], begun["suspended/prod"]["id"]
    _until(ours, slow, "Running")
    ours.set_flow_run_state(UUID(slow), StateCreate(type=StateType.CANCELLING))
    _until(ours, suspended, "Suspended")
    ours.resume_flow_run(UUID(suspended))
    assert _until(ours, suspended, "Completed", 120).run_count == 1
    _until(ours, slow, "Cancelled", 120)


def test_prefects_serve_runs_what_it_serves(prefect: Prefect, ours: SyncClient) -> None:
    served = DeploymentQuery(deployments=DeploymentFilter(name=Text(any_=["served"])))
    with prefect.serving("serve"):
        deadline = time.monotonic() + 60
        while ours.count_deployments(served) < 2:
            assert time.monotonic() < deadline, "nothing was served"
            time.sleep(0.1)
        ended = prefect.script("run", {"child/served": {"timeout": 60}})
        assert ended["child/served"]["state"] == "Completed"

"""Flows of Prefect's own kind under Perijove's worker: Prefect's engine runs them, forked from a warm interpreter."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from perijove import clock, run_deployment
from perijove.client import SyncClient
from perijove.deployments.run import Run
from perijove.schemas.deployments import DeploymentCreate
from perijove.schemas.filters import Among, FlowRunFilter, TaskRunQuery
from perijove.schemas.flows import FlowCreate

pytestmark = pytest.mark.timeout(180)

FLOWS = """
from prefect import flow, task


@task
def one(x: int) -> int:
    return x + 1


@flow(log_prints=True)
def report(n: int = 2) -> int:
    print("said by the flow")
    return sum(one(i) for i in range(n))


@flow
async def later():
    pass


@flow
def bad():
    raise ValueError("no data today")
"""


def _run(ours: SyncClient, python: Path, place: Path, name: str) -> Run:
    (place / "theirs.py").write_text(FLOWS)
    flow = ours.create_flow(FlowCreate(name=name))
    wanted = DeploymentCreate(
        name="here",
        flow_id=flow.id,
        work_pool_name="local",
        entrypoint=f"theirs.py:{name}",
        path=str(place),
        job_variables={"python": str(python), "preload": ["prefect.flow_engine"]},
    )
    return run_deployment(ours.create_deployment(wanted).id, timeout=120)


def _until(condition: Callable[[], bool]) -> None:
    deadline = clock.monotonic() + 20
    while not condition():
        assert clock.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def test_prefects_engine_reports_states_tasks_and_log_of_its_flow(ours: SyncClient, both: Path, tmp_path: Path) -> None:
    run = _run(ours, both, tmp_path, "report")
    assert run.state_name == "Completed", str(run.logs())
    query = TaskRunQuery(flow_runs=FlowRunFilter(id=Among(any_=[run.id])))
    _until(lambda: [each.state_name for each in ours.read_task_runs(query)] == ["Completed", "Completed"])
    _until(lambda: any(line.message.startswith("Finished") for line in run.logs()))  # Prefect's last words
    assert [line.message for line in run.logs()].count("said by the flow") == 1
    assert not [line.message for line in run.logs() if line.name == "stderr"]


def test_a_flow_of_prefects_may_fail_or_be_asynchronous(ours: SyncClient, both: Path, tmp_path: Path) -> None:
    failed = _run(ours, both, tmp_path, "bad")
    assert failed.state is not None
    assert (failed.state.name, "no data today" in (failed.state.message or "")) == ("Failed", True)
    assert _run(ours, both, tmp_path, "later").state_name == "Completed"

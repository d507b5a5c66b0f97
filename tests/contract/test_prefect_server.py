"""Perijove's serving and its worker on a real Prefect server, which holds no question and gives no leases."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import perijove
from perijove import clock, run_deployment, settings
from perijove.client import SyncClient
from perijove.deployments import Run
from perijove.errors import NotFound
from perijove.schemas.deployments import DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import WorkPoolQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.schedules import CronSchedule, DeploymentScheduleCreate
from perijove.schemas.states import StateCreate, StateType

from .conftest import AUTH_STRING, prefect_server

pytestmark = [pytest.mark.full, pytest.mark.timeout(400)]

SERVED = """
import os
import signal
import time

from perijove import flow, serve, task


@task
def double(x: int) -> int:
    return 2 * x


@flow(log_prints=True)
def light(n: int = 2) -> int:
    print("said by the flow")
    return sum(double(each) for each in range(n))


@flow(on_cancellation=[lambda flow, run, state: print("the hook ran")])
def slow():
    print("begun")
    time.sleep(600)


@flow
def killed():
    for number in range(1000):
        print(number)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    serve(*(each.to_deployment("served") for each in (light, slow, killed)))
"""

THEIRS = """
from prefect import flow


@flow(log_prints=True)
def theirs(n: int = 1) -> int:
    print("said by the flow")
    return n + 1
"""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncClient]:
    """A client of a real Prefect server, which is the target of all that is started meanwhile."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as target, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERIJOVE_HOME", str(tmp_path_factory.mktemp("perijove")))
        patch.setenv("PERIJOVE_API_URL", target.api_url)
        patch.setenv("PERIJOVE_API_AUTH_STRING", AUTH_STRING)
        settings.current.cache_clear()
        with SyncClient(target) as client:
            yield client
    settings.current.cache_clear()


@contextlib.contextmanager
def _running(*command: str | Path) -> Iterator[None]:
    with subprocess.Popen([sys.executable, *command], env=dict(os.environ)) as process:
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(60) in (0, -15)


def _until(condition: Callable[[], bool]) -> None:
    deadline = clock.monotonic() + 90
    while not condition():
        assert clock.monotonic() < deadline, "it did not come about in time"


def _lines(run: Run) -> list[str]:
    return [line.message for line in run.logs()]


def test_what_is_served_runs_is_cancelled_crashes_and_rests_afterwards(api: SyncClient, tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text(SERVED)
    with _running(tmp_path / "flows.py"):
        _until(lambda: _is_there(api, "killed/served"))
        run = run_deployment("light/served", parameters={"n": 3}, timeout=90)
        assert (run.state_name, run.result()) == ("Completed", 6)
        assert "said by the flow" in _lines(run)

        run = run_deployment("slow/served", timeout=0)
        _until(lambda: "begun" in _lines(run))
        run.cancel()
        assert run.wait(90).state_name == "Cancelled"
        _until(lambda: "the hook ran" in _lines(run))

        run = run_deployment("killed/served", timeout=90)
        assert run.state is not None
        assert (run.state.type, run.state.message) == (
            StateType.CRASHED,
            "The run's process was killed by SIGKILL (out of memory?).",
        )
        assert [line for line in _lines(run) if line.isdigit()] == [str(number) for number in range(1000)]
    assert api.read_deployment_by_name("light/served").paused


def test_the_worker_runs_both_kinds_of_flow(api: SyncClient, both: Path, tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text(SERVED)
    (tmp_path / "theirs.py").write_text(THEIRS)
    with _running("-m", "perijove", "worker", "start", "--pool", "mine"):
        _until(lambda: "mine" in [each.name for each in api.read_work_pools(WorkPoolQuery())])
        for file, name, python in (("flows", "light", Path(sys.executable)), ("theirs", "theirs", both)):
            _deploy(api, tmp_path, f"{file}.py:{name}", python)
            run = run_deployment(f"{name}/pooled", timeout=120)
            assert run.state_name == "Completed", run.state
            _until(lambda run=run: "said by the flow" in _lines(run))


def _is_there(api: SyncClient, name: str) -> bool:
    try:
        api.read_deployment_by_name(name)
    except NotFound:
        return False
    return True


def _deploy(api: SyncClient, directory: Path, entrypoint: str, python: Path) -> None:
    flow = api.create_flow(FlowCreate(name=entrypoint.rpartition(":")[2]))
    place = {"prefect.deployments.steps.set_working_directory": {"directory": str(directory)}}
    api.create_deployment(
        DeploymentCreate(
            name="pooled",
            flow_id=flow.id,
            entrypoint=entrypoint,
            pull_steps=[place],
            work_pool_name="mine",
            job_variables={"python": str(python)},
        )
    )


def test_an_explorer_and_a_calendar_show_what_the_server_has_and_what_changes(api: SyncClient) -> None:
    due = [DeploymentScheduleCreate(schedule=CronSchedule(cron="0 8 * * *", timezone="Europe/Berlin"))]
    for name in ("seen-early", "seen-late"):
        flow = api.create_flow(FlowCreate(name=name))
        deployment = api.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, schedules=due))
    explorer, calendar = perijove.explore("seen"), perijove.calendar("seen")
    assert calendar.clashes[0].names == ("seen-early/prod", "seen-late/prod")
    told: list[dict[str, object]] = []
    for view in (explorer, calendar):
        view.send = lambda message, buffers=None: told.append(message)
        view._hear(None, {"type": "attach"}, None)
    deadline = clock.monotonic() + 60
    while not {"strips", "problem"} & {str(message["type"]) for message in told} and clock.monotonic() < deadline:
        run = api.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
        api.set_flow_run_state(run.id, StateCreate(type=StateType.RUNNING), force=True)
        time.sleep(0.5)  # the server tells only those who already listen
    assert "problem" not in {message["type"] for message in told}
    assert "seen-late/prod" in [line.split()[0] for line in repr(explorer).splitlines() if "▸" in line]
    for view in (explorer, calendar):
        view.close()

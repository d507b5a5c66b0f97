"""Serving deployments that belong to no work pool, from a script and in the background."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from perijove import embed, run_deployment
from perijove.client import SyncClient
from perijove.deployments import serving
from perijove.flows.entrypoint import load_flow
from perijove.schemas.states import StateCreate, StateType

from .worker_bench import wait_until

if TYPE_CHECKING:
    from perijove.deployments.authoring import RunnerDeployment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="subreapers are Linux's")

SCRIPT = """
import sys
import time

from perijove import flow, schedules, serve


@flow
def report(region: str = "EU") -> str:
    return f"report of {region}"


@flow
def slow(seconds: float = 0.3):
    time.sleep(seconds)


def note(flow, run, state):
    with open("noted", "a") as notes:
        notes.write(f"{flow.name} {state.name}\\n")


@flow(on_cancellation=[note], on_crashed=[note])
def endless():
    time.sleep(600)


if __name__ == "__main__":
    if sys.argv[1] == "one":
        report.serve("one", cron="0 8 * * *", tags=["x"], parameters={"region": "US"})
    else:
        serve(report.to_deployment("a"), slow.to_deployment("b", schedule=schedules.Interval(3600)), limit=1)
    print("served")
"""


@pytest.fixture(scope="module")
def server(shared_server: embed.EmbeddedServer) -> embed.EmbeddedServer:
    return shared_server


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "work.py"
    path.write_text(SCRIPT, "utf-8")
    return path


@contextmanager
def _serving(script: Path, which: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, str(script), which]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=script.parent) as process:
        assert process.stdout
        assert "waiting for due runs" in process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_a_script_serves_its_flow_until_it_is_terminated(client: SyncClient, script: Path) -> None:
    with _serving(script, "one") as process:
        run = run_deployment("report/one", timeout=30)
        assert (run.state_name, run.result()) == ("Completed", "report of US")
        deployment = client.read_deployment_by_name("report/one")
        assert not deployment.paused
        assert (deployment.work_pool_name, deployment.tags) == (None, ["x"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM
    assert client.read_deployment_by_name("report/one").paused


def test_what_was_paused_at_the_end_is_active_when_it_is_served_again(client: SyncClient, script: Path) -> None:
    load_flow("work.py:report", script.parent).to_deployment("one", paused=True).apply()
    with _serving(script, "one") as process:
        assert not client.read_deployment_by_name("report/one").paused
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
        assert (process.returncode, output.splitlines()[-1]) == (0, "served")
    assert client.read_deployment_by_name("report/one").paused


def test_no_more_runs_than_the_limit_go_on_at_once_and_none_when_the_script_is_killed(
    client: SyncClient, script: Path
) -> None:
    with _serving(script, "many") as process:
        first = run_deployment("slow/b", timeout=0)
        second = run_deployment("slow/b", parameters={"seconds": 600}, timeout=0)
        wait_until(lambda: client.read_flow_run(second.id).state_type is StateType.RUNNING)
        before, after = client.read_flow_run(first.id), client.read_flow_run(second.id)
        assert before.end_time
        assert after.start_time
        assert before.end_time <= after.start_time
        process.kill()
        wait_until(lambda: client.read_flow_run(second.id).state_type is StateType.CRASHED)


def test_serving_in_the_background_is_listed_and_stopped(client: SyncClient, script: Path) -> None:
    planned: RunnerDeployment = load_flow("work.py:report", script.parent).to_deployment("behind")
    served = serving.Served([planned.full_name], [planned.apply()], limit=2, pause=True)
    background = serving.start(served)
    assert run_deployment("report/behind", timeout=30).result() == "report of EU"
    assert [each.name for each in serving.listing()] == [background.name]
    assert serving.find("report/behind").pid == background.pid
    assert not background.stop().is_alive
    assert serving.listing() == []
    assert client.read_deployment_by_name("report/behind").paused


def test_a_flow_goes_to_the_embedded_servers_own_pool(client: SyncClient, script: Path) -> None:
    flow = load_flow("work.py:report", script.parent)
    deployment_id = flow.deploy("pooled", print_next_steps=False)
    assert client.read_deployment(deployment_id).work_pool_name == "local"
    assert run_deployment(deployment_id, timeout=30).result() == "report of EU"
    assert flow.deploy("pooled", print_next_steps=False) == deployment_id


def test_the_hooks_of_a_cancelled_run_are_called_once_in_its_process(client: SyncClient, script: Path) -> None:
    load_flow("work.py:endless", script.parent).deploy("x", print_next_steps=False)
    run = run_deployment("endless/x", timeout=0)
    wait_until(lambda: client.read_flow_run(run.id).state_type is StateType.RUNNING)
    client.set_flow_run_state(run.id, StateCreate(type=StateType.CANCELLING))
    wait_until(lambda: client.read_flow_run(run.id).state_type is StateType.CANCELLED)
    assert (script.parent / "noted").read_text() == "endless Cancelled\n"

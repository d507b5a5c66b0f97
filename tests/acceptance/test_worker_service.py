"""Workers beside each other, at their limit, without forks, and over a server's death."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from perijove import embed
from perijove.client import SyncClient, get_client
from perijove.schemas.deployments import DeploymentFlowRunCreate
from perijove.schemas.states import StateType
from perijove.schemas.work import WorkPoolCreate
from perijove.worker import processes

from .worker_bench import Bench, wait_until, worker

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="subreapers are Linux's"),
    pytest.mark.timeout(120),
]


@pytest.fixture
def own(client: SyncClient, tmp_path: Path) -> Bench:
    """Runs go to a pool that the test's own workers serve."""
    pool = f"pool-{uuid4()}"
    client.create_work_pool(WorkPoolCreate(name=pool))
    return Bench(client, tmp_path, pool)


def test_two_workers_never_run_one_run_twice(own: Bench, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with worker(own.pool, "--name", "a"), worker(own.pool, "--name", "b"):
        deployment = own.deploy("noting")
        runs = [
            own.client.create_flow_run_from_deployment(
                deployment.id, DeploymentFlowRunCreate(parameters={"path": str(notes), "number": number})
            )
            for number in range(40)
        ]
        assert {own.end(run).state_type for run in runs} == {StateType.COMPLETED}
    assert sorted(map(int, notes.read_text("ascii").split())) == list(range(40))


def test_no_more_runs_than_the_limit_are_taken_at_a_time(own: Bench, tmp_path: Path) -> None:
    with worker(own.pool, "--limit", "1"):
        runs = [own.start("alone", {"path": str(tmp_path / "lock")}) for _ in range(4)]
        assert [own.end(run).state_type for run in runs] == [StateType.COMPLETED] * 4


def test_runs_work_in_fresh_interpreters_too(own: Bench) -> None:
    with worker(own.pool, "--no-fork") as process:
        run = own.run("talking")
        assert run.state_type is StateType.COMPLETED
        own.logs(run.id, until="finished in state")
        assert {"to stdout", "by a program"} <= set(own.all_lines(run.id, "stdout"))
        crashed = own.run("killed", {"lines": 10})
        assert crashed.state_type is StateType.CRASHED
        assert "an unfinished line" in own.all_lines(crashed.id, "stdout")
        wait_until(lambda: not processes.descendants(process.pid))


def test_a_run_outlives_a_server_that_is_killed_and_comes_back(own: Bench, server: embed.EmbeddedServer) -> None:
    with worker(own.pool):
        run = own.start("ticking", {"ticks": 50})
        own.logs(run.id, until="tick 3")
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: embed.find() is None)
        embed.start()
        with get_client(sync_client=True) as client:
            again = Bench(client, own.directory, own.pool)
            assert again.end(run).state_type is StateType.COMPLETED
            again.logs(run.id, until="finished in state")
            ticks = [line for line in again.all_lines(run.id, "stdout") if line]
            assert list(dict.fromkeys(ticks)) == [f"tick {number}" for number in range(50)]
            assert again.run("talking").state_type is StateType.COMPLETED  # the worker found it, too


def test_output_that_no_server_takes_is_kept_on_disk(own: Bench, server: embed.EmbeddedServer, home: Path) -> None:
    with worker(own.pool) as process:
        run = own.start("ticking", {"ticks": 1000})
        own.logs(run.id, until="tick 3")
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: embed.find() is None)
        kept = home / "runs" / str(run.id) / ".output.jsonl"
        wait_until(lambda: kept.read_text("utf-8").count("tick") >= 20)
        process.terminate()
        assert process.wait(30) == 0
    ticks = [json.loads(line)["message"] for line in kept.read_text("utf-8").splitlines() if "tick" in line]
    assert len(ticks) >= 10
    numbers = [int(tick.split()[1]) for tick in ticks]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_worker_that_never_met_its_server_ends_when_its_parent_does(home: Path) -> None:
    environment = {**os.environ, "PERIJOVE_API_URL": "http://127.0.0.1:9/api"}
    command = [sys.executable, "-m", "perijove.worker", "--pool", "x"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stderr=pipe, env=environment, text=True) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        said = iter(process.stderr.readline, "")
        assert any("Trying again" in line for line in said)
        process.stdin.close()
        for _ in said:  # to its end, lest it wait for a reader
            pass
        assert process.wait(30) == 0

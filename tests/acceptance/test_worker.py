"""A worker on a real embedded server: how runs end, and where their output goes."""

import sys
from pathlib import Path

import pytest

from perijove import embed
from perijove.client import SyncClient
from perijove.schemas.deployments import DeploymentFlowRunCreate
from perijove.schemas.states import StateType

from .worker_bench import FLOWS, Bench, wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="subreapers are Linux's"),
    pytest.mark.timeout(120),
]


@pytest.fixture(scope="module")
def server(shared_server: embed.EmbeddedServer) -> embed.EmbeddedServer:
    return shared_server


@pytest.fixture
def bench(client: SyncClient, tmp_path: Path) -> Bench:
    """Runs go to the embedded server's own worker."""
    return Bench(client, tmp_path, "local")


def test_a_run_completes_with_all_that_it_and_its_programs_print(bench: Bench) -> None:
    run = bench.run("talking")
    assert run.state_type is StateType.COMPLETED
    logs = bench.logs(run.id, until="finished in state")
    printed = {(entry.name, entry.level, entry.message) for entry in logs if entry.name.startswith("std")}
    assert printed == {("stdout", 20, "to stdout"), ("stdout", 20, "by a program"), ("stderr", 30, "to stderr")}


def test_variables_and_directory_are_the_runs_alone(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "flows.py").write_text(FLOWS, "utf-8")
    fields = {"pull_steps": None, "job_variables": {"env": {"COLOUR": "red"}, "working_dir": f"{tmp_path}/elsewhere"}}
    run = bench.run("told", {"name": "COLOUR"}, **fields)
    assert bench.logs(run.id, until="finished in state")
    assert f"red {tmp_path}/elsewhere" in bench.all_lines(run.id, "stdout")
    assert bench.run("told", {"name": "COLOUR"}, job_variables={}).state_type is StateType.FAILED


def test_a_killed_run_has_crashed_and_every_line_of_it_is_stored_once_and_in_order(bench: Bench) -> None:
    run = bench.run("killed", {"lines": 5_000})
    assert run.state is not None
    assert run.state.type is StateType.CRASHED
    assert run.state.message == "The run's process was killed by SIGKILL (out of memory?)."
    stored = [line for line in bench.all_lines(run.id, "stdout") if line]
    assert stored == [*map(str, range(5_000)), "an unfinished line"]


def test_a_run_that_exits_on_its_own_has_crashed_with_its_code(bench: Bench) -> None:
    run = bench.run("exiting")
    assert run.state is not None
    assert run.state.message == "The run's process exited with code 3 before it reported an end."


def test_a_flow_that_can_not_be_loaded_fails_with_a_sentence_and_the_authors_traceback(bench: Bench) -> None:
    deployment = bench.deploy("talking")
    (bench.directory / "flows.py").write_text("import perijove\n\n1 / 0\n", "utf-8")
    run = bench.client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    run = bench.end(run)
    assert run.state is not None
    assert run.state.type is StateType.FAILED
    assert "ZeroDivisionError" in (run.state.message or "")
    (entry,) = bench.logs(run.id, until="Traceback")
    assert 'flows.py", line 3' in entry.message


def test_a_step_that_is_not_known_fails_the_run_with_a_sentence(bench: Bench) -> None:
    run = bench.run("talking", pull_steps=[{"os.system": {"command": "true"}}])
    assert run.state is not None
    assert run.state.type is StateType.FAILED
    assert "os.system is not known" in (run.state.message or "")


def test_an_interpreter_that_is_not_there_crashes_the_run_with_a_sentence(bench: Bench) -> None:
    run = bench.run("talking", job_variables={"python": "/no/such/python"})
    assert run.state is not None
    assert run.state.type is StateType.CRASHED
    assert "/no/such/python can't be started" in (run.state.message or "")


def test_the_next_run_sees_the_file_as_it_is_then(bench: Bench) -> None:
    first = bench.run("talking")
    file = bench.directory / "flows.py"
    file.write_text(file.read_text("utf-8").replace("to stdout", "anew"), "utf-8")
    second = bench.run("talking")
    for run, line in ((first, "to stdout"), (second, "anew")):
        bench.logs(run.id, until="finished in state")
        assert line in bench.all_lines(run.id, "stdout")


def test_a_run_leaves_nothing_in_the_data_directory(bench: Bench, shared_home: Path) -> None:
    run = bench.run("talking")
    bench.logs(run.id, until="finished in state")
    wait_until(lambda: not (shared_home / "runs" / str(run.id)).exists())

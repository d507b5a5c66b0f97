"""``perijove worker`` and what ends runs by hand, as real processes."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from perijove import embed, get_client, run_deployment, settings
from perijove.deployments import Run
from perijove.deployments.define import Wishes
from perijove.deployments.deploying import deploy_file
from perijove.errors import UsageError
from perijove.schemas.states import StateCreate, StateType
from perijove.schemas.work import WorkPoolCreate

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runs are forked on Linux only")

FLOWS = """\
import time

from perijove import flow


@flow
def quick(value: int = 1) -> int:
    return value


@flow
def slow() -> None:
    time.sleep(600)
"""


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A server with two flows deployed to the queue ``hot`` of the pool ``mine``."""
    directory = tmp_path_factory.mktemp("flows")
    (directory / "flows.py").write_text(FLOWS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERIJOVE_HOME", str(tmp_path_factory.mktemp("home")))
        settings.current.cache_clear()
        embed.start()
        with get_client(sync_client=True) as client:
            client.create_work_pool(WorkPoolCreate(name="mine"))
        for name in ("quick", "slow"):
            wishes = Wishes(name="d", work_pool="mine", work_queue="hot")
            deploy_file(directory / "flows.py", name, wishes)
        yield
        embed.stop()
    settings.current.cache_clear()


def _worker(*words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "perijove", "worker", "start", "--pool", "mine", *words])


def _state(run: Run) -> str | None:
    return run.refresh().state_name


def test_a_worker_of_another_queue_leaves_the_run_and_one_of_its_own_runs_it_once() -> None:
    run = run_deployment("quick/d", timeout=0)
    assert _worker("--once", "--queue", "default").wait(60) == 0
    assert _state(run) in ("Scheduled", "Late")
    assert _worker("--once", "--queue", "hot").wait(60) == 0
    assert _state(run) == "Completed"


def test_a_server_that_a_worker_had_to_start_outlives_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERIJOVE_HOME", str(tmp_path))
    settings.current.cache_clear()
    try:
        assert _worker("--once").wait(60) == 0
        assert embed.find() is not None
    finally:
        embed.stop()
        monkeypatch.undo()
        settings.current.cache_clear()


def test_a_run_that_has_not_begun_is_cancelled_at_once_and_can_be_retried() -> None:
    run = run_deployment("quick/d", parameters={"value": 3}, timeout=0).cancel()
    assert run.state_name == "Cancelled"
    with pytest.raises(UsageError, match="CANCELLED"):
        run.cancel()
    assert run.retry().state_name == "AwaitingRetry"
    with pytest.raises(UsageError, match="before it has ended"):
        run.retry()
    assert _worker("--once").wait(60) == 0
    assert run.wait(30).result() == 3
    with pytest.raises(UsageError, match="Completed, and its result is kept"):
        run.retry()


def test_a_run_that_others_gave_up_does_not_go_on_as_a_ghost() -> None:
    worker = _worker()
    try:
        run = run_deployment("slow/d", timeout=0)
        with get_client(sync_client=True) as client:
            while (pid := client.read_flow_run(run.id).infrastructure_pid) is None:
                time.sleep(0.1)
            client.set_flow_run_state(run.id, StateCreate(type=StateType.CRASHED), force=True)
        process = psutil.Process(int(pid.rpartition(":")[2]))
        process.wait(30)
        assert _state(run) == "Crashed"
    except psutil.NoSuchProcess:
        pass  # it has ended already
    finally:
        worker.terminate()
        assert worker.wait(60) == 0


def test_a_run_under_way_ends_as_cancelled_and_its_worker_goes_on() -> None:
    worker = _worker()
    try:
        run = run_deployment("slow/d", timeout=0)
        with get_client(sync_client=True) as client:
            while (seen := client.read_flow_run(run.id, wait=30, unless=run.state_id)).state_name != "Running":
                run.state_id = seen.state_id
        assert run.cancel().state_name == "Cancelling"
        assert run.wait(60).state_name == "Cancelled"
        assert run_deployment("quick/d", timeout=60).state_name == "Completed"
    finally:
        worker.terminate()
        assert worker.wait(60) == 0

"""Whatever ends a run, or any part of the worker, nothing of the run is left."""

import os
import signal
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from perijove import embed
from perijove.client import SyncClient
from perijove.schemas.states import StateCreate, StateType
from perijove.schemas.work import WorkPoolCreate
from perijove.worker import processes

from .worker_bench import ESCAPES, Bench, alive, command_of, wait_until, worker

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="subreapers are Linux's"),
    pytest.mark.timeout(120),
]


@pytest.fixture(scope="module")
def server(shared_server: embed.EmbeddedServer) -> embed.EmbeddedServer:
    return shared_server


@pytest.fixture
def own(client: SyncClient, tmp_path: Path) -> Bench:
    """Runs go to a pool that the test's own workers serve."""
    pool = f"pool-{uuid4()}"
    client.create_work_pool(WorkPoolCreate(name=pool))
    return Bench(client, tmp_path, pool)


def test_what_a_run_leaves_behind_is_gone_after_it(own: Bench) -> None:
    with worker(own.pool) as process:
        run = own.end(own.start("leaving", {"escape": ESCAPES}))
        assert run.state_type is StateType.COMPLETED
        wait_until(lambda: not [one for one in processes.descendants(process.pid) if "sleep" in command_of(one)], 15)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_that_ends_leaves_no_process_and_its_run_has_crashed(own: Bench, number: signal.Signals) -> None:
    with worker(own.pool) as process:
        run = own.start("leaving", {"escape": ESCAPES, "seconds": 1000})
        own.logs(run.id, until="left")
        tree = processes.descendants(process.pid)
        assert len(tree) >= 7  # zygote, shepherd, run, shell and the three that it left
        process.send_signal(number)
        assert process.wait(30) == (0 if number is signal.SIGTERM else -signal.SIGKILL)
        wait_until(lambda: not alive(tree), 20)
    run = own.end(run)
    assert run.state is not None
    assert (run.state.type, run.state.message) == (StateType.CRASHED, "The worker stopped before the run ended.")


@pytest.mark.parametrize(
    ("victims", "message"),
    [
        ([1], "The process that watched over the run was killed by SIGKILL."),
        ([0], "The worker stopped before the run ended."),
        ([2], "The run's process was killed by SIGKILL (out of memory?)."),
    ],
    ids=["shepherd", "zygote", "run"],
)
def test_whichever_part_is_killed_the_run_has_crashed_and_nothing_is_left(
    own: Bench, victims: list[int], message: str
) -> None:
    with worker(own.pool) as process:
        run = own.start("leaving", {"escape": ESCAPES, "seconds": 1000})
        own.logs(run.id, until="left")
        (zygote,) = processes.children(process.pid)
        (shell,) = [one for one in processes.descendants(process.pid) if command_of(one).startswith("sh -c sleep")]
        parts = {one.pid: one for one in processes.descendants(process.pid)}
        chain = [zygote, parts[parts[shell.parent].parent], parts[shell.parent]]
        tree = processes.descendants(chain[1].pid)
        for victim in victims:
            os.kill(chain[victim].pid, signal.SIGKILL)
        run = own.end(run)
        wait_until(lambda: not alive(tree), 20)
        assert run.state is not None
        assert (run.state.type, run.state.message) == (StateType.CRASHED, message)
        assert own.run("exiting").state_type is StateType.CRASHED  # the worker goes on


def test_a_cancelled_run_is_stopped_with_all_that_it_started(own: Bench) -> None:
    with worker(own.pool) as process:
        run = own.start("leaving", {"escape": ESCAPES, "seconds": 1000})
        own.logs(run.id, until="left")
        tree = processes.descendants(process.pid)
        own.client.set_flow_run_state(run.id, StateCreate(type=StateType.CANCELLING))
        run = own.end(run)
        assert run.state_type is StateType.CANCELLED
        left = [one for one in tree if "sleep" in command_of(one)]
        wait_until(lambda: not alive(left), 15)


def test_a_cancelled_run_that_ignores_sigterm_is_killed(own: Bench) -> None:
    with worker(own.pool):
        run = own.start("stubborn")
        own.logs(run.id, until="ready")
        own.client.set_flow_run_state(run.id, StateCreate(type=StateType.CANCELLING))
        assert own.end(run).state_type is StateType.CANCELLED


def test_no_process_of_a_run_shows_the_token(own: Bench, server: embed.EmbeddedServer) -> None:
    with worker(own.pool) as process:
        run = own.start("leaving", {"escape": "sleep 1000", "seconds": 1000})
        own.logs(run.id, until="left")
        shown = [
            Path(f"/proc/{one.pid}/{name}").read_bytes()
            for one in processes.descendants(process.pid)
            for name in ("cmdline", "environ")
        ]
        assert len(shown) >= 8
        assert not [text for text in shown if server.token().encode() in text]

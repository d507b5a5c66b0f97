"""Where a trial takes place: a server that may be killed, a pool with a worker, and what becomes of a run there."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from perijove import clock, embed, get_client, settings
from perijove.client import SyncClient
from perijove.errors import Invalid, ServerError
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import LogQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.runs import FlowRun
from perijove.schemas.work import WorkPoolCreate
from perijove.worker import processes

VERDICT = 45.0
"""Seconds within which whatever happened must be known."""

_PAUSE = 0.05
T = TypeVar("T")
_restarting = threading.Lock()


@contextlib.contextmanager
def server() -> Iterator[None]:
    """A server of its own, at one port whenever it is started again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="perijove-chaos-") as home, pytest.MonkeyPatch.context() as patch:
        for name in ("PERIJOVE_API_URL", "PERIJOVE_API_KEY", "PREFECT_API_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("PERIJOVE_HOME", home)
        patch.setenv("PERIJOVE_PORT", str(port))
        settings.current.cache_clear()
        embed.start()
        try:
            yield
        finally:
            embed.stop()
            settings.current.cache_clear()


def kill_server(away: float = 0.0) -> None:
    """Kill the server, and start it again after so many seconds."""
    with _restarting:
        if running := embed.find():
            os.kill(running.pid, signal.SIGKILL)
        until(lambda: embed.find() is None)
        time.sleep(away)
        embed.start()


class Stage:
    """A pool of its own with one worker, and a directory for the flows' notes."""

    def __init__(self, notes: Path) -> None:
        self.notes = notes
        self.pool = f"pool-{uuid4()}"
        with contextlib.suppress(Invalid):  # made already, by a request whose answer died with the server
            patiently(lambda client: client.create_work_pool(WorkPoolCreate(name=self.pool)))
        self.worker = self.start_worker()

    def start_worker(self) -> "subprocess.Popen[bytes]":
        """Another worker, in the place of the one that there was."""
        command = [sys.executable, "-m", "perijove.worker", "--pool", self.pool, "--grace", "0"]
        self.worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self.worker

    def deploy(self, name: str, **fields: Any) -> Deployment:
        """A deployment of one of this directory's flows to the pool."""
        place = {"prefect.deployments.steps.set_working_directory": {"directory": str(Path(__file__).parent)}}
        flow = patiently(lambda client: client.create_flow(FlowCreate(name=name)))
        wanted = DeploymentCreate(
            name=self.pool,
            flow_id=flow.id,
            entrypoint=f"flows.py:{name}",
            pull_steps=[place],
            work_pool_name=self.pool,
            **fields,
        )
        return patiently(lambda client: client.create_deployment(wanted))

    def run(self, deployment: Deployment, **parameters: Any) -> FlowRun:
        """A new run."""
        wanted = DeploymentFlowRunCreate(parameters=parameters, idempotency_key=str(uuid4()))
        return patiently(lambda client: client.create_flow_run_from_deployment(deployment.id, wanted))

    def pids(self) -> tuple[int, int] | None:
        """The run's process and its shepherd, once the run has said so."""
        return pids(self.notes)

    def place(self, name: str) -> Path:
        """A directory for the notes of one run of several."""
        made = self.notes / name
        made.mkdir()
        return made

    def close(self) -> None:
        """End the worker."""
        if self.worker.poll() is None:
            self.worker.terminate()
        self.worker.wait(30)


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """A stage that is cleared at the end."""
    with tempfile.TemporaryDirectory(prefix="perijove-chaos-") as notes:
        made = Stage(Path(notes))
        try:
            yield made
        finally:
            made.close()


def pids(notes: Path) -> tuple[int, int] | None:
    """The process of the run that leaves its notes there, and its shepherd, once the run has said so."""
    try:
        run, shepherd = (notes / "pids").read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    return int(run), int(shepherd)


def patiently(ask: Callable[[SyncClient], T]) -> T:
    """What the server answers, once it is there."""
    deadline = clock.monotonic() + VERDICT
    while True:
        try:
            with get_client(sync_client=True) as client:
                return ask(client)
        except ServerError:
            if clock.monotonic() > deadline:
                raise
        time.sleep(_PAUSE)


def read(run: FlowRun) -> FlowRun:
    """The run as it is now."""
    return patiently(lambda client: client.read_flow_run(run.id))


def is_over(run: FlowRun) -> bool:
    """Whether the run has ended."""
    now = read(run)
    return now.state is not None and now.state.is_final


def states(run: FlowRun) -> list[str]:
    """The types of all states that the run was in, in order."""
    return [each.type.value for each in patiently(lambda client: client.read_flow_run_states(run.id))]


def printed(run_id: UUID) -> list[str]:
    """All that the run printed."""
    lines: list[str] = []
    while True:
        query = {"logs": {"flow_run_id": {"any_": [str(run_id)]}}, "sort": "TIMESTAMP_ASC", "offset": len(lines)}
        asked = LogQuery.model_validate(query)
        page = patiently(lambda client, asked=asked: client.read_logs(asked))
        if not page:
            return [line for line in lines if line]
        lines += [entry.message if entry.name == "stdout" else "" for entry in page]


def until(condition: Callable[[], object], seconds: float = VERDICT) -> float:
    """Wait for the condition, and return the seconds that it took."""
    start = clock.monotonic()
    while not condition():
        assert clock.monotonic() < start + seconds, f"it did not come about within {seconds:g} s"
        time.sleep(_PAUSE)
    return clock.monotonic() - start


def survivors(mark: Path) -> list[int]:
    """The processes that carry the mark in their environment, wherever they belong now."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and f"PERIJOVE_CHAOS={mark}".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


def alive(seen: list[processes.Process]) -> list[processes.Process]:
    """Those that still live: by pid and start, so that a pid given anew is not mistaken."""
    now = {(each.pid, each.started) for each in processes.descendants(1)}
    return [each for each in seen if (each.pid, each.started) in now]

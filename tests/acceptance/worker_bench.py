"""What the worker's acceptance tests share: flows, a bench to run them on, and workers of their own."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from perijove import clock
from perijove.client import SyncClient
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import LogQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.logs import Log
from perijove.schemas.runs import FlowRun
from perijove.worker import processes

TIMEOUT = 40.0

FLOWS = """
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from perijove import flow


@flow
def talking():
    print("to stdout")
    print("to stderr", file=sys.stderr)
    subprocess.run([sys.executable, "-c", "print('by a program')"])


@flow
def told(name: str) -> None:
    print(os.environ[name], Path.cwd())


@flow
def killed(lines: int):
    for number in range(lines):
        print(number)
    sys.stdout.write("an unfinished line")
    os.kill(os.getpid(), signal.SIGKILL)


@flow
def exiting():
    os._exit(3)


@flow
def leaving(escape: str, seconds: float = 0.0):
    subprocess.Popen(["sh", "-c", escape], stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    print("left")
    time.sleep(seconds)


@flow
def noting(path: str, number: int):
    with open(path, "a") as notes:
        notes.write(f"{number}\\n")


@flow
def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready")
    time.sleep(1000)


@flow
def ticking(ticks: int):
    for number in range(ticks):
        print(f"tick {number}")
        time.sleep(0.1)


@flow
def alone(path: str):
    Path(path).touch(exist_ok=False)
    time.sleep(0.2)
    Path(path).unlink()
"""

ESCAPES = "sleep 1000 & setsid sleep 1000 & (setsid sh -c 'trap : TERM; while :; do sleep 1; done' &) ; wait"
"""A shell that leaves behind a child, one with a session of its own, and one that is nobody's and ignores SIGTERM."""


class Bench:
    """Deploys the flows above to a pool, runs them and looks at what became of them."""

    def __init__(self, client: SyncClient, directory: Path, pool: str) -> None:
        self.client = client
        self.directory = directory
        self.pool = pool
        (directory / "flows.py").write_text(FLOWS, "utf-8")

    def deploy(self, name: str, **fields: Any) -> Deployment:
        flow = self.client.create_flow(FlowCreate(name=name))
        place = {"prefect.deployments.steps.set_working_directory": {"directory": str(self.directory)}}
        defaults = {"entrypoint": f"flows.py:{name}", "pull_steps": [place], "work_pool_name": self.pool}
        return self.client.create_deployment(DeploymentCreate(name="d", flow_id=flow.id, **{**defaults, **fields}))

    def start(self, name: str, parameters: dict[str, Any] | None = None, **fields: Any) -> FlowRun:
        deployment = self.deploy(name, **fields)
        return self.client.create_flow_run_from_deployment(
            deployment.id, DeploymentFlowRunCreate(parameters=parameters or {})
        )

    def end(self, run: FlowRun, timeout: float = TIMEOUT) -> FlowRun:
        """The run once it has ended."""
        deadline = clock.monotonic() + timeout
        while not (run.state and run.state.is_final):
            assert clock.monotonic() < deadline, f"still {run.state_name} after {timeout} s"
            run = self.client.read_flow_run(run.id, wait=1, unless=run.state_id)
        return run

    def run(self, name: str, parameters: dict[str, Any] | None = None, **fields: Any) -> FlowRun:
        return self.end(self.start(name, parameters, **fields))

    def logs(self, run_id: UUID, *, until: str) -> list[Log]:
        """The run's log once it holds a line that has ``until`` in it."""
        query = LogQuery.model_validate({"logs": {"flow_run_id": {"any_": [str(run_id)]}}, "sort": "TIMESTAMP_ASC"})
        found: list[Log] = []

        def arrived() -> bool:
            found[:] = self.client.read_logs(query)
            return any(until in entry.message for entry in found)

        wait_until(arrived)
        return found

    def all_lines(self, run_id: UUID, logger: str) -> list[str]:
        lines: list[str] = []
        while True:
            query = {"logs": {"flow_run_id": {"any_": [str(run_id)]}}, "sort": "TIMESTAMP_ASC", "offset": len(lines)}
            page = self.client.read_logs(LogQuery.model_validate(query))
            if not page:
                return lines
            lines += [entry.message if entry.name == logger else "" for entry in page]


def wait_until(condition: Callable[[], bool], timeout: float = TIMEOUT) -> None:
    deadline = clock.monotonic() + timeout
    while not condition():
        assert clock.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


@contextmanager
def worker(pool: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of the pool, which is stopped at the end if it still lives."""
    command = [sys.executable, "-m", "perijove.worker", "--pool", pool, "--grace", "0", *arguments]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(30)


def alive(seen: list[processes.Process]) -> list[processes.Process]:
    """Those that are still there: by pid and start, so that a pid given anew is not mistaken."""
    now = {(process.pid, process.started) for process in processes.descendants(1)}
    return [process for process in seen if (process.pid, process.started) in now]


def command_of(process: processes.Process) -> str:
    """The process's command line; nothing once it is gone."""
    try:
        return Path(f"/proc/{process.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""

"""Two servers with many deployments and runs, side by side: ``python -m benchmarks.server_load --prefect PYTHON``.

Each server gets as many deployments and finished runs as are asked for (``--deployments``, ``--runs``); the runs are
copied in its own database, as no server would take so many requests in a reasonable time. Then the same client asks
both the same. Times are medians in milliseconds; memory is the process tree's, idle CPU a share of one core.
"""

import argparse
import contextlib
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil

from benchmarks.prefect_side import await_server, free_port
from perijove import embed, settings
from perijove.client import SyncClient, Target
from perijove.errors import ApiError, ServerUnavailable
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import Among, DeploymentQuery, FlowRunFilter, FlowRunQuery, FlowRunSort, StateFilter
from perijove.schemas.flows import FlowCreate
from perijove.schemas.schedules import CronSchedule, DeploymentScheduleCreate
from perijove.schemas.states import StateCreate, StateType

TIMES = 20
BUSY = 503
PATIENCE = 300.0
"""Seconds for which a busy server is asked again."""

IDLE = 20.0
"""Seconds over which a server's CPU is measured while nobody asks it anything."""

T = TypeVar("T")


@dataclass(frozen=True)
class Server:
    """A server that runs: how to ask it, its process, and where it keeps its runs."""

    target: Target
    process: psutil.Process
    database: Path
    table: str


@contextlib.contextmanager
def perijove() -> Iterator[Server]:
    """An embedded server of its own."""
    os.environ["PERIJOVE_HOME"] = tempfile.mkdtemp(prefix="perijove-load-")
    os.environ["PERIJOVE_OFF"] = "worker"  # Prefect's server has none either
    settings.current.cache_clear()
    started = embed.start()
    try:
        target = Target(started.api_url, "embedded", started.token())
        yield Server(target, psutil.Process(started.pid), Path(started.data_directory) / "perijove.db", "flow_runs")
    finally:
        embed.stop()


@contextlib.contextmanager
def prefect(python: Path) -> Iterator[Server]:
    """A real Prefect server on SQLite."""
    home, port = Path(tempfile.mkdtemp(prefix="prefect-load-")), free_port()
    environment = {**os.environ, "PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    command = [str(python), "-m", "prefect", "server", "start", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_server(port)
        target = Target(f"http://127.0.0.1:{port}/api", "remote")
        yield Server(target, psutil.Process(process.pid), home / "prefect.db", "flow_run")
    finally:
        process.terminate()
        process.wait(60)


def measure(server: Server, deployments: int, runs: int) -> dict[str, float]:
    """Fill the server, and ask it."""
    with SyncClient(server.target) as client:
        flow = client.create_flow(FlowCreate(name="load"))
        make = _deployments(client, flow.id)
        first = next(make)
        for _ in range(deployments - 1):
            next(make)
        _multiply(server, _finished(client, first), runs)
        query = FlowRunQuery(sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=100)
        running = FlowRunFilter(state=StateFilter(type=Among(any_=[StateType.RUNNING])))
        at_rest = _footprint(server.process)
        figures = {
            "create deployment": _median(lambda: next(make)),
            "create run": _median(partial(client.create_flow_run_from_deployment, first.id, DeploymentFlowRunCreate())),
            "deployments/filter": _median(partial(client.read_deployments, DeploymentQuery(limit=100))),
            "flow_runs/filter": _median(partial(client.read_flow_runs, query)),
            "flow_runs/count": _median(partial(client.count_flow_runs, FlowRunQuery(flow_runs=running))),
            "schedule minutely": _scheduled(client, flow.id, deployments) * 1000,
        }
    busy = {f"{name}, minutely": figure for name, figure in _footprint(server.process).items()}
    return {**figures, **at_rest, **busy}


def _deployments(client: SyncClient, flow_id: object, **fields: object) -> Iterator[Deployment]:
    number = 0
    while True:
        name = f"{time.monotonic_ns()}-{number}"
        wanted = DeploymentCreate(name=name, flow_id=flow_id, **fields)
        yield _insist(partial(client.create_deployment, wanted))
        number += 1


def _insist(ask: Callable[[], T]) -> T:
    """What the server answers once it is not busy: Prefect's meets its own locked database when its services write, or
    answers nothing in time."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except (ApiError, ServerUnavailable) as error:
            busy = isinstance(error, ServerUnavailable) or error.status == BUSY
            if not busy or time.monotonic() > deadline:
                raise


def _finished(client: SyncClient, deployment: Deployment) -> object:
    run = _insist(partial(client.create_flow_run_from_deployment, deployment.id, DeploymentFlowRunCreate()))
    for kind in (StateType.PENDING, StateType.RUNNING, StateType.COMPLETED):
        _insist(partial(client.set_flow_run_state, run.id, StateCreate(type=kind)))
    return run.id


def _multiply(server: Server, run_id: object, number: int) -> None:
    """Copy a run so many times."""
    dashed = server.table == "flow_run"
    key = str(run_id) if dashed else str(run_id).replace("-", "")
    with contextlib.closing(sqlite3.connect(server.database, timeout=60)) as database, database:
        names = [row[1] for row in database.execute(f"PRAGMA table_info({server.table})")]
        parts = [f"lower(hex(randomblob({size})))" for size in ((4, 2, 2, 2, 6) if dashed else (16,))]
        fresh = {"id": " || '-' || ".join(parts), "idempotency_key": "NULL", "slot": "NULL"}
        values = ", ".join(fresh.get(name, f'"{name}"') for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        database.execute(
            f"INSERT INTO {server.table} ({columns}) "  # noqa: S608  (names of the server's own schema)
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) "
            f"SELECT {values} FROM {server.table}, n WHERE id = ?",
            [key],
        )


def _scheduled(client: SyncClient, flow_id: object, number: int) -> float:
    """Seconds until so many new deployments, each run every minute, have their runs of the next hour."""
    every_minute = [DeploymentScheduleCreate(schedule=CronSchedule(cron="* * * * *"))]
    make = _deployments(client, flow_id, schedules=every_minute)
    waiting = FlowRunQuery(flow_runs=FlowRunFilter(state=StateFilter(name=Among(any_=["Scheduled"]))))
    before, began = client.count_flow_runs(waiting), time.perf_counter()
    for _ in range(number):
        next(make)
    while _insist(partial(client.count_flow_runs, waiting)) < before + 60 * number:
        time.sleep(0.2)
    return time.perf_counter() - began


def _footprint(process: psutil.Process) -> dict[str, float]:
    tree = [process, *process.children(recursive=True)]
    memory = sum(one.memory_full_info().pss for one in tree) / 2**20
    before = sum(sum(one.cpu_times()[:2]) for one in tree)
    time.sleep(IDLE)
    spent = sum(sum(one.cpu_times()[:2]) for one in tree) - before
    return {"memory, MiB": memory, "CPU, %": 100 * spent / IDLE}


def _median(action: Callable[[], object]) -> float:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        _insist(action)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def main() -> None:
    """Measure both, and print the figures with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--prefect", type=Path, help="the Python of an environment with Prefect; none: Perijove alone")
    parser.add_argument("--deployments", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=100_000)
    options = parser.parse_args()
    with perijove() as server:
        ours = measure(server, options.deployments, options.runs)
    theirs: dict[str, float] = {}
    if options.prefect:
        with prefect(options.prefect) as server:
            theirs = measure(server, options.deployments, options.runs)
    print(f"{'':24} {'Perijove':>12} {'Prefect':>12} {'ratio':>9}")
    for name, figure in ours.items():
        told = f"{theirs[name]:12.2f} {theirs[name] / max(figure, 1e-9):8.1f}x" if theirs else ""
        print(f"{name:24} {figure:12.2f} {told}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

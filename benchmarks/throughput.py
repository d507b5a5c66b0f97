"""How many runs of an empty flow a worker gets done in a minute, Perijove's and Prefect's, at one pace or another.

``python -m benchmarks.throughput --prefect PYTHON``: each server gets the runs first, and then a worker for them. Both
are asked and measured by the same client, from the first run's start to the last one's end, by the server's own clock.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.prefect_side import await_server, environment, free_port, running
from perijove import embed, settings
from perijove.client import SyncClient, Target, get_client
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import Among, FlowRunFilter, FlowRunQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.runs import FlowRun
from perijove.schemas.work import WorkPoolCreate

HERE = Path(__file__).parent
PACES = (2, 8, 50)
PAGE = 200
PATIENCE = 900.0


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prefect", type=Path, help="the Python of an environment with Prefect; none: Perijove alone")
    parser.add_argument("--runs", type=int, default=500, help="runs of Perijove's at each pace")
    parser.add_argument("--theirs", type=int, default=16, help="runs of Prefect's at each pace")
    asked = parser.parse_args()
    ours = dict(_perijove(asked.runs))
    theirs = dict(_prefect(asked.prefect, asked.theirs)) if asked.prefect else {}
    print(f"{'runs a minute':24} {'Perijove':>10} {'Prefect':>10} {'ratio':>8}")
    for pace, (rate, ends) in ours.items():
        row = f"{str(pace) + ' at a time':24} {rate:10.0f}"
        if pace in theirs:
            row += f" {theirs[pace][0]:10.0f} {rate / theirs[pace][0]:7.0f}x"
        print(f"{row}   {_ends(ends)}" + (f" / {_ends(theirs[pace][1])}" if pace in theirs else ""))


def _ends(ends: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in ends.items())


def _perijove(number: int) -> Iterator[tuple[int, tuple[float, Counter[str]]]]:
    with tempfile.TemporaryDirectory(prefix="perijove-bench-") as home:
        os.environ["PERIJOVE_HOME"] = home
        settings.current.cache_clear()
        embed.start()
        try:
            with get_client(sync_client=True) as client:
                for pace in PACES:
                    words = [sys.executable, "-m", "perijove.worker", "--limit", str(pace), "--pool"]
                    yield pace, _drained(client, number, words)
        finally:
            embed.stop()


def _prefect(python: Path, number: int) -> Iterator[tuple[int, tuple[float, Counter[str]]]]:
    port = free_port()
    os.environ.update(environment(port))
    prefect = str(python.absolute().with_name("prefect"))
    with running(prefect, "server", "start", "--port", str(port)):
        await_server(port)
        with SyncClient(Target(f"http://127.0.0.1:{port}/api", "remote")) as client:
            for pace in PACES:
                words = [prefect, "worker", "start", "--type", "process", "--limit", str(pace), "--pool"]
                yield pace, _drained(client, number, words)


def _drained(client: SyncClient, number: int, worker: Sequence[str]) -> tuple[float, Counter[str]]:
    """Runs a minute, and how they ended."""
    pool = f"bench-{time.monotonic_ns()}"
    client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    deployment = _deployed(client, pool)
    for _ in range(number):
        client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    with running(*worker, pool):
        runs = _ended(client, deployment, number)
    begun = [run.start_time for run in runs if run.start_time]
    ended = [run.end_time for run in runs if run.end_time]
    return 60 * number / (max(ended) - min(begun)).total_seconds(), Counter(run.state_name or "" for run in runs)


def _deployed(client: SyncClient, pool: str) -> Deployment:
    flow = client.create_flow(FlowCreate(name="nothing"))
    place = {"prefect.deployments.steps.set_working_directory": {"directory": str(HERE)}}
    return client.create_deployment(
        DeploymentCreate(
            name=pool, flow_id=flow.id, entrypoint="empty_flow.py:nothing", pull_steps=[place], work_pool_name=pool
        )
    )


def _ended(client: SyncClient, deployment: Deployment, number: int) -> list[FlowRun]:
    """All of the runs, once they have ended."""
    mine = FlowRunFilter(deployment_id=Among(any_=[deployment.id]))
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        runs: list[FlowRun] = []
        while page := client.read_flow_runs(FlowRunQuery(flow_runs=mine, limit=PAGE, offset=len(runs))):
            runs += page
        if len(runs) == number and all(run.state and run.state.is_final for run in runs):
            return runs
        time.sleep(1)
    raise TimeoutError(f"{number} runs did not end within {PATIENCE:g} s.")


if __name__ == "__main__":
    main()

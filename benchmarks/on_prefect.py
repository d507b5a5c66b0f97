"""Perijove's deploy and worker beside Prefect's own, on the same Prefect server: ``--prefect PYTHON``.

A run's start is what passes, by the server's clock, from its creation to its flow's first moment. Prefect's worker asks
for work as often as its settings allow, and Perijove's as it does by itself where a server can't be awaited.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.prefect_side import await_server, environment, free_port, running
from benchmarks.sampling import APART, median, repeated
from perijove import settings
from perijove.client import SyncClient, Target
from perijove.deployments.define import Wishes
from perijove.deployments.deploying import deploy_file
from perijove.schemas.deployments import DeploymentFlowRunCreate

HERE = Path(__file__).parent
PATIENCE = 120.0
DEPLOY = """
import json, sys
from functools import partial
from prefect import flow
from benchmarks.sampling import repeated
source = flow.from_source(source=sys.argv[1], entrypoint="empty_flow.py:nothing")
deploy = partial(source.deploy, name="theirs", work_pool_name="theirs", print_next_steps=False)
deploy()
print(json.dumps(repeated(int(sys.argv[2]), deploy)))
"""


def main() -> None:
    """Measure both, and print the medians with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prefect", type=Path, required=True, help="the Python of an environment with Prefect")
    parser.add_argument("--times", type=int, default=10, help="how often each figure is taken")
    asked = parser.parse_args()
    python = asked.prefect.absolute()
    with _server(python) as target, SyncClient(target) as client:
        for pool in ("ours", "theirs"):
            _prefect(python, "work-pool", "create", pool, "--type", "process")
        deploys = _our_deploys(asked.times), _their_deploys(python, asked.times)
        ours = [sys.executable, "-m", "perijove.worker", "--pool", "ours"]
        theirs = [str(python.with_name("prefect")), "worker", "start", "--pool", "theirs"]
        starts = _starts(client, "ours", ours, asked.times), _starts(client, "theirs", theirs, asked.times)
    print(f"{'median of ' + str(asked.times):54} {'Perijove':>10} {'Prefect':>10} {'ratio':>8}")
    for title, (mine, its) in {"deploy onto a Prefect server": deploys, "start of a run there": starts}.items():
        print(f"{title:54} {median(mine):8.2f} s {median(its):8.2f} s {median(its) / median(mine):7.1f}x")


@contextlib.contextmanager
def _server(python: Path) -> Iterator[Target]:
    """A Prefect server, to which everything speaks meanwhile."""
    port = free_port()
    os.environ.update(environment(port), PERIJOVE_HOME=tempfile.mkdtemp(prefix="perijove-bench-"))
    settings.current.cache_clear()
    with running(str(python.with_name("prefect")), "server", "start", "--port", str(port)):
        await_server(port)
        yield Target(f"http://127.0.0.1:{port}/api", "remote")


def _prefect(python: Path, *words: str) -> None:
    subprocess.run([python.with_name("prefect"), *words], check=True, capture_output=True)


def _our_deploys(times: int) -> list[float]:
    deploy = partial(deploy_file, HERE / "empty_flow.py", "nothing", Wishes(name="ours", work_pool="ours"))
    deploy()
    return repeated(times, deploy)


def _their_deploys(python: Path, times: int) -> list[float]:
    command = [str(python), "-c", DEPLOY, str(HERE), str(times)]
    printed = subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.PIPE, text=True).stdout
    taken: list[float] = json.loads(printed.splitlines()[-1])
    return taken


def _starts(client: SyncClient, name: str, worker: Sequence[str], times: int) -> list[float]:
    """The delay of each run's start; the first, which waits for the worker's own, isn't counted."""
    with running(*worker):
        return [_start(client, name) for _ in range(times + 1)][1:]


def _start(client: SyncClient, name: str) -> float:
    time.sleep(APART)
    deployment = client.read_deployment_by_name(f"nothing/{name}")
    run = client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    deadline = time.monotonic() + PATIENCE
    while not (run.state and run.state.is_final):
        if time.monotonic() > deadline:
            raise TimeoutError(f"A run did not end within {PATIENCE:g} s.")
        time.sleep(0.1)
        run = client.read_flow_run(run.id)
    if run.start_time is None:
        raise RuntimeError(f"A run of {name} did not begin: {run.state}")
    return (run.start_time - run.created).total_seconds()


if __name__ == "__main__":
    main()

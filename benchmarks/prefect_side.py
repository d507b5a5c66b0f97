"""Prefect's half of the comparison, in an environment of its own; prints its figures as JSON. Run by ``main``.

``serve`` and the process worker poll as often as their settings allow; ``run_deployment`` asks every 50 ms.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.perijove_side import IMPORT, in_fresh_process
from benchmarks.sampling import APART, repeated

HERE = Path(__file__).parent
PREFECT = str(Path(sys.executable).with_name("prefect"))
SERVE = "import sys; sys.path.insert(0, {here!r}); from empty_flow import nothing; nothing.serve(name='served')"


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(port: int) -> dict[str, str]:
    """Variables for all of Prefect, with a server at that port."""
    return {
        **os.environ,
        "PREFECT_HOME": tempfile.mkdtemp(prefix="prefect-bench-"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "ERROR",
    }


@contextlib.contextmanager
def running(*command: str) -> Iterator[None]:
    """Have a program run meanwhile."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def await_server(port: int) -> None:
    """Wait until it answers."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=1).read()
            return
        time.sleep(0.02)
    raise TimeoutError("Prefect's server did not answer within three minutes.")


def _server_start() -> float:
    port = free_port()
    os.environ.update(environment(port))
    start = time.perf_counter()
    with running(PREFECT, "server", "start", "--port", str(port)):
        await_server(port)
        return time.perf_counter() - start


def main(times: int) -> None:
    """Measure, and print."""
    figures = {
        "import": in_fresh_process(IMPORT.format("from prefect import flow"), times),
        "server start": [_server_start() for _ in range(min(times, 3))],
    }
    port = free_port()
    os.environ.update(environment(port))
    with running(PREFECT, "server", "start", "--port", str(port)):
        await_server(port)
        subprocess.run([PREFECT, "work-pool", "create", "bench", "--type", "process"], check=True, capture_output=True)
        figures |= _runs(times)
    print(json.dumps(figures))


def _runs(times: int) -> dict[str, list[float]]:
    from prefect import flow
    from prefect.deployments import run_deployment

    source = flow.from_source(source=str(HERE), entrypoint="empty_flow.py:nothing")
    deploy = partial(source.deploy, name="deployed", work_pool_name="bench", print_next_steps=False)
    deploy()
    figures = {"deploy": repeated(times, deploy)}
    with running(sys.executable, "-c", SERVE.format(here=str(HERE))):
        figures |= _blocking_runs("serve", partial(run_deployment, "nothing/served"), times)
    with running(PREFECT, "worker", "start", "--pool", "bench"):
        figures |= _blocking_runs("worker", partial(run_deployment, "nothing/deployed"), times)
    return figures


def _blocking_runs(by: str, run: partial[object], times: int) -> dict[str, list[float]]:
    work = partial(run, poll_interval=0.05)
    _wait_until_served(work)
    return {
        f"run_deployment, {by}": repeated(times, work, APART),
        f"run_deployment, {by}, no pause": repeated(times, work),
    }


def _wait_until_served(work: partial[object]) -> None:
    deadline = time.monotonic() + 120
    while not _works(work) and time.monotonic() < deadline:
        time.sleep(0.5)


def _works(work: partial[object]) -> bool:
    try:
        work()
    except Exception:
        return False
    return True


if __name__ == "__main__":
    main(int(sys.argv[1]))

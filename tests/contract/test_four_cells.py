"""{Perijove's, Prefect's} flows x {the embedded, Prefect's} server, by Perijove's worker and by Prefect's.

The same notebook, but for the package that its flow is imported from, is deployed by the same command, and run.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from perijove import clock, run_deployment, settings
from perijove.client import SyncClient, Target
from perijove.deployments import Run
from perijove.schemas.work import WorkPoolCreate

from .conftest import AUTH_STRING, Prefect, prefect_python, prefect_server
from .postgresql import postgresql

pytestmark = pytest.mark.timeout(400)

SOURCES = (
    "from {package} import flow, task\nRATE = 2",
    "@task\ndef scaled(x: int) -> int:\n    return x * RATE",
    "@flow(log_prints=True)\ndef report(x: int = 1) -> int:\n    print('said by the flow')\n    return scaled(x)",
)
SERVERS = [
    "embedded",
    pytest.param("prefect", marks=pytest.mark.full),
    pytest.param("prefect on postgresql", marks=pytest.mark.full),
]
WORKERS = ["perijove", pytest.param("prefect", marks=pytest.mark.full)]


@pytest.fixture(scope="module", params=SERVERS)
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server, to which all commands speak meanwhile."""
    if request.param == "embedded":
        server = request.getfixturevalue("shared_server")
        yield Target(server.api_url, "embedded", server.token())
        return
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(postgresql()) if request.param.endswith("postgresql") else None
        target = stack.enter_context(prefect_server(tmp_path_factory.mktemp("prefect"), database))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("PERIJOVE_HOME", str(tmp_path_factory.mktemp("perijove")))
        patch.setenv("PERIJOVE_API_URL", target.api_url)
        patch.setenv("PERIJOVE_API_AUTH_STRING", AUTH_STRING)
        settings.current.cache_clear()
        yield target
    settings.current.cache_clear()


@pytest.fixture(scope="module")
def pool(target: Target) -> str:
    """A work pool as Prefect's command line makes one of type process."""
    known = ("command", "env", "labels", "name", "stream_output", "working_dir")
    template = {
        "variables": {"type": "object", "properties": {name: {"title": name} for name in known}},
        "job_configuration": {name: f"{{{{ {name} }}}}" for name in known},
    }
    with SyncClient(target) as client:
        return client.create_work_pool(WorkPoolCreate(name="machines", base_job_template=template)).name


@pytest.fixture(scope="module", params=WORKERS)
def worker(
    request: pytest.FixtureRequest, target: Target, pool: str, both: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A worker of the pool: Perijove's, or Prefect's, whose environment has no Perijove."""
    secret = AUTH_STRING if target.scheme == "Basic" else f"perijove:{target.token}"
    prefect = Prefect(prefect_python(), target.api_url, secret, tmp_path_factory.mktemp("worker"))
    with prefect.worker(pool) if request.param == "prefect" else _ours(both, pool):
        yield request.param


@contextlib.contextmanager
def _ours(python: Path, pool: str) -> Iterator[None]:
    command = [python, "-m", "perijove", "worker", "start", "--pool", pool]
    with subprocess.Popen(command, env=dict(os.environ)) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def _until_said(run: Run, message: str) -> None:
    deadline = clock.monotonic() + 60
    while message not in (said := [line.message for line in run.logs()]):
        assert clock.monotonic() < deadline, said


@pytest.fixture(params=["perijove", pytest.param("prefect", marks=pytest.mark.full)])
def package(request: pytest.FixtureRequest) -> str:
    """Where the flow's decorator comes from."""
    return str(request.param)


def test_a_notebooks_flow_is_deployed_and_run(
    target: Target, pool: str, worker: str, package: str, both: Path, tmp_path: Path
) -> None:
    cells = [nbformat.v4.new_code_cell(source.format(package=package)) for source in SOURCES]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "n.ipynb")
    name = f"{package}-by-{worker}"
    words = ["deploy", "n.ipynb", "report", "--name", name, "--pool", pool]
    subprocess.run([both, "-m", "perijove", *words], cwd=tmp_path, check=True)
    run = run_deployment(f"report/{name}", parameters={"x": 3}, timeout=120)
    assert run.state_name == "Completed", f"{run.state} {run.logs()}"
    _until_said(run, "said by the flow")
    if package == "perijove":
        assert run.result() == 6

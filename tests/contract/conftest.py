"""The real Prefect, in an environment of its own, against an embedded server: over HTTP and nothing else."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic
import pytest

import perijove
from perijove import embed
from perijove.client import SyncClient, Target, get_client
from perijove.errors import ServerError

ROOT = Path(__file__).parents[2]
PEER = Path(__file__).parent / "peer"
AUTH_STRING = "admin:not-a-secret"


def prefect_python() -> Path:
    """The interpreter that has Prefect: PERIJOVE_PREFECT_PYTHON, or the one of ``make test``; without it, skip."""
    python = Path(os.environ.get("PERIJOVE_PREFECT_PYTHON") or ROOT / ".venv-prefect" / "bin" / "python")
    if not python.exists():
        pytest.skip(f"No Prefect at {python}: `make .venv-prefect/ready` installs it.")
    return python


@dataclass(frozen=True)
class Answer:
    """What a command of Prefect's CLI said, and how it ended."""

    command: list[str]
    code: int
    output: str


class Prefect:
    """Prefect's own client, CLI, runner and worker, told where the server is by their own settings."""

    def __init__(self, python: Path, api_url: str, auth_string: str, home: Path) -> None:
        self._python = python
        self._home = home
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("PERIJOVE_API", "PREFECT_"))},
            "PREFECT_API_URL": api_url,
            "PREFECT_HOME": str(home),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_CLI_PROMPT": "false",
            "PREFECT_CLI_COLORS": "false",
            "COLUMNS": "200",
            "PREFECT_API_AUTH_STRING": auth_string,
        }

    def script(self, name: str, given: object = None, timeout: float = 110) -> Any:
        """Run a script of ``peer/`` and return what it answered, as JSON on its last line."""
        answered = subprocess.run(
            [self._python, PEER / f"{name}.py"],
            input=json.dumps(given),
            env=self._environment,
            cwd=self._home,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert answered.returncode == 0, answered.stderr[-3000:]
        return json.loads(answered.stdout.splitlines()[-1])

    def cli(self, commands: Sequence[Sequence[str]]) -> list[Answer]:
        """Give the commands, one after another, to one process of the CLI: each of its own would take seconds."""
        return [Answer(**one) for one in self.script("cli", commands)]

    def serving(self, script: str) -> contextlib.AbstractContextManager[None]:
        """A script of ``peer/`` that goes on beside the test."""
        return self._running(self._python, PEER / f"{script}.py")

    def worker(self, pool: str) -> contextlib.AbstractContextManager[None]:
        """Prefect's own process worker of that pool, beside the test."""
        return self._running(self._python.with_name("prefect"), "worker", "start", "--pool", pool, "--type", "process")

    @contextlib.contextmanager
    def _running(self, *command: str | Path) -> Iterator[None]:
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(command, env=self._environment, cwd=self._home, stdout=output, stderr=output)
            try:
                yield
            finally:
                process.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(20)
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def embedded(shared_server: embed.EmbeddedServer) -> embed.EmbeddedServer:
    """A real embedded server for all tests of a file."""
    return shared_server


@pytest.fixture(scope="module")
def prefect(embedded: embed.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Prefect:
    """Prefect, set to use the embedded server."""
    return Prefect(
        prefect_python(), embedded.api_url, f"perijove:{embedded.token()}", tmp_path_factory.mktemp("prefect")
    )


@pytest.fixture(scope="module")
def ours(embedded: embed.EmbeddedServer) -> Iterator[SyncClient]:
    """Perijove's client of the same server, to look at what Prefect did."""
    with get_client(sync_client=True) as client:
        yield client


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def prefect_server(home: Path, database: str | None = None) -> Iterator[Target]:
    """A real Prefect server, on SQLite unless a database is named, which asks for a user and a password."""
    python, port = prefect_python(), free_port()
    environment = {**os.environ, "PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    environment.pop("PREFECT_API_URL", None)
    environment["PREFECT_SERVER_API_AUTH_STRING"] = AUTH_STRING
    if database:
        environment["PREFECT_API_DATABASE_CONNECTION_URL"] = database
    command = [python.with_name("prefect"), "server", "start", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    target = Target(f"http://127.0.0.1:{port}/api", "remote", AUTH_STRING, "Basic")
    try:
        deadline = time.monotonic() + 180
        while not _answers(target):
            assert time.monotonic() < deadline, "Prefect's server did not start"
            time.sleep(0.5)
        yield target
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _answers(target: Target) -> bool:
    try:
        with SyncClient(target) as client:
            return bool(client.read_version())
    except ServerError:
        return False


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has Prefect, and Perijove with what it needs."""
    prefect = prefect_python()
    place = tmp_path_factory.mktemp("both") / "venv"
    subprocess.run([prefect, "-m", "venv", "--without-pip", place], check=True)
    python = place / "bin" / "python"
    own, theirs = (_packages_of(each) for each in (python, prefect))
    sources = [theirs, Path(perijove.__file__).parents[1], Path(pydantic.__file__).parents[1]]
    (own / "both.pth").write_text("".join(f"{each}\n" for each in sources))
    return python


def _packages_of(python: Path) -> Path:
    command = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())

"""Which server the commands speak to: chosen, told, and never with another server's secret."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from perijove import embed, settings
from perijove.client import SyncClient, Target
from perijove.schemas.deployments import DeploymentFlowRunCreate
from perijove.schemas.work import WorkPoolCreate

FLOWS = "from perijove import flow\n\n@flow\ndef report(top: int = 3) -> int:\n    return top\n"


@dataclass(frozen=True)
class Other:
    """A server that is another's: the embedded one of another data directory."""

    address: str
    token: str


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Other]:
    """A running server with a deployment on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERIJOVE_HOME", str(tmp_path_factory.mktemp("other")))
        patch.setenv("PERIJOVE_API_URL", "embedded")
        settings.current.cache_clear()
        started = embed.start()
        yield Other(started.api_url, started.token())
        embed.stop()
    settings.current.cache_clear()


@dataclass(frozen=True)
class Terminal:
    """A user's terminal, with a data directory and Prefect's profiles."""

    home: Path

    def __call__(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        inherited = {key: word for key, word in os.environ.items() if not key.startswith(("PERIJOVE_", "PREFECT_"))}
        own = {"PERIJOVE_HOME": str(self.home), "PREFECT_HOME": str(self.home / "prefect")}
        return subprocess.run(
            [sys.executable, "-m", "perijove", *words],
            cwd=self.home,
            env={**inherited, **own, **environment},
            capture_output=True,
            text=True,
            timeout=90,
        )


@pytest.fixture
def terminal(tmp_path: Path, other: Other) -> Iterator[Terminal]:
    """A terminal in which a profile of Prefect's names the other server."""
    (tmp_path / "prefect").mkdir()
    profile = f'[profiles.other]\nPREFECT_API_URL = "{other.address}"\nPREFECT_API_KEY = "{other.token}"\n'
    (tmp_path / "prefect" / "profiles.toml").write_text(profile)
    (tmp_path / "flows.py").write_text(FLOWS)
    opened = Terminal(tmp_path)
    yield opened
    opened("server", "stop")


def test_a_target_is_chosen_told_and_kept_until_another_one_is(terminal: Terminal, other: Other) -> None:
    assert "the embedded server" in terminal("target").stdout
    chosen = terminal("target", "other")
    assert re.search(rf"target +{other.address}\nnamed by +Prefect's profile 'other'\nsecret +a token\n", chosen.stdout)
    deployed = terminal("deploy", "flows.py", "report", "--name", "there", "--pool", "local")
    assert "report/there is deployed" in deployed.stdout
    for told in (deployed, terminal("deployment", "ls")):
        assert told.stderr == f"Target: {other.address} (Prefect's profile 'other')\n"
        assert other.token not in told.stdout + chosen.stdout
    here = terminal("deployment", "ls", "--target", "embedded")
    assert (here.stderr, "report/there" in here.stdout) == ("", False)


def test_what_stands_in_the_file_stays_but_for_another_servers_secret(terminal: Terminal, other: Other) -> None:
    file = terminal.home / "perijove.toml"
    file.write_text('# mine\nport = 0  # any\napi_url = "http://old/api"\napi_key = "old"\n')
    told = terminal("target", other.address)
    assert "The api_key in" in told.stdout
    assert "was for http://old/api, and is removed" in told.stdout
    assert file.read_text() == f'# mine\nport = 0  # any\napi_url = "{other.address}"\n'
    assert file.stat().st_mode & 0o777 == 0o600
    terminal("target", "--reset")
    assert file.read_text() == "# mine\nport = 0  # any\n"


def test_the_environment_comes_first_and_that_is_said(terminal: Terminal, other: Other) -> None:
    told = terminal("target", "embedded", PERIJOVE_API_URL="other").stdout
    assert "PERIJOVE_API_URL is set in the environment, and comes before perijove.toml" in told
    assert other.address in terminal("deployment", "ls", PERIJOVE_API_URL="other").stderr
    assert "the embedded server" in terminal("target", PREFECT_PROFILE="other").stdout


@pytest.mark.parametrize("words", [("target", "othre"), ("deployment", "ls", "--target", "othre")])
def test_a_word_that_names_no_server_is_refused_and_changes_nothing(terminal: Terminal, words: tuple[str, ...]) -> None:
    told = terminal(*words)
    assert told.returncode == 2
    assert "'othre' is no address" in told.stderr
    assert "Did you mean 'other'?" in told.stderr
    assert not (terminal.home / "perijove.toml").exists()


def test_a_worker_and_its_runs_speak_to_the_target_that_it_was_given(terminal: Terminal, other: Other) -> None:
    with SyncClient(Target(other.address, "remote", other.token)) as client:
        client.create_work_pool(WorkPoolCreate(name="apart", type="process"))
        assert "is deployed" in terminal("deploy", "flows.py", "report", "--pool", "apart", "--target", "other").stdout
        deployment = client.read_deployment_by_name("report/default")
        run = client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
        worked = terminal("worker", "start", "--pool", "apart", "--once", "--target", "other")
        assert worked.returncode == 0, worked.stderr
        assert client.read_flow_run(run.id).state_name == "Completed"
    assert not (terminal.home / "server.json").exists()

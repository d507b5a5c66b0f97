"""Flows from where their code is kept."""

import subprocess
from pathlib import Path

import pytest

from perijove import flow
from perijove.client import SyncClient
from perijove.errors import EntrypointError, UsageError
from perijove.storages import GitRepository

REPORT = "from perijove import flow\n\n@flow\ndef report(top: int = 3) -> int:\n    return top\n"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    place = tmp_path / "code"
    (place / "flows").mkdir(parents=True)
    (place / "flows" / "a.py").write_text(REPORT)
    return place


def test_a_flow_of_a_directory_is_deployed_from_there(home: Path, code: Path) -> None:
    planned = flow.from_source(str(code), "flows/a.py:report").to_deployment("x", parameters={"top": 5})
    assert planned.full_name == "report/x"
    assert (planned.source.entrypoint, planned.source.directory) == ("flows/a.py:report", code)
    assert planned.wishes.parameters == {"top": 5}


def test_a_flow_of_a_repository_is_fetched_and_so_is_each_run(client: SyncClient, code: Path) -> None:
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=n", "-c", "user.email=e@x.org", "commit", "-qm", "1"],
    ):
        subprocess.run(["git", *words], cwd=code, check=True)
    here = Path.cwd()
    fetched = flow.from_source(GitRepository(f"file://{code}"), "flows/a.py:report")
    assert Path.cwd() == here
    assert fetched() == 3
    deployment = client.read_deployment(fetched.deploy("git", print_next_steps=False))
    assert deployment.pull_steps == [{"prefect.deployments.steps.git_clone": {"repository": f"file://{code}"}}]
    assert deployment.entrypoint == "flows/a.py:report"


def test_what_is_not_there_is_told(home: Path, code: Path) -> None:
    with pytest.raises(EntrypointError, match=r"no file 'b\.py'"):
        flow.from_source(code, "b.py:report")


def test_a_token_that_is_written_out_is_refused() -> None:
    with pytest.raises(UsageError, match="environment variable"):
        GitRepository("https://example.org/a.git", access_token="t0ken")

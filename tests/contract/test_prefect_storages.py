"""What Perijove stored on a branch is run by the real Prefect's worker, which knows nothing of the notebook's disk."""

import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

from perijove.client import SyncClient
from perijove.schemas.work import WorkPoolCreate

from .conftest import Prefect

CELLS = (
    "from prefect import flow, task\nRATE = 2",
    "@task\ndef scaled(x: int) -> int:\n    return x * RATE",
    "@flow\ndef report(top: int = 3) -> int:\n    assert 'team-flows' in __file__\n    return scaled(top)",
)


def _git(place: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=place, check=True)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook in a clone of ``team.git``, which lies beside it."""
    _git(tmp_path, "init", "--quiet", "--bare", "team.git")
    _git(tmp_path, "clone", "--quiet", "team.git", "notebooks")
    _git(tmp_path / "notebooks", "config", "user.name", "n")
    _git(tmp_path / "notebooks", "config", "user.email", "n@example.org")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebooks" / "report.ipynb")
    return tmp_path / "notebooks" / "report.ipynb"


@pytest.mark.full
@pytest.mark.timeout(240)
def test_prefects_worker_clones_and_runs_what_perijove_pushed(
    prefect: Prefect, ours: SyncClient, both: Path, notebook: Path
) -> None:
    ours.create_work_pool(WorkPoolCreate(name="elsewhere", type="process"))
    words = ["deploy", notebook.name, "report", "--storage", "git", "--branch", "flows", "--pool", "elsewhere"]
    subprocess.run([both, "-m", "perijove", *words], cwd=notebook.parent, check=True)
    shutil.rmtree(notebook.parent)
    with prefect.worker("elsewhere"):
        ended = prefect.script("run", {"report/default": {"timeout": 80}})["report/default"]
    assert (ended["state"], ended["message"]) == ("Completed", None)

"""What the README says is what happens: its commands, its snippets and the demo, run as they stand."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import psutil
import pytest

from perijove import embed, settings

from .shown import lasting, shown

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", README, re.MULTILINE)
SNIPPETS = re.findall(r"```python\n([^`]*)```\n```text\n([^`]*)```", README)
MADE_BY_MAKE = {"make demo": "perijove demo", "make test": "-m pytest"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with the quickstart in it, and a data directory for all that is done there."""
    directory = tmp_path_factory.mktemp("quickstart")
    for file in (ROOT / "notebooks").glob("[!.]*.*"):
        shutil.copy(file, directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERIJOVE_HOME", str(directory / "home"))
        patch.setenv("IPYTHONDIR", str(directory / "ipython"))
        settings.current.cache_clear()
        yield directory
        embed.stop()
    settings.current.cache_clear()


@pytest.fixture(scope="module")
def answers(place: Path) -> dict[str, str]:
    """What each cell of the executed quickstart shows as text, by its source."""
    notebook = nbformat.read(place / "quickstart.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(place)}}).execute()
    return {cell.source: shown(cell) for cell in notebook.cells if cell.cell_type == "code"}


@pytest.mark.parametrize(("snippet", "answer"), SNIPPETS, ids=[code.split()[0] for code, _ in SNIPPETS])
def test_a_snippet_answers_what_the_readme_shows(snippet: str, answer: str, answers: dict[str, str]) -> None:
    said = next(text for source, text in answers.items() if snippet.strip() in source)
    missing = [line for line in lasting(answer) if line not in lasting(said)]
    assert not missing, said


def test_every_snippet_is_a_cell_of_the_quickstart(answers: dict[str, str]) -> None:
    for snippet in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        assert any(snippet.strip() in source for source in answers)


def test_the_export_has_no_plot_and_no_look_at_the_data(answers: dict[str, str], place: Path) -> None:
    assert answers
    exported = (place / "perijove_exports" / "weekly_report.py").read_text("utf-8")
    for unwanted in ("matplotlib", "plt", "head()", "isna()", "get_ipython", "run_deployment", "df ="):
        assert unwanted not in exported
    for wanted in ("import pandas as pd", "ORDERS =", "def with_revenue", "def by_week", "@task", "@flow"):
        assert wanted in exported


def test_every_command_of_the_readme_does_its_work(place: Path) -> None:
    assert len(COMMANDS) > 10
    for command in COMMANDS:
        words = shlex.split(command)
        if words[0] == "make":
            steps = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=True)
            assert MADE_BY_MAKE[command] in steps.stdout
            continue
        assert words[0] == "perijove"
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=place, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_the_demo_shows_the_main_job_and_leaves_nothing_running(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PERIJOVE_HOME": str(tmp_path / "not-touched")}
    done = subprocess.run(
        [sys.executable, "-m", "perijove", "demo"],
        env=environment, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout
    assert "perijove_exports/weekly_report.py" in told
    assert "next runs" in told
    triggered, by_itself = told.split("== The run that a cell triggered")[1].split("== A run that came by itself")
    for run in (triggered, by_itself):
        assert re.search(r"states: Scheduled .* -> Pending .* -> Running .* -> Completed", run)
        assert re.search(r"\d+ orders from (US|APAC)", run)
        assert "result: {'best': {'Telescope'" in run
    left = [process for process in psutil.process_iter() if str(tmp_path) in _environment_of(process)]
    assert left == []
    assert list(tmp_path.iterdir()) == []


def _environment_of(process: psutil.Process) -> str:
    try:
        return process.environ().get("PERIJOVE_HOME", "")
    except psutil.Error:
        return ""

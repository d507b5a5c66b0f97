"""What the export command and magic can be asked for: reasons as text and as data, and a dry run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from perijove.cli import main

CELLS = ["RATE = 2", "print('look')", "def report(n: int = 1):\n    return n * RATE"]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "orders.ipynb"
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in CELLS]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def _export(notebook: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["export", str(notebook), "report", "--no-verify", *options])


def test_reasons_are_told_as_text_and_as_data(notebook: Path) -> None:
    text = _export(notebook, "--explain").stdout
    assert "report needs RATE, used in cell 3, line 2" in text
    assert "nothing needs it" in text
    told = json.loads(_export(notebook, "--json").stdout)
    assert [(item["cell"], item["why"]) for item in told["kept"]] == [
        (1, "report needs RATE, used in cell 3, line 2"),
        (3, "the export asks for it"),
    ]
    assert told["dropped"] == [{"cell": 2, "text": "print('look')"}]
    assert told["entrypoint"] == "perijove_exports/report.py:report"


def test_a_dry_run_writes_nothing_and_refuses_what_the_export_would(notebook: Path) -> None:
    done = _export(notebook, "--dry-run")
    assert done.exit_code == 0
    assert "dry run" in done.stdout
    assert not (notebook.parent / "perijove_exports").exists()
    written = Path(_export(notebook).stdout.strip())
    written.write_text(written.read_text() + "# mine\n")
    assert _export(notebook, "--dry-run").exit_code == _export(notebook).exit_code == 2
    assert _export(notebook, "--dry-run", "--force").exit_code == 0
    assert "# mine" in written.read_text()
    assert _export(notebook, "--force").exit_code == 0
    assert "# mine" not in written.read_text()


def test_an_export_loads_nothing_that_it_does_not_need(notebook: Path) -> None:
    code = "import sys; from perijove.cli import main\ntry: main(sys.argv[1:])\nfinally: print(*sys.modules)"
    command = [sys.executable, "-c", code, "export", str(notebook), "report", "--no-verify"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not {"pydantic", "httpx2", "jsonschema", "sqlalchemy", "nbformat", "pandas"} & set(loaded)

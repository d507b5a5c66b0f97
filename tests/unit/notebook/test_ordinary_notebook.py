"""The ordinary notebook comes out right, minimal and in its author's words."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from perijove.errors import ExportError
from perijove.notebook import Cell, export, read_notebook, write_module

LOADING = '''def load(path):
    """Read the orders."""
    return pd.read_csv(path)


def top_n(frame, n=TOP):
    # the largest first
    return frame.nlargest(n, 'amount')'''
REPORT = """def daily_report(region: str = 'EU', top: int = TOP) -> list:
    frame = load(DATA)
    frame = frame[frame.region == region]
    return top_n(frame, top).amount.tolist()"""
IMPORTS = """%matplotlib inline
import json, os
import pandas as pd
import matplotlib.pyplot as plt
from datetime import date, timedelta"""
CELLS = [
    IMPORTS,
    "%load_ext perijove",
    "# Where the numbers lie\nDATA = 'orders.csv'\nTOP, UNUSED = 2, 99",
    LOADING,
    "df = load(DATA)\ndf.head()",
    "df.plot()\nplt.show()",
    REPORT,
    "daily_report()",
    "%deploy daily_report --name prod",
    "run = run_deployment('daily-report/prod')",
]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    (tmp_path / "orders.csv").write_text("region,amount\nEU,1\nEU,5\nUS,9\nEU,3\n")
    path = tmp_path / "report.ipynb"
    cells = [{"cell_type": "markdown", "source": "# Report"}]
    cells += [
        {"cell_type": "code", "source": text.splitlines(keepends=True), "id": f"c{n}"} for n, text in enumerate(CELLS)
    ]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}))
    return path


def test_the_module_holds_what_the_function_needs_and_nothing_else(notebook: Path) -> None:
    done = export(read_notebook(notebook), "daily_report", notebook=notebook)
    body = done.source.partition("# ///\n\n")[2]
    assert body == (
        "import pandas as pd\n\n\n"
        "# %% cell 3\n# Where the numbers lie\nDATA = 'orders.csv'\nTOP = 2\n\n\n"
        "# %% cell 4\n" + LOADING + "\n\n\n"
        "# %% cell 7\n" + REPORT + "\n"
    )


def test_the_module_computes_what_the_notebook_computes(notebook: Path) -> None:
    done = export(read_notebook(notebook), "daily_report", notebook=notebook)
    code = "import runpy, sys; print(runpy.run_path(sys.argv[1])['daily_report']('EU'))"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(done.path)], cwd=notebook.parent, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[5, 3]"
    assert done.entrypoint == "perijove_exports/daily_report.py:daily_report"
    assert done.interface is not None
    assert any(line.startswith("pandas==") for line in done.requirements)


def test_the_same_cells_give_the_same_bytes(notebook: Path) -> None:
    first = write_module(read_notebook(notebook), "daily_report", notebook=notebook)
    second = write_module(read_notebook(notebook), "daily_report", notebook=notebook)
    assert first.source == second.source


def test_a_file_edited_by_hand_is_not_overwritten_without_force(notebook: Path) -> None:
    done = export(read_notebook(notebook), "daily_report", notebook=notebook, verify=False)
    export(read_notebook(notebook), "daily_report", notebook=notebook, verify=False)
    edited = done.source.replace("nlargest", "nsmallest")
    done.path.write_text(edited)
    with pytest.raises(ExportError, match="changed by hand") as refused:
        export(read_notebook(notebook), "daily_report", notebook=notebook, verify=False)
    assert "-    return frame.nsmallest(n, 'amount')" in str(refused.value)
    assert done.path.read_text() == edited
    export(read_notebook(notebook), "daily_report", notebook=notebook, force=True, verify=False)
    assert done.path.read_text() == done.source


def test_a_failed_verification_leaves_the_good_file_as_it_was(notebook: Path) -> None:
    done = export(read_notebook(notebook), "daily_report", notebook=notebook)
    broken = (*read_notebook(notebook), Cell("DATA = 1 / 0", 11))
    with pytest.raises(ExportError, match="cell 11, line 1: ZeroDivisionError") as refused:
        export(broken, "daily_report", notebook=notebook)
    assert (refused.value.cell, refused.value.line) == (11, 1)
    assert done.path.read_text() == done.source
    assert [path.name for path in done.path.parent.iterdir()] == ["daily_report.py"]


def test_a_name_that_no_cell_defines_is_refused_with_its_place() -> None:
    with pytest.raises(ExportError, match=r"`f` \(cell 1, line 2\) needs `missing`, which no cell defines") as refused:
        write_module([Cell("def f():\n    return missing\n", 1)], "f")
    assert (refused.value.cell, refused.value.line) == (1, 2)


def test_an_unknown_function_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ExportError, match=r"No cell defines a function named `g`\. Its functions are: f"):
        write_module([Cell("def f(): ...", 1)], "g")

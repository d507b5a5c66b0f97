import traceback
from pathlib import Path

import pytest

from perijove.errors import EntrypointError
from perijove.flows import states
from perijove.flows.entrypoint import load_flow
from perijove.notebook import Cell, export
from perijove.origin import note_cells, place_in_notebook

HELPER = "from perijove import flow, task\n\n# rows are checked first\ndef checked(rows):\n    return 1 / len(rows)"
FLOW = "@task\ndef step(rows):\n    return checked(rows)\n\n@flow\ndef report(rows: list[int]):\n    return step(rows)"


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    cells = [Cell("print('a look')", 1), Cell(HELPER, 2), Cell(FLOW, 3)]
    return export(cells, "report", notebook=tmp_path / "orders.ipynb", verify=False).path


def _line(path: Path, text: str) -> int:
    return path.read_text().splitlines().index(text) + 1


def test_a_failed_run_names_the_notebooks_cells_and_lines_in_its_log_and_state(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flow = load_flow("perijove_exports/report.py:report", Path.cwd())
    line = _line(exported, "    return 1 / len(rows)")
    with pytest.raises(ZeroDivisionError) as raised:
        flow([])
    place = f"orders.ipynb, cell 2, line 5 (perijove_exports/report.py:{line})"
    assert raised.value.__notes__.count(f"  in {place}") == 1
    assert any("orders.ipynb, cell 3, line 7" in note for note in raised.value.__notes__)
    assert f"in {place}" in capsys.readouterr().err
    assert states.failed(raised.value, "Flow run").message == (
        f"Flow run encountered an exception: ZeroDivisionError: division by zero, in {place}"
    )


def test_an_export_that_fails_as_it_is_imported_names_the_cell(exported: Path) -> None:
    exported.write_text(exported.read_text().replace("def checked(rows):", "def checked(rows=missing):"))
    with pytest.raises(
        EntrypointError, match=r"from orders\.ipynb, cell 2, line 4 \(perijove_exports/report\.py:\d+\)"
    ):
        load_flow("perijove_exports/report.py:report", Path.cwd())


def test_other_files_say_nothing_of_notebooks(tmp_path: Path) -> None:
    path = tmp_path / "plain.py"
    path.write_text("def f():\n    raise ValueError('bad')\n")
    namespace: dict[str, object] = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    with pytest.raises(ValueError, match="bad") as raised:
        namespace["f"]()  # type: ignore[operator]
    note_cells(raised.value)
    assert "cell" not in "".join(traceback.format_exception(raised.value))
    assert place_in_notebook(str(path), 2) is None
    assert place_in_notebook("<string>", 1) is None

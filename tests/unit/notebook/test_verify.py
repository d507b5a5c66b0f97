"""What a clean process finds is told, with the notebook's cell and line."""

import time
from pathlib import Path

import pytest

from perijove import settings
from perijove.errors import ExportError
from perijove.notebook import Cell, export
from perijove.notebook.verify import Interface, require_same


def _export(tmp_path: Path, *cells: str, timeout: float = 30.0) -> object:
    numbered = [Cell(source, number) for number, source in enumerate(cells, 1)]
    return export(numbered, "f", notebook=tmp_path / "n.ipynb", timeout=timeout)


def test_a_plain_function_verifies(tmp_path: Path) -> None:
    done = _export(tmp_path, "def f(x): return x")
    assert done.interface == Interface("function", "f", None)  # type: ignore[attr-defined]


def test_standard_input_is_closed(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cell 2, line 1: EOFError") as refused:
        _export(
            tmp_path, "import sys", "x = sys.stdin.readline() or (_ for _ in ()).throw(EOFError())\ndef f(): return x"
        )
    assert refused.value.cell == 2


def test_an_import_that_takes_too_long_names_the_line(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ExportError, match="cell 1, line 3 was still running") as refused:
        _export(tmp_path, "import time\n\nx = time.sleep(60)", "def f(): return x", timeout=1.0)
    assert (refused.value.cell, refused.value.line) == (1, 3)
    assert time.monotonic() - started < 20


def test_an_error_names_the_cell_and_the_line_it_came_through(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="ZeroDivisionError") as refused:
        _export(tmp_path, "def g(n):\n    return 1 / n", "x = g(0)", "def f(): return x")
    assert (refused.value.cell, refused.value.line) == (1, 2)


def test_reading_data_at_import_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("5")
    done = _export(tmp_path, "with open('in.csv') as file:\n    n = int(file.read())", "def f(): return n")
    (told,) = done.warnings  # type: ignore[attr-defined]
    assert told.startswith("Cell 1, line 1 reads in.csv whenever the file is imported, so before each run.")


def test_what_perijove_itself_reads_is_nobodys_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = tmp_path / "home" / "server.lock"
    ours.parent.mkdir()
    ours.write_text("1")
    monkeypatch.setattr(settings, "current", lambda: settings.Settings(home=ours.parent))
    done = _export(tmp_path, f"with open({str(ours)!r}) as file:\n    n = int(file.read())", "def f(): return n")
    assert done.warnings == ()  # type: ignore[attr-defined]


def test_heavy_work_at_import_is_pointed_out(tmp_path: Path) -> None:
    done = _export(tmp_path, "import time\nx = time.sleep(2.1)", "def f(): return x")
    assert "Cell 1, line 2 takes 2.1 s whenever the file is imported" in done.warnings[0]  # type: ignore[attr-defined]


def test_a_process_that_ends_itself_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="ended its process"):
        _export(tmp_path, "import os\nx = os._exit(3)", "def f(): return x")


def test_nothing_is_left_running(tmp_path: Path) -> None:
    started = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    done = _export(tmp_path, started + "\npid = child.pid\nopen('pid', 'w').write(str(pid))", "def f(): return pid")
    assert done.path.exists()  # type: ignore[attr-defined]


def test_a_module_beside_the_notebook_is_found_and_told(tmp_path: Path) -> None:
    (tmp_path / "helpers_beside.py").write_text("K = 4")
    done = _export(tmp_path, "from helpers_beside import K", "def f(): return K")
    assert done.local_modules == ("helpers_beside",)  # type: ignore[attr-defined]
    assert "`helpers_beside` lies beside the notebook" in done.warnings[0]  # type: ignore[attr-defined]


def test_a_flow_whose_parameters_differ_is_refused() -> None:
    live, exported = Interface("flow", "a", {"properties": {}}), Interface("flow", "a", {"properties": {"x": {}}})
    with pytest.raises(ExportError, match="parameters of 'a'"):
        require_same(live, exported)


def test_a_secret_is_pointed_out_before_it_is_written(tmp_path: Path) -> None:
    told: list[tuple[str, bool]] = []
    place = tmp_path / "f.py"
    cells = [Cell("API_KEY = 'q8Zk1vR2xW'\ndef f(): return API_KEY", 1)]
    export(cells, "f", out=place, forewarn=lambda sentence: told.append((sentence, place.exists())), verify=False)
    assert [written for _, written in told] == [False]
    assert "`API_KEY` looks like a secret" in told[0][0]
    assert place.exists()

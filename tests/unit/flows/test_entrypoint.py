import os
import sys
import traceback
from pathlib import Path

import pytest

from perijove.errors import EntrypointError
from perijove.flows.entrypoint import load_flow

FLOW = "from perijove import flow\n\n@flow\ndef daily_report():\n    return {value!r}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    directory = tmp_path / "root"
    directory.mkdir()
    return directory


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_path_and_a_name_give_the_flow(root: Path) -> None:
    write(root / "exports/report.py", FLOW.format(value=1))
    assert load_flow("exports/report.py:daily_report", root)() == 1


def test_a_file_that_changed_within_the_second_is_read_anew(root: Path) -> None:
    path = write(root / "report.py", FLOW.format(value=1))
    instant = path.stat().st_mtime_ns
    assert load_flow("report.py:daily_report", root)() == 1
    write(path, FLOW.format(value=2))
    os.utime(path, ns=(instant, instant))
    assert load_flow("report.py:daily_report", root)() == 2


def test_a_dotted_name_gives_the_flow_and_the_path_stays_as_it_was(root: Path) -> None:
    write(root / "pkg_of_flows/__init__.py", "")
    write(root / "pkg_of_flows/report.py", FLOW.format(value=3))
    before = list(sys.path)
    assert load_flow("pkg_of_flows.report.daily_report", root)() == 3
    assert sys.path == before


def test_a_module_may_import_its_neighbours(root: Path) -> None:
    write(root / "flows/neighbour_of_report.py", "VALUE = 4\n")
    text = "import neighbour_of_report\n" + FLOW.replace("{value!r}", "neighbour_of_report.VALUE")
    write(root / "flows/report.py", text)
    assert load_flow("flows/report.py:daily_report", root)() == 4


def test_a_file_named_like_a_module_of_python_does_not_take_its_place(root: Path) -> None:
    write(root / "json.py", FLOW.format(value=5))
    before = sys.modules["json"]
    assert load_flow("json.py:daily_report", root)() == 5
    assert sys.modules["json"] is before


def test_a_file_outside_of_the_root_is_refused(root: Path) -> None:
    outside = write(root.parent / "rooted.py", FLOW.format(value=6))
    (root / "link.py").symlink_to(outside)
    (root / "directory").symlink_to(root.parent)
    for place in ("../rooted.py", "link.py", "directory/rooted.py", str(outside)):
        with pytest.raises(EntrypointError, match="lies outside of"):
            load_flow(f"{place}:daily_report", root)


@pytest.mark.parametrize(
    ("entrypoint", "sentence"),
    [
        ("report", "The entrypoint 'report' is not one: write 'path/to/file.py:flow_function'."),
        ("gone.py:daily_report", r"There is no file 'gone.py' in"),
        ("report.py\0:daily_report", r"There is no file"),
        ("directory:daily_report", r"'directory' in .* is not a file."),
        ("report.py:daily_reprot", "There is no 'daily_reprot' in report.py: did you mean 'daily_report'?"),
        ("report.py:other", "There is no 'other' in report.py; its flows: daily_report."),
        ("report.py:helper", "'helper' in report.py is a function, not a flow: write @flow above it."),
        ("report.py:NUMBER", "'NUMBER' in report.py is a int, not a flow."),
    ],
)
def test_an_entrypoint_that_leads_nowhere_is_refused_in_a_sentence(root: Path, entrypoint: str, sentence: str) -> None:
    write(root / "report.py", FLOW.format(value=1) + "\ndef helper(): ...\nNUMBER = 1\n")
    (root / "directory").mkdir()
    with pytest.raises(EntrypointError, match=sentence.replace("?", r"\?")):
        load_flow(entrypoint, root)


def test_a_broken_import_shows_the_authors_lines_alone(root: Path) -> None:
    write(root / "broken.py", "def helper():\n    return 1 / 0\n\nhelper()\n")
    with pytest.raises(EntrypointError, match=r"broken.py, line 4 can't be imported: ZeroDivisionError") as refusal:
        load_flow("broken.py:daily_report", root)
    cause = refusal.value.__cause__
    assert cause is not None
    assert [frame.name for frame in traceback.extract_tb(cause.__traceback__)] == ["<module>", "helper"]
    assert "broken" not in sys.modules


def test_a_module_that_exits_is_refused(root: Path) -> None:
    write(root / "leaves.py", "raise SystemExit(3)\n")
    with pytest.raises(EntrypointError, match="ends the process while it is imported"):
        load_flow("leaves.py:daily_report", root)

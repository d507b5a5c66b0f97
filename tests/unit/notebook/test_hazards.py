"""Every hazard, with an oracle that runs: the kernel and the module give the same answer, or the culprit is named."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from perijove.errors import ExportError
from perijove.notebook import Cell, write_module

sys.path.insert(0, str(Path(__file__).parent))
from hazard_tables import Hazard, hazards

HAZARDS = hazards()
Ask = Callable[..., dict[str, Any]]


def _oracle(kind: str) -> Iterator[Ask]:
    script = Path(__file__).with_name("oracle.py")
    process = subprocess.Popen(
        [sys.executable, str(script), kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def ask(**request: Any) -> dict[str, Any]:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield ask
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="session")
def kernel() -> Iterator[Ask]:
    yield from _oracle("notebook")


@pytest.fixture(scope="session")
def importer() -> Iterator[Ask]:
    yield from _oracle("module")


def _ids(hazard: Hazard) -> str:
    return hazard.name.replace(" ", "_")


def test_the_tables_hold_at_least_120_hazards_each_named_once() -> None:
    names = [hazard.name for hazard in HAZARDS]
    assert len(names) >= 120
    assert len(names) == len(set(names))


@pytest.mark.parametrize("hazard", HAZARDS, ids=_ids)
def test_the_module_answers_as_the_kernel_does(hazard: Hazard, kernel: Ask, importer: Ask, tmp_path: Path) -> None:
    since = tuple(map(int, hazard.options.get("since", ["3.11"])[0].split(".")))
    if sys.version_info < since:
        pytest.skip(f"Python {since[0]}.{since[1]} can read it")
    expected = kernel(
        cells=hazard.runs,
        call="" if hazard.refused else hazard.call,
        export=hazard.function if "live" in hazard.modes else "",
        options=hazard.options,
        directory=str(tmp_path),
    )
    assert "error" not in expected, expected
    outcomes = {"live": expected["cells"]}
    outcomes |= {"file": _from_file(hazard, tmp_path)} if "file" in hazard.modes else {}
    for mode in sorted(hazard.modes):
        _judge(hazard, outcomes[mode], expected, importer, tmp_path)


def _from_file(hazard: Hazard, directory: Path) -> dict[str, Any]:
    cells = [Cell(source, number) for number, source in enumerate(hazard.document, 1)]
    options = {key: value for key, value in hazard.options.items() if key in {"include", "exclude"}}
    try:
        module = write_module(cells, hazard.function, notebook=directory / "n.ipynb", **options)
    except ExportError as error:
        return {"refused": str(error), "cell": error.cell, "line": error.line}
    return {"source": module.source, "warnings": module.warnings}


def _judge(hazard: Hazard, outcome: dict[str, Any], expected: dict[str, Any], importer: Ask, directory: Path) -> None:
    if hazard.refused:
        assert "refused" in outcome, f"not refused:\n{outcome['source']}"
        place, _, words = hazard.refused.partition(" ")
        assert f"{outcome['cell']}:{outcome['line']}" == place, outcome["refused"]
        assert words in outcome["refused"]
        return
    assert "refused" not in outcome, outcome["refused"]
    got = importer(source=outcome["source"], call=hazard.call, directory=str(directory))
    assert got.get("value") == expected["value"], f"{got} for {expected['value']} from:\n{outcome['source']}"
    code = outcome["source"].partition("# ///\n")[2]
    for text in hazard.keeps:
        assert text in code
    for text in hazard.drops:
        assert text not in code
    for text in hazard.tells:
        assert any(text in warning for warning in outcome["warnings"]), outcome["warnings"]

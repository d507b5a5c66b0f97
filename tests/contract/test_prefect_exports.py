"""A flow of the real Prefect leaves its notebook: its own interpreter finds the name and parameters that we do."""

from pathlib import Path

from perijove.flows.parameters import parameter_schema
from perijove.notebook import Cell, export
from perijove.notebook.verify import Interface, verify

from .conftest import prefect_python

CELLS = [
    "from typing import Literal\nfrom prefect import flow, task\nRATE = 2\nprint('noise')",
    "@task(retries=2)\ndef step(x: int) -> int:\n    return x * RATE",
    """@flow(name='my report', log_prints=True)
def report(n: int = 3, *, region: Literal['EU', 'US'] = 'EU', tags: list[str] | None = None):
    return [step(n)]""",
    "report()",
]


def test_prefects_own_interpreter_finds_the_same_name_and_parameters(tmp_path: Path) -> None:
    cells = [Cell(source, number) for number, source in enumerate(CELLS, 1)]
    path = export(cells, "report", notebook=tmp_path / "n.ipynb", verify=False).path
    assert "noise" not in path.read_text()
    assert "report()" not in path.read_text()
    found = verify(path, "report", directory=tmp_path, locate=lambda _: None, python=str(prefect_python())).interface
    namespace: dict[str, object] = {}
    exec("from typing import Literal\n" + CELLS[2].partition("\n")[2], namespace)
    assert found == Interface("flow", "my report", parameter_schema(namespace["report"]))  # type: ignore[arg-type]

"""The notebook about outgrowing one machine, on a real Prefect server: the same cells, the same answers."""

from pathlib import Path

import nbclient
import nbformat
import pytest

from ..acceptance.shown import lasting, shown
from .conftest import AUTH_STRING, prefect_server

pytestmark = [pytest.mark.full, pytest.mark.timeout(400)]
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "outgrowing_one_machine.ipynb"


def test_the_cells_of_one_machine_say_the_same_on_a_prefect_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved, notebook = (nbformat.read(NOTEBOOK, as_version=4) for _ in range(2))
    with prefect_server(tmp_path / "prefect") as target:
        monkeypatch.setenv("PERIJOVE_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("PERIJOVE_API_URL", target.api_url)
        monkeypatch.setenv("PERIJOVE_API_AUTH_STRING", AUTH_STRING)
        monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
        monkeypatch.setenv("TZ", "UTC")
        nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for before, cell in zip(saved.cells, notebook.cells, strict=True):
        if cell.source == "%perijove target":
            assert target.api_url in shown(cell)
            continue
        now = lasting(shown(cell))
        missing = [line for line in lasting(shown(before)) if line not in now]
        assert not missing, f"{cell.source}\n\n{shown(cell)}"

"""Whether a deployed file is still what its notebook says."""

from pathlib import Path
from uuid import uuid4

import nbformat
import pytest

from perijove import clock
from perijove.lab.origins import Source, changed_functions, source_of
from perijove.notebook import Cell, export
from perijove.schemas.deployments import Deployment

CELLS = [
    "from perijove import flow\nUNIT = 2",
    "print('a look')",
    "@flow\ndef area(r: float = 1.0):\n    return r * UNIT",
]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A saved notebook of which ``area`` was exported."""
    path = tmp_path / "sub" / "shapes.ipynb"
    path.parent.mkdir()
    write(path, CELLS)
    return path


def write(path: Path, cells: list[str]) -> None:
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells]), path)


def deployed(notebook: Path, ran: list[str], **how: object) -> Deployment:
    """The deployment of what a kernel ran in this order."""
    made = export(
        [Cell(text, place) for place, text in enumerate(ran, 1)], "area", notebook=notebook, verify=False, **how
    )
    step = {"prefect.deployments.steps.set_working_directory": {"directory": str(notebook.parent)}}
    return Deployment(
        id=uuid4(),
        created=clock.now(),
        updated=clock.now(),
        name="prod",
        flow_id=uuid4(),
        entrypoint=made.entrypoint,
        pull_steps=[step],
    )


def source(deployment: Deployment, root: Path) -> Source:
    found = source_of(deployment, root)
    assert found is not None
    return found


def test_what_the_notebook_still_says_is_the_same(notebook: Path, tmp_path: Path) -> None:
    found = source(deployed(notebook, CELLS), tmp_path)
    assert (found.notebook, found.function, found.status) == ("sub/shapes.ipynb", "area", "same")


def test_the_order_in_which_the_kernel_ran_the_cells_is_no_change(notebook: Path, tmp_path: Path) -> None:
    ran = [CELLS[1], CELLS[0], "1 + 1", CELLS[2]]
    assert source(deployed(notebook, ran), tmp_path).status == "same"


def test_a_changed_cell_that_the_flow_needs_is_shown_as_a_difference(notebook: Path, tmp_path: Path) -> None:
    deployment = deployed(notebook, CELLS)
    write(notebook, [CELLS[0].replace("2", "3"), *CELLS[1:]])
    found = source(deployment, tmp_path)
    assert found.status == "changed"
    assert "-UNIT = 2" in found.diff
    assert "+UNIT = 3" in found.diff


def test_a_notebook_knows_which_of_its_exports_it_has_left_behind(notebook: Path, tmp_path: Path) -> None:
    deployed(notebook, CELLS)
    assert list(changed_functions("sub/shapes.ipynb", tmp_path)) == []
    write(notebook, [CELLS[0].replace("2", "3"), *CELLS[1:]])
    assert list(changed_functions("sub/shapes.ipynb", tmp_path)) == ["area"]


def test_a_change_that_the_flow_does_not_need_is_none(notebook: Path, tmp_path: Path) -> None:
    deployment = deployed(notebook, CELLS)
    write(notebook, [CELLS[0], "print('another look')", "new = 1", CELLS[2]])
    assert source(deployment, tmp_path).status == "same"


def test_a_notebook_that_lost_its_flow_says_why(notebook: Path, tmp_path: Path) -> None:
    deployment = deployed(notebook, CELLS)
    write(notebook, CELLS[:2])
    found = source(deployment, tmp_path)
    assert found.status == "changed"
    assert "area" in found.told


def test_a_notebook_that_is_gone_is_told(notebook: Path, tmp_path: Path) -> None:
    deployment = deployed(notebook, CELLS)
    notebook.unlink()
    assert source(deployment, tmp_path).status == "missing"


def test_frozen_values_of_a_kernel_are_never_called_a_change(notebook: Path, tmp_path: Path) -> None:
    kernel: dict[str, object] = {}
    for cell in CELLS:
        exec(cell, kernel)
    deployment = deployed(notebook, CELLS, freeze=["UNIT"], live_namespace=kernel)
    assert source(deployment, tmp_path).status == "unknown"


def test_a_file_outside_of_jupyters_root_is_not_read(notebook: Path, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    assert source_of(deployed(notebook, CELLS), tmp_path / "root") is None


def test_a_deployment_without_a_file_came_from_no_notebook(notebook: Path, tmp_path: Path) -> None:
    deployment = deployed(notebook, CELLS)
    assert source_of(deployment.model_copy(update={"pull_steps": None}), tmp_path) is None
    assert source_of(deployment.model_copy(update={"entrypoint": "package.module"}), tmp_path) is None

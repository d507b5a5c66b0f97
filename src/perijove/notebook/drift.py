"""Where the saved notebook and the kernel differ: the export follows the kernel, and says so."""

from collections.abc import Iterable
from pathlib import Path

from perijove.errors import ExportError
from perijove.notebook.cells import Cell, read_notebook
from perijove.notebook.statements import Statement


def drift(kept: Iterable[Statement], notebook: Path | None) -> list[str]:
    """A sentence for each cell that gave a kept statement and reads otherwise, or is gone, in the saved notebook."""
    document = _by_id(notebook)
    if not document:
        return []
    cells = {statement.cell.number: statement.cell for statement in kept}
    told = [(cell, _difference(cell, document)) for _, cell in sorted(cells.items())]
    return [f"Cell {cell.number} {how}: the export has what the kernel ran." for cell, how in told if how]


def _by_id(notebook: Path | None) -> dict[str, str]:
    if notebook is None or not notebook.is_file():
        return {}
    try:
        return {cell.id: cell.source for cell in read_notebook(notebook) if cell.id}
    except ExportError:
        return {}


def _difference(cell: Cell, document: dict[str, str]) -> str | None:
    if cell.id is None or cell.file is not None:
        return None
    if cell.id not in document:
        return "is no longer in the saved notebook"
    return "reads otherwise in the saved notebook" if document[cell.id].strip() != cell.source.strip() else None

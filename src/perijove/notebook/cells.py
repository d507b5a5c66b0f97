"""Cells as they were written: what a notebook file holds or a kernel ran, before anyone understands it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perijove.errors import ExportError


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell, or one run of it.

    ``number`` is what the user sees: a live cell's execution count, a file's place among its code cells (from 1);
    these agree on a notebook that was run once from top to bottom. ``id`` is the document's cell id, where known;
    two runs of one cell share it. ``failed`` says that the run raised, at ``failed_line`` (from 1) where that is
    known: what stands before that line did run. ``file`` names the script that ``%run`` brought in, or None.
    """

    source: str
    number: int
    id: str | None = None
    execution: int | None = None
    failed: bool = False
    failed_line: int | None = None
    file: str | None = None


def read_notebook(path: str | Path) -> tuple[Cell, ...]:
    """The code cells of an .ipynb file (nbformat 3 or 4) in document order; nothing is executed.

    Raises ExportError when the file can't be read or is no notebook.
    """
    path = Path(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ExportError(f"{path} can't be read: {error.strerror}. Give the path of a saved notebook.") from error
    except ValueError as error:
        raise ExportError(f"{path} is no notebook: it does not hold JSON ({error}).") from error
    if not isinstance(document, dict) or not ({"cells", "worksheets"} & document.keys()):
        raise ExportError(f"{path} is no notebook: it has no cells.")
    _require_python(document, path)
    return tuple(_code_cells(document, path))


def _require_python(document: dict[str, Any], path: Path) -> None:
    metadata = document.get("metadata") or {}
    language = (metadata.get("kernelspec") or {}).get("language") or (metadata.get("language_info") or {}).get("name")
    if isinstance(language, str) and not language.lower().startswith(("python", "ipython")):
        raise ExportError(f"{path} is a notebook in {language}; only Python's can be exported.")


# The JSON is read directly: importing nbformat costs more than everything else an export does.
def _code_cells(document: dict[str, Any], path: Path) -> list[Cell]:
    raw = document.get("cells")
    if raw is None:  # nbformat 3
        raw = [cell for sheet in document["worksheets"] for cell in sheet.get("cells", [])]
    if not isinstance(raw, list) or not all(isinstance(cell, dict) for cell in raw):
        raise ExportError(f"{path} is no notebook: its cells are not as nbformat has them.")
    code = [cell for cell in raw if cell.get("cell_type") == "code"]
    return [
        Cell(_text(cell), number, id=cell.get("id"), execution=cell.get("execution_count", cell.get("prompt_number")))
        for number, cell in enumerate(code, 1)
    ]


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return source if isinstance(source, str) else "".join(source)

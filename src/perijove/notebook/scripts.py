"""``%run other.py``: the text of scripts and notebooks that a cell runs takes the place of the magic."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from perijove.errors import ExportError, PathError
from perijove.notebook import places
from perijove.notebook.cells import Cell, read_notebook

_RUN = re.compile(
    r"^%run[ \t]+(?:-i[ \t]+)?(?P<quote>['\"]?)(?P<path>[^\s'\"-][^\s'\"]*)(?P=quote)[ \t]*$", re.MULTILINE
)
_DEEPEST = 5


def with_scripts(cells: Iterable[Cell], directory: Path, depth: int = 0) -> tuple[Cell, ...]:
    """The cells, each ``%run`` of a file inside ``directory`` replaced by the file's own text.

    A file that can't be read, lies elsewhere or is given arguments stays a magic.
    """
    return tuple(part for cell in cells for part in _parts(cell, directory, depth))


def _parts(cell: Cell, directory: Path, depth: int) -> Iterator[Cell]:
    start = 0
    for match in _RUN.finditer(cell.source) if "%run" in cell.source and depth < _DEEPEST else ():
        script = _script(match["path"], directory)
        line = cell.source.count("\n", 0, match.start()) + 1
        if script is None or (cell.failed and (cell.failed_line or 0) <= line):
            continue
        yield _piece(cell, start, match.start())
        yield from with_scripts(
            (replace(part, number=cell.number, id=cell.id) for part in script), directory, depth + 1
        )
        start = match.end()
    yield _piece(cell, start, len(cell.source)) if start else cell


def _piece(cell: Cell, start: int, end: int) -> Cell:
    """A part of a cell; blank lines keep its line numbers."""
    above = "\n" * cell.source.count("\n", 0, start)
    return replace(cell, source=above + cell.source[start:end])


def _script(name: str, directory: Path) -> tuple[Cell, ...] | None:
    path = name if name.endswith((".py", ".ipy", ".ipynb")) else f"{name}.py"
    try:
        found = places.resolve(directory, path)
        if path.endswith(".ipynb"):
            return tuple(replace(cell, file=path) for cell in read_notebook(found))
        return (Cell(found.read_text(encoding="utf-8"), 0, file=path),)
    except (OSError, UnicodeDecodeError, PathError, ExportError):
        return None

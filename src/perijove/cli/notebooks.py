"""What the commands that export say of it: the notebook, and how a function is taken out of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from perijove import notebook
from perijove.deployments.exporting import Exporting, Notebook


def notebook_at(path: Path) -> Notebook:
    """The notebook that a command names. Raises ExportError."""
    return Notebook(cells=notebook.read_notebook(path), path=path.absolute())


def exporting_of(words: dict[str, Any], *, forewarn: Callable[[str], object]) -> Exporting:
    """What the exporting options said, which are taken out of the command's words."""
    said = {name: words.pop(name) for name in ("out", "freeze", "include", "exclude", "force")}
    return Exporting(**said, verify=not words.pop("no_verify"), forewarn=forewarn)

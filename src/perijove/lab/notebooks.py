"""Routes about an open notebook: its flows, and what the export of one would be. Nothing of it is run or written."""

import ast
import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from perijove.lab.handlers import Handler, route
from perijove.notebook import Cell, places, write_module
from perijove.notebook.explain import as_json, dropped_cells, kept_statements
from perijove.notebook.statements import parse
from perijove.schemas.base import Request


class CellText(Request):
    """A code cell as it stands in the editor."""

    id: str
    source: str


class NotebookText(Request):
    """An open notebook: ``path`` is relative to Jupyter Server's root directory."""

    path: str
    cells: list[CellText]

    def as_cells(self) -> list[Cell]:
        """Its code cells in the order of the document."""
        return [Cell(cell.source, number, id=cell.id) for number, cell in enumerate(self.cells, 1)]


class FunctionOfNotebook(NotebookText):
    function: str


class FlowsHandler(Handler):
    """The names of the functions that are flows, in the notebook's order."""

    @route
    async def post(self) -> None:
        asked = self.body(NotebookText)
        self.answer(await asyncio.to_thread(lambda: list(_flows(asked.as_cells()))))


class ExportHandler(Handler):
    """The module that a flow's export would be, and why each statement is in it. Refused as the export would be."""

    @route
    async def post(self) -> None:
        asked = self.body(FunctionOfNotebook)
        self.answer(await asyncio.to_thread(_preview, asked, self.settings["server_root_dir"]))


def _flows(cells: Sequence[Cell]) -> Iterator[str]:
    for statement in parse(cells).statements:
        if isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_flow(statement.node):
            yield statement.node.name


def _is_flow(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a decorator is called ``flow``, whatever module it is taken from and whatever it is given."""
    return any(ast.unparse(each).partition("(")[0].split(".")[-1] == "flow" for each in function.decorator_list)


def _preview(asked: FunctionOfNotebook, root: str) -> dict[str, Any]:
    notebook = places.resolve(Path(root).expanduser(), asked.path)
    module = write_module(asked.as_cells(), asked.function, notebook=notebook)
    reasons = as_json(kept_statements(module.sliced), dropped_cells(module.sliced))
    told = {"source": module.source, "warnings": module.warnings, "requirements": module.requirements.lines}
    return {**told, **reasons}

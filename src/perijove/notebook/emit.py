"""The module's text: header, one import block, then the author's statements under their cells' markers."""

import ast
import hashlib
import json
import re
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from perijove.notebook.imports import Import, import_block, imports_of
from perijove.notebook.slice import IMPLICIT, Slice
from perijove.notebook.statements import Statement

_BARRIERS = {
    "sys",
    "os",
    "warnings",
    "builtins",
    "matplotlib",
    "dotenv",
    "gevent",
    "eventlet",
    "multiprocessing",
    "locale",
}
_DIGEST = re.compile(r'^# sha256 = "(?P<digest>[0-9a-f]{64}|)"$', re.MULTILINE)


@dataclass(slots=True)
class _Body:
    """Lines of the module below its imports, each with its cell's number and line, or None."""

    lines: list[str] = field(default_factory=list)
    origins: list[tuple[int, int] | None] = field(default_factory=list)

    def add(self, line: str, origin: tuple[int, int] | None = None) -> None:
        self.lines.append(line)
        self.origins.append(origin)


def render(
    sliced: Slice, *, notebook: str | None, requirements: Sequence[str], local: Collection[str], python: str
) -> str:
    """The module as text: the same slice gives the same bytes.

    ``notebook`` is the file's name, ``requirements`` PEP 508 lines, ``local`` the modules beside the notebook,
    ``python`` the least Python version (PEP 440).
    """
    imports, statements = _split(sliced)
    block = import_block(imports, local)
    body = _body(sliced, statements)
    above = [*_title(sliced.function, notebook), *_metadata(requirements, python)]
    tool = _tool(sliced.function, notebook)
    start = len(above) + len(tool) + 5 + (len(block.splitlines()) + 1 if block else 0)
    runs = _line_runs(body.origins, start)
    lines = [*above, *tool, f"# lines = {json.dumps(runs)}", '# sha256 = ""', "# ///", ""]
    if block:
        lines.extend([*block.splitlines(), ""])
    text = "\n".join([*lines, *body.lines]).rstrip() + "\n"
    return _DIGEST.sub(f'# sha256 = "{fingerprint(text)}"', text, count=1)


def fingerprint(text: str) -> str:
    """The SHA-256 (hex) of a module's text, the recorded digest left out."""
    return hashlib.sha256(_DIGEST.sub('# sha256 = ""', text, count=1).encode()).hexdigest()


def recorded_fingerprint(text: str) -> str | None:
    """The digest that an exported module records of itself; None when it is no export of ours."""
    match = _DIGEST.search(text)
    return match["digest"] if match else None


def _title(function: str, notebook: str | None) -> list[str]:
    source = f"from {notebook} " if notebook else "from a notebook "
    return [
        f"# Exported {source}by Perijove: `{function}` and what it needs.",
        "# Change the notebook, not this file: an edit made here is noticed by the next export.",
        "#",
    ]


def _metadata(requirements: Sequence[str], python: str) -> list[str]:
    lines = ["# /// script", f"# requires-python = {json.dumps(python)}"]
    if not requirements:
        return [*lines, "# dependencies = []"]
    return [*lines, "# dependencies = [", *(f"#     {json.dumps(item)}," for item in requirements), "# ]"]


def _tool(function: str, notebook: str | None) -> list[str]:
    lines = ["#", "# [tool.perijove]", f"# function = {json.dumps(function)}"]
    return [*lines, f"# notebook = {json.dumps(notebook, ensure_ascii=False)}"] if notebook else lines


def _line_runs(origins: Sequence[tuple[int, int] | None], start: int) -> list[list[int]]:
    """``[module line, cell, cell line]`` wherever counting on from the last one would be wrong."""
    runs: list[list[int]] = []
    for place, origin in enumerate(origins):
        if origin is None:
            continue
        cell, line = origin
        if runs and runs[-1][1] == cell and line - runs[-1][2] == start + place - runs[-1][0]:
            continue
        runs.append([start + place, cell, line])
    return runs


def _split(sliced: Slice) -> tuple[list[Import], list[Statement]]:
    """The imports that may move to the top, and the statements that stay where they are."""
    movable: list[Import] = []
    staying: list[Statement] = []
    barrier = _barrier(sliced)
    bound = _bindings_by_name(sliced)
    for statement in sliced.statements:
        found = imports_of(statement.node)
        if found and _may_move(sliced, statement, found[0], barrier, bound):
            movable.extend(found)
        else:
            staying.append(statement)
    for name in sorted(sliced.implicit):
        movable.extend(imports_of(ast.parse(IMPLICIT[name]).body[0]))
    movable.extend(_future(sliced))
    return movable, staying


def _may_move(sliced: Slice, statement: Statement, item: Import, barrier: int, bound: dict[str, set[str]]) -> bool:
    """Whether an import means the same at the top of the module."""
    if item.name == "*":
        return statement.index < barrier and not _binds_before(sliced, statement.index)
    return len(bound[item.binds]) == 1 and (statement.index < barrier or _is_standard(item))


def _is_standard(item: Import) -> bool:
    return item.top in sys.stdlib_module_names


def _binds_before(sliced: Slice, index: int) -> bool:
    """Whether a kept statement before ``index`` is no import: a star import after it may hide what it binds."""
    return any(s.index < index and not imports_of(s.node) for s in sliced.statements)


def _future(sliced: Slice) -> list[Import]:
    """``from __future__`` imports act on the whole module, as they do on all the cells after them."""
    last = max(sliced.kept, default=0)
    found = [item for s in sliced.program.statements if s.index <= last for item in imports_of(s.node)]
    return [item for item in found if item.module == "__future__"]


def _barrier(sliced: Slice) -> int:
    """The first kept statement that later imports may depend on: a change of the path, the environment, filters."""
    settings = {setting.index: setting.library.partition(".")[0] for setting in sliced.history.settings}
    found = [index for index in sliced.kept if settings.get(index) in _BARRIERS]
    return min(found, default=len(sliced.program.statements))


def _bindings_by_name(sliced: Slice) -> dict[str, set[str]]:
    """For each name, the different ways in which kept statements bind it."""
    ways: dict[str, set[str]] = {}
    for statement in sliced.statements:
        for name in sliced.history.facts[statement.index].names.binds:
            way = statement.text if imports_of(statement.node) else f"statement {statement.index}"
            ways.setdefault(name, set()).add(ast.unparse(statement.node) if imports_of(statement.node) else way)
    return ways


def _body(sliced: Slice, statements: Sequence[Statement]) -> _Body:
    body = _Body()
    if sliced.frozen:
        _marker(body, "# %% frozen: values that the kernel held")
        for name, value in sorted(sliced.frozen.items()):
            body.add(f"{name} = {value}")
    previous: Statement | None = None
    for statement in statements:
        if previous is not None and statement.group == previous.group and _is_whole(sliced, previous):
            continue
        if previous is None or statement.cell is not previous.cell:
            _marker(body, _marker_text(statement))
        elif statement.group != previous.group:
            for _ in range(_blank_lines(sliced, previous, statement)):
                body.add("")
        _add_statement(body, sliced, statement, with_comments=previous is None or statement.group != previous.group)
        previous = statement
    return body


def _marker(body: _Body, text: str) -> None:
    body.add("")
    if body.lines != [""]:
        body.add("")
    body.add(text)


def _marker_text(statement: Statement) -> str:
    cell = statement.cell
    return f"# %% cell {cell.number}" + (f": {cell.file}" if cell.file else "")


def _is_whole(sliced: Slice, statement: Statement) -> bool:
    parts = range(statement.group, statement.group + statement.parts)
    return statement.parts > 1 and all(part in sliced.kept for part in parts) and not imports_of(statement.node)


def _add_statement(body: _Body, sliced: Slice, statement: Statement, *, with_comments: bool) -> None:
    number = statement.cell.number
    if with_comments:
        for offset, comment in enumerate(statement.comments):
            body.add(comment, (number, statement.line - len(statement.comments) + offset))
    whole = _is_whole(sliced, statement)
    first = statement.first
    for offset, line in enumerate((statement.whole if whole else statement.text).splitlines()):
        body.add(line, (number, statement.line_at(first + offset)))
    for offset, comment in enumerate(statement.below, 1):
        body.add(comment, (number, statement.last + offset))


def _blank_lines(sliced: Slice, previous: Statement, statement: Statement) -> int:
    """The author's blank lines between two kept statements; where something was dropped, the widest gap."""
    skipped = sliced.program.statements[previous.group + previous.parts : statement.group]
    blanks = max([statement.blank_before, *(s.blank_before for s in skipped)])
    if skipped and any(
        isinstance(s.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for s in (previous, statement)
    ):
        blanks = 2
    return min(blanks, 2)

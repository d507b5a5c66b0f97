"""Cells cut into statements: the nodes of the slice, each with its cell, its lines and its author's text."""

import ast
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from perijove.notebook.cells import Cell
from perijove.notebook.ipython_syntax import Python, to_python
from perijove.notebook.scopes import every_node


@dataclass(eq=False, slots=True)
class Statement:
    """One top-level statement, or a part of an import or tuple assignment that can stand alone.

    ``line`` and ``last`` are lines of the cell (from 1) as its author wrote it; ``text`` is the author's, with
    translated magics in place; ``comments`` are the lines above it that are its own, blank ones among them, and
    ``below`` the comments directly under it. Parts of one statement share ``group``, the statement's own index, and
    ``whole``, its text. ``half`` says that its run raised. ``nodes`` are its node and all those inside it.
    """

    index: int
    cell: Cell
    node: ast.stmt
    line: int
    last: int
    text: str
    lines: list[int]
    comments: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    blank_before: int = 0
    group: int = 0
    parts: int = 1
    whole: str = ""
    half: bool = False
    magics: dict[int, str] = field(default_factory=dict)
    nodes: list[ast.AST] = field(default_factory=list)

    @property
    def first(self) -> int:
        """Its first line (from 1) in the cell as Python, decorators included."""
        decorators: list[ast.expr] = getattr(self.node, "decorator_list", [])
        return min([self.node.lineno, *(decorator.lineno for decorator in decorators)])

    def line_of(self, node: ast.AST) -> int:
        """The author's line (from 1, in the cell) where ``node`` begins."""
        return self.line_at(getattr(node, "lineno", 0))

    def line_at(self, lineno: int) -> int:
        """The author's line (from 1, in the cell) of a line (from 1) of the cell as Python."""
        return self.lines[lineno - 1] if 0 < lineno <= len(self.lines) else self.line


@dataclass(frozen=True, slots=True)
class Opaque:
    """A cell, or the output of one, that is no Python of this process: why, in words, and what it may have bound."""

    index: int
    cell: Cell
    reason: str
    binds: tuple[str, ...]


@dataclass(slots=True)
class Program:
    """A whole notebook as statements in execution order."""

    cells: tuple[Cell, ...]
    statements: list[Statement] = field(default_factory=list)
    opaque: list[Opaque] = field(default_factory=list)
    installs: list[str] = field(default_factory=list)


def parse(cells: Iterable[Cell]) -> Program:
    """Every cell as statements, in the order of ``cells``; a failed run ends with the statement that raised."""
    program = Program(tuple(cells))
    for cell in program.cells:
        python = to_python(cell.source)
        program.installs.extend(python.installs)
        if python.binds or python.opaque:
            reason = python.opaque or "%%capture keeps the output in it"
            program.opaque.append(Opaque(len(program.statements), cell, reason, python.binds))
        if python.tree is not None:
            _CellCutter(program, cell, python).cut(python.tree)
    return program


class _CellCutter:
    """Cuts one cell's tree into statements and appends them to the program."""

    def __init__(self, program: Program, cell: Cell, python: Python) -> None:
        self.program, self.cell, self.python = program, cell, python
        self.source = python.text.splitlines()
        self.previous_end = 0

    def cut(self, tree: ast.Module) -> None:
        for node in _without_main_guards(tree.body):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            last = node.end_lineno or first
            half = self._raised_by(last)
            if half and self._author_line(first) > (self.cell.failed_line or 0):
                break  # never reached
            self._append_parts(node, first, last, half)
            self.previous_end = last + len(self.program.statements[-1].below)
            if half:
                break

    def _raised_by(self, last: int) -> bool:
        failed_line = self.cell.failed_line
        return self.cell.failed and failed_line is not None and self._author_line(last) >= failed_line

    def _author_line(self, lineno: int) -> int:
        return self.python.lines[min(lineno, len(self.python.lines)) - 1]

    def _append_parts(self, node: ast.stmt, first: int, last: int, half: bool) -> None:
        comments, blank = self._above(first)
        whole = self._text(node, first, last)
        parts = list(_parts(node, self.python.text)) or [(node, whole)]
        group = len(self.program.statements)
        for part, text in parts:
            self.program.statements.append(
                Statement(
                    index=len(self.program.statements),
                    cell=self.cell,
                    node=part,
                    line=self._author_line(first),
                    last=self._author_line(last),
                    text=text,
                    lines=self.python.lines,
                    comments=comments,
                    below=self._below(last),
                    blank_before=blank,
                    group=group,
                    parts=len(parts),
                    whole=whole,
                    half=half,
                    magics={k: v for k, v in self.python.replaced.items() if first <= k <= last},
                    nodes=every_node(part),
                )
            )

    def _above(self, first: int) -> tuple[list[str], int]:
        """The comments between the last statement and line ``first``, and how many blank lines stand above them."""
        lines = [line.strip() for line in self.source[self.previous_end : first - 1]]
        blank = next((place for place, line in enumerate(lines) if line), len(lines))
        return [line if line.startswith("#") else "" for line in lines[blank:]], blank

    def _below(self, last: int) -> list[str]:
        """The comments that stand directly under line ``last`` and apart from what follows."""
        found: list[str] = []
        for line in self.source[last:]:
            if not line.lstrip().startswith("#"):
                return found if not line.strip() else []
            found.append(line.rstrip())
        return found

    def _text(self, node: ast.stmt, first: int, last: int) -> str:
        before = self.source[first - 1].encode()[: node.col_offset] if first == node.lineno else b""
        after = self.source[last - 1].encode()[node.end_col_offset or 0 :].decode().strip()
        if before.strip() or (after and not after.lstrip("; ").startswith("#") and after.strip("; ")):
            return ast.get_source_segment(self.python.text, node) or ast.unparse(node)
        lines = self.source[first - 1 : last]
        if after.startswith(";"):
            lines[-1] = lines[-1].encode()[: node.end_col_offset].decode() + (
                "  " + after.strip("; ") if after.strip("; ") else ""
            )
        text = "\n".join(lines)
        return _dedented(text, node) if node.col_offset else text.rstrip()


def _dedented(text: str, node: ast.stmt) -> str:
    """The text of an indented statement at the margin; rewritten only where dedenting would change a string."""
    dedented = textwrap.dedent(text).rstrip()
    try:
        same = ast.dump(ast.parse(dedented).body[0]) == ast.dump(node)
    except (SyntaxError, IndexError):
        same = False
    return dedented if same else ast.unparse(node)


def _without_main_guards(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """A notebook is ``__main__``, so what such a guard holds is what its cell ran."""
    for node in body:
        if isinstance(node, ast.If) and _is_main_guard(node.test):
            yield from _without_main_guards(node.body)
        else:
            yield node


def _is_main_guard(test: ast.expr) -> bool:
    return (
        ast.unparse(test) in {"__name__ == '__main__'", "'__main__' == __name__"}
        if isinstance(test, ast.Compare)
        else False
    )


def _parts(node: ast.stmt, source: str) -> Iterator[tuple[ast.stmt, str]]:
    """The parts of a statement that mean the same one by one, each with its text; nothing when it can't be cut."""
    match node:
        case ast.Import(names=names) if len(names) > 1:
            for alias in names:
                part = ast.copy_location(ast.Import([alias]), node)
                yield part, ast.unparse(part)
        case ast.ImportFrom(names=names) if len(names) > 1:
            for alias in names:
                single = ast.copy_location(ast.ImportFrom(node.module, [alias], node.level), node)
                yield single, ast.unparse(single)
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            if _can_be_cut(targets, values):
                yield from _pairs(node, targets, values, source)


def _can_be_cut(targets: list[ast.expr], values: list[ast.expr]) -> bool:
    """Whether ``a, b = x, y`` is ``a = x; b = y``: same lengths, plain names, none of them read on the right."""
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if not len(names) == len(set(names)) == len(targets) == len(values):
        return False
    inner = [node for value in values for node in ast.walk(value)]
    return not any(isinstance(node, ast.Starred | ast.NamedExpr) for node in inner) and not any(
        isinstance(node, ast.Name) and node.id in names for node in inner
    )


def _pairs(
    node: ast.stmt, targets: list[ast.expr], values: list[ast.expr], source: str
) -> Iterator[tuple[ast.stmt, str]]:
    texts = [
        f"{ast.get_source_segment(source, target)} = {ast.get_source_segment(source, value)}"
        for target, value in zip(targets, values, strict=True)
    ]
    if any("\n" in text for text in texts):
        return
    for target, value, text in zip(targets, values, texts, strict=True):
        yield ast.copy_location(ast.Assign([target], value), node), text

"""Who is to blame: for a name that nothing explains, the most likely culprit, its place and the way out."""

import ast
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from perijove.errors import ExportError
from perijove.notebook.history import History
from perijove.notebook.statements import Program, Statement

StarNames = Callable[[ast.ImportFrom], Collection[str] | None]
_KERNEL_NAMES = re.compile(r"_+|_\d+|_i\d*|_ii+|Out|In|_oh|_ih|_dh")
_LOOKS_LIKE_MAGIC = re.compile(r"get_ipython\(\)")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who needs the name: ``who`` reads it in ``cell`` at ``line``; ``at`` is the statement before which."""

    who: str
    cell: int | None
    line: int | None
    at: int


@dataclass(frozen=True, slots=True)
class _Verdict:
    why: str
    cell: int | None
    line: int | None


def place(statement: Statement) -> str:
    """``cell 3, line 2``."""
    return f"cell {statement.cell.number}, line {statement.line}"


def first_line(statement: Statement) -> str:
    """The statement's first line as its author wrote it, for a message."""
    magic = next(iter(statement.magics.values()), "")
    line = (magic or statement.text).strip().splitlines()[0]
    return line if len(line) <= 80 else line[:77] + "..."


def missing(name: str, reader: Reader, history: History, star_names: StarNames) -> ExportError:
    """The refusal of a name that has no value where it is needed."""
    verdict = next(iter(_verdicts(name, reader, history, star_names)))
    where = f" (cell {reader.cell}, line {reader.line})" if reader.cell else ""
    told = f"`{reader.who}`{where} needs `{name}`, {verdict.why}"
    return ExportError(told, cell=verdict.cell, line=verdict.line)


def no_such_function(name: str, program: Program, history: History) -> ExportError:
    """The refusal of a function that no statement binds."""
    opaque = _in_opaque_cell(name, program)
    if opaque:
        return ExportError(
            f"No cell defines a function named `{name}`; {opaque.why}", cell=opaque.cell, line=opaque.line
        )
    half = _raised(name, history)
    if half:
        return ExportError(f"`{name}` was not defined: it is what {half.why}", cell=half.cell, line=half.line)
    deleted = history.deleted_before(name, len(program.statements))
    if deleted is not None:
        statement = program.statements[deleted]
        told = f"`{name}` is deleted by {place(statement)} (`{first_line(statement)}`)"
        ways = "Run the cell that defines it again."
        return ExportError(f"{told}. {ways}", cell=statement.cell.number, line=statement.line)
    known = sorted({name for name in history.bindings if _is_function(name, history)})
    hint = f"Its functions are: {', '.join(known)}." if known else "The notebook defines no function."
    return ExportError(f"No cell defines a function named `{name}`. {hint}")


def _is_function(name: str, history: History) -> bool:
    """Whether the name still stands for a function of the notebook's."""
    bindings, _ = history.bound_before(name, len(history.program.statements))
    nodes = [history.program.statements[binding.index].node for binding in bindings]
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in nodes)


def _verdicts(name: str, reader: Reader, history: History, star_names: StarNames) -> "list[_Verdict]":
    program = history.program
    ways = f"Define it in a cell, make it a parameter, or write its value in with --freeze {name}."
    here = (reader.cell, reader.line)
    if _KERNEL_NAMES.fullmatch(name):
        return [_Verdict("which only a running notebook has. Name that result in the cell that computes it.", *here)]
    if name == "get_ipython":
        return [_Verdict("which only a running notebook has. Say it in plain Python, or leave it out.", *here)]
    found = [
        _deleted(name, reader, history),
        _raised(name, history),
        _in_opaque_cell(name, program),
        _by_magic(name, program),
        _executed(history),
        _by_star(history, star_names, here),
        _bound_later(name, reader, history),
    ]
    likely = [verdict for verdict in found if verdict]
    return [
        *(_Verdict(f"{v.why} {ways}", v.cell, v.line) for v in likely),
        _Verdict(f"which no cell defines. {ways}", *here),
    ]


def _blame(why: str, statement: Statement, line: int | None = None) -> _Verdict:
    return _Verdict(why, statement.cell.number, line or statement.line)


def _deleted(name: str, reader: Reader, history: History) -> _Verdict | None:
    index = history.deleted_before(name, reader.at)
    if index is None:
        return None
    statement = history.program.statements[index]
    return _blame(f"which {place(statement)} deletes.", statement)


def _raised(name: str, history: History) -> _Verdict | None:
    for statement in reversed(history.program.statements):
        if statement.half and name in history.facts[statement.index].names.binds:
            return _blame(f"which {place(statement)} should have defined, but that raised an error.", statement)
    return None


def _in_opaque_cell(name: str, program: Program) -> _Verdict | None:
    for opaque in reversed(program.opaque):
        if name in opaque.binds or re.search(rf"(?<![\w.]){re.escape(name)}\b", opaque.cell.source):
            number = opaque.cell.number
            return _Verdict(f"which cell {number} may define, but {opaque.reason}.", number, 1)
    return None


def _by_magic(name: str, program: Program) -> _Verdict | None:
    for statement in reversed(program.statements):
        for line, magic in statement.magics.items():
            runs_anything = re.match(r"%(?:run|rerun|recall|load)\b", magic)
            if _LOOKS_LIKE_MAGIC.search(statement.text) and (
                runs_anything or re.search(rf"\b{re.escape(name)}\b", magic)
            ):
                at = statement.line_at(line)
                told = f"which `{magic}` (cell {statement.cell.number}, line {at}) may define, but only in a notebook."
                return _blame(told, statement, at)
    return None


def _executed(history: History) -> _Verdict | None:
    if not history.dynamic:
        return None
    index, line = history.dynamic[-1]
    statement = history.program.statements[index]
    told = f"which no statement defines; what cell {statement.cell.number}, line {line} executes or writes may."
    return _blame(told, statement, line)


def _by_star(history: History, star_names: StarNames, here: tuple[int | None, int | None]) -> _Verdict | None:
    unknown = [star for _, star in history.stars if star_names(star) is None]
    if not unknown:
        return None
    return _Verdict(
        f"which no statement defines; `{ast.unparse(unknown[-1])}` may, but what it gives is not known here.", *here
    )


def _bound_later(name: str, reader: Reader, history: History) -> _Verdict | None:
    after = [event.index for event in history.bindings.get(name, []) if event.index >= reader.at]
    if not after:
        return None
    later = history.program.statements[after[0]]
    return _Verdict(
        f"which only {place(later)} defines, afterwards. Move that cell up, or run the cells in order.",
        reader.cell,
        reader.line,
    )

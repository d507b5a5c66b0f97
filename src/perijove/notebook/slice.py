"""The slice: from a function's name, back over bindings and changes, to the statements that make it what it is."""

import ast
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from perijove.errors import ExportError
from perijove.notebook.history import BUILTINS, Binding, History
from perijove.notebook.kernel_values import refusal
from perijove.notebook.settings_in_use import is_used
from perijove.notebook.statements import Program, Statement

IMPLICIT = {
    "display": "from IPython.display import display",
    "os": "import os",
    "load_dotenv": "from dotenv import load_dotenv",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a statement is kept: ``who`` (a name, or the whole module) needs ``name``, read in ``cell`` at ``line``."""

    who: str
    name: str
    cell: int | None = None
    line: int | None = None
    how: str = "defines"


@dataclass(slots=True)
class Slice:
    """The statements to keep, each with its reason, in execution order; and what else the module must say."""

    function: str
    program: Program
    history: History
    kept: dict[int, Reason] = field(default_factory=dict)
    implicit: set[str] = field(default_factory=set)
    frozen: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    @property
    def statements(self) -> list[Statement]:
        """The kept statements in execution order."""
        return [self.program.statements[index] for index in sorted(self.kept)]


def slice_function(
    program: Program,
    function: str,
    *,
    frozen: Mapping[str, str] | None = None,
    include: Collection[str] = (),
    exclude: Collection[str] = (),
    star_names: Callable[[ast.ImportFrom], Collection[str] | None] = lambda _: None,
) -> Slice:
    """Keep what ``function`` needs. ``frozen`` gives names' values as Python text.

    ``star_names`` tells what a star import binds (None: not known). Raises ExportError naming the culprit.
    """
    history = History(program)
    slicer = _Slicer(
        Slice(function, program, history, frozen=dict(frozen or {})), set(include), set(exclude), star_names
    )
    slicer.run()
    return slicer.result


@dataclass(slots=True)
class _Need:
    name: str
    at: int
    reason: Reason
    required: bool = True


class _Slicer:
    def __init__(
        self,
        result: Slice,
        include: set[str],
        exclude: set[str],
        star_names: Callable[[ast.ImportFrom], Collection[str] | None],
    ) -> None:
        self.result, self.history, self.program = result, result.history, result.program
        self.include, self.exclude, self.star_names = include, exclude, star_names
        self.end = len(self.program.statements)
        self.work: list[_Need] = []
        self.seen: dict[tuple[str, int], bool] = {}

    def run(self) -> None:
        function = self.result.function
        self._require_definition(function)
        self.work.append(_Need(function, self.end, Reason("the export", function)))
        self.work.extend(_Need(name, self.end, Reason("--include", name)) for name in sorted(self.include))
        self._drain()
        while self._settings():
            self._drain()

    def _drain(self) -> None:
        while self.work:
            need = self.work.pop()
            known = self.seen.get((need.name, need.at))
            if known is None or (need.required and not known):
                self.seen[need.name, need.at] = need.required
                self._satisfy(need)

    def _require_definition(self, function: str) -> None:
        found, bound = self.history.bound_before(function, self.end)
        if not bound:
            known = sorted(self._functions())
            hint = f" Its functions are: {', '.join(known)}." if known else " It defines no function."
            opaque = self._opaque_culprit(function)
            raise ExportError(f"No cell defines a function named `{function}`.{opaque or hint}")
        statement = self.program.statements[found[0].index]
        if not _may_be_callable(statement.node):
            raise ExportError(
                f"`{function}` is no function: {_place(statement)} binds it by `{_first_line(statement)}`. "
                "Name a function that a cell defines.",
                cell=statement.cell.number,
                line=statement.line,
            )

    def _functions(self) -> set[str]:
        return {
            s.node.name for s in self.program.statements if isinstance(s.node, ast.FunctionDef | ast.AsyncFunctionDef)
        }

    def _satisfy(self, need: _Need) -> None:
        if need.name in self.exclude or need.name in self.result.frozen:
            return
        bindings, bound = self.history.bound_before(need.name, need.at)
        star = self._star_for(need.name, need.at, bindings)
        if star is not None:
            self._keep(star, need, "may define")
            if not bound:
                return
        if not bound and not bindings:
            self._unbound(need)
            return
        for binding in bindings:
            self._keep(binding.index, need, "defines" if binding.definite else "may define")
        for index, sure in self.history.changes_before(need.name, need.at):
            if index not in self.result.kept and not sure:
                self._doubt(index, need)
            self._keep(index, need, "changes")

    def _keep(self, index: int, need: _Need, how: str) -> None:
        statement = self.program.statements[index]
        facts = self.history.facts[index]
        late = facts.late
        for name in late:
            required = need.at == self.end and name in facts.names.later and name not in facts.names.optional
            reason = self._reason_for(statement, name, facts.names.later.get(name))
            self.work.append(_Need(name, need.at, reason, required))
        if index in self.result.kept:
            return
        self.result.kept[index] = Reason(need.reason.who, need.name, need.reason.cell, need.reason.line, how)
        problem = refusal(statement, facts.names, self.history)
        if problem and not (self.include & (facts.names.binds.keys() | {need.name})):
            self._refuse(statement, problem, need)
        for name, lineno in facts.names.now.items():
            self.work.append(
                _Need(name, index, self._reason_for(statement, name, lineno), name not in facts.names.optional)
            )

    def _reason_for(self, statement: Statement, name: str, lineno: int | None) -> Reason:
        who = next(iter(self.history.facts[statement.index].names.binds), "") or f"`{_first_line(statement)}`"
        line = statement.line_at(lineno) if lineno else statement.line
        return Reason(who, name, statement.cell.number, line)

    def _unbound(self, need: _Need) -> None:
        name = need.name
        deleted = self.history.deleted_before(name, need.at)
        if name in BUILTINS:
            if deleted is not None and any(
                self.history.bindings[name][i].index in self.result.kept
                for i in range(len(self.history.bindings[name]))
            ):
                self._keep(deleted, need, "deletes")
            return
        if name in IMPLICIT:
            self.result.implicit.add(name)
            return
        if not need.required or self._written_by_kept(name):
            return
        raise self._missing(need, deleted)

    def _written_by_kept(self, name: str) -> bool:
        return any(name in self.history.facts[index].names.written_later for index in self.result.kept)

    def _missing(self, need: _Need, deleted: int | None) -> ExportError:
        reason = need.reason
        where = f" (cell {reason.cell}, line {reason.line})" if reason.cell else ""
        told = f"`{reason.who}`{where} needs `{need.name}`, "
        if deleted is not None:
            culprit = self.program.statements[deleted]
            told += f"which {_place(culprit)} deletes. Define it again, or don't delete it."
            return ExportError(told, cell=culprit.cell.number, line=culprit.line)
        return ExportError(told + self._why_missing(need), cell=reason.cell, line=reason.line)

    def _why_missing(self, need: _Need) -> str:
        opaque = self._opaque_culprit(need.name)
        ways = f"Define it in a cell, make it a parameter, or write its value in with --freeze {need.name}."
        if re.fullmatch(r"_+|_\d+|_i\d*|_ii+|Out|In|_oh|_ih|_dh", need.name):
            return "which only a running notebook has. Give that result a name of its own in the cell that computes it."
        if need.name == "get_ipython":
            return "which only a running notebook has. Say it in plain Python, or leave it out of the function."
        if opaque:
            return f"which no statement defines.{opaque} {ways}"
        if self.history.dynamic:
            index, line = self.history.dynamic[-1]
            cell = self.program.statements[index].cell.number
            return (
                f"which no statement defines; the code that cell {cell}, line {line} executes from a string may. {ways}"
            )
        unknown = [star for _, star in self.history.stars if self.star_names(star) is None]
        if unknown:
            star = ast.unparse(unknown[-1])
            return f"which no statement defines; `{star}` may, but its names can't be known here. {ways}"
        later = self._bound_later(need)
        if later:
            return f"which only {_place(later)} defines, afterwards. Move that cell up, or run the cells in order."
        return f"which no cell defines. {ways}"

    def _bound_later(self, need: _Need) -> Statement | None:
        after = [event.index for event in self.history.bindings.get(need.name, []) if event.index >= need.at]
        return self.program.statements[after[0]] if after else None

    def _opaque_culprit(self, name: str) -> str | None:
        for opaque in reversed(self.program.opaque):
            if name in opaque.binds or re.search(rf"(?<![\w.]){re.escape(name)}\b", opaque.cell.source):
                return f" Cell {opaque.cell.number} may, but {opaque.reason}."
        return None

    def _star_for(self, name: str, at: int, bindings: list[Binding]) -> int | None:
        """The star import that gives ``name``: the last one before ``at``, if later than every sure binding."""
        if name in BUILTINS and not any(index < at for index, _ in self.history.stars):
            return None
        sure = max((b.index for b in bindings if b.definite), default=-1)
        for index, star in reversed(self.history.stars):
            if sure < index < at:
                names = self.star_names(star)
                if names is not None and name in names:
                    return index
        return None

    def _doubt(self, index: int, need: _Need) -> None:
        statement = self.program.statements[index]
        self.result.doubts.append(
            f"Kept {_place(statement)} (`{_first_line(statement)}`): it may change `{need.name}`. "
            f"If it does not, leave that out of the notebook's code or give --exclude {need.name}."
        )

    def _refuse(self, statement: Statement, problem: str, need: _Need) -> None:
        reason = need.reason
        where = f" (cell {reason.cell}, line {reason.line})" if reason.cell else ""
        told = (
            f"`{reason.who}`{where} needs `{need.name}`, which {_place(statement)} sets by `{_first_line(statement)}`"
        )
        if need.name == self.result.function:
            told = f"`{need.name}` can't leave the notebook: {_place(statement)}"
        raise ExportError(f"{told}: {problem}", cell=statement.cell.number, line=statement.line)

    def _settings(self) -> bool:
        """Keep the process-wide settings of what the kept statements use; whether there were any new ones."""
        new = False
        for setting in self.history.settings:
            if setting.index in self.result.kept:
                continue
            statement = self.program.statements[setting.index]
            if is_used(setting.library, self.result.statements, self.history):
                reason = Reason("the module", setting.library, statement.cell.number, statement.line)
                self._keep(setting.index, _Need(setting.library, self.end, reason, False), "sets")
                new = True
        return new


def _may_be_callable(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return not isinstance(node.value, ast.Constant | ast.List | ast.Dict | ast.Set | ast.Tuple | ast.JoinedStr)
    return not isinstance(node, ast.AugAssign | ast.For | ast.While)


def _place(statement: Statement) -> str:
    return f"cell {statement.cell.number}, line {statement.line}"


def _first_line(statement: Statement) -> str:
    magic = next(iter(statement.magics.values()), "")
    line = (magic or statement.text).strip().splitlines()[0]
    return line if len(line) <= 80 else line[:77] + "..."

"""The slice: from a function's name, back over bindings and changes, to the statements that make it what it is."""

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from perijove.errors import ExportError
from perijove.notebook.culprits import Reader, StarNames, first_line, missing, no_such_function, place
from perijove.notebook.history import BUILTINS, Binding, History, Setting
from perijove.notebook.kernel_values import refusal
from perijove.notebook.left_out import LeftOut
from perijove.notebook.open_changes import OpenChanges
from perijove.notebook.process_state import is_generator
from perijove.notebook.settings_in_use import Uses, followed
from perijove.notebook.statements import Program, Statement
from perijove.notebook.steps import Steps

IMPLICIT = {
    "display": "from IPython.display import display",
    "os": "import os",
    "load_dotenv": "from dotenv import load_dotenv",
}
_TRIAL_COUNTS = (
    "that runs a flow in the notebook, and `{who}` came from the `{name}` that the run had changed. "
    "Make `{name}` anew after the run, or run the cell of `{who}` before it."
)


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
    """The statements to keep, each with its reason; and what else the module must say.

    ``implicit`` are names that IPython gives and a module imports, ``frozen`` names written in as values,
    ``doubts`` sentences about what was kept to be safe, ``at_end`` the names needed as they are at the end.
    """

    function: str
    program: Program
    history: History
    kept: dict[int, Reason] = field(default_factory=dict)
    implicit: set[str] = field(default_factory=set)
    frozen: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    at_end: set[str] = field(default_factory=set)

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
    star_names: StarNames = lambda _: None,
) -> Slice:
    """Keep what ``function`` needs. ``frozen`` gives names' values as Python text.

    ``star_names`` tells what a star import binds (None: not known). Raises ExportError naming the culprit; a setting
    that can't be kept is left out, and told.
    """
    history = History(program)
    given_up: dict[Setting, str] = {}
    while True:
        result = Slice(function, program, history, frozen=dict(frozen or {}))
        slicer = _Slicer(result, set(include), set(exclude), star_names, given_up)
        try:
            slicer.run()
        except ExportError as error:
            if slicer.trying is None:
                raise
            given_up[slicer.trying] = str(error)
        else:
            return result


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
        star_names: StarNames,
        given_up: Mapping[Setting, str],
    ) -> None:
        self.result, self.history, self.program = result, result.history, result.program
        self.include, self.exclude, self.star_names = include, exclude, star_names
        self.end = len(self.program.statements)
        self.work: list[_Need] = []
        self.seen: dict[tuple[str, int], bool] = {}
        self.used: set[tuple[int, int]] = set()
        self.settled: set[int] = set()
        self.done_at_end: set[int] = set()
        self.done_earlier: set[int] = set()
        self.changes_at_end = OpenChanges(self.history, self.done_at_end)
        self.changes_earlier = OpenChanges(self.history, self.done_earlier)
        self.unbound: list[_Need] = []
        self.trying: Setting | None = None
        self.steps = Steps(self.program, self.history)
        self.nowhere: dict[str, Reason] = {}
        self.left_out = LeftOut(self.program, self.history, settings={**given_up})

    def run(self) -> None:
        function = self.result.function
        self._require_definition(function)
        self.work.append(_Need(function, self.end, Reason("the export", function)))
        self.work.extend(_Need(name, self.end, Reason("--include", name)) for name in sorted(self.include))
        self._drain()
        while self._settings():
            pass
        self._require_bound(self.unbound)
        self.result.doubts.extend(self.left_out.sentences(self.result.kept, self.exclude))
        self._tell_nowhere()
        self._tell_dynamic()
        self.result.at_end = {name for name, at in self.seen if at == self.end}

    def _require_bound(self, needs: Iterable[_Need]) -> None:
        for need in needs:
            if not self._written_by_kept(need.name):
                reader = Reader(need.reason.who, need.reason.cell, need.reason.line, need.at)
                raise missing(need.name, reader, self.history, self.star_names)

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
            raise no_such_function(function, self.program, self.history)
        statement = self.program.statements[found[0].index]
        if not _may_be_callable(statement.node):
            raise ExportError(
                f"`{function}` is no function: {place(statement)} binds it by `{first_line(statement)}`. "
                "Name a function that a cell defines.",
                cell=statement.cell.number,
                line=statement.line,
            )

    def _satisfy(self, need: _Need) -> None:
        if need.name in self.result.frozen:
            return
        bindings, bound = self.history.bound_before(need.name, need.at)
        if any(binding.trial for binding in bindings):
            for binding in bindings:
                if binding.trial:
                    self._ignore_trial(binding.index, need)
            bindings = [binding for binding in bindings if not binding.trial]
            bound = bool(bindings)
        star = self._star_for(need.name, need.at, bindings)
        if star is not None:
            self._keep(star, need, "may define")
            bindings = [binding for binding in bindings if binding.index > star]  # it hides the others
        elif not bound:
            self._unbound(need)
        for binding in bindings:
            self._keep(binding.index, need, "defines" if binding.definite else "may define")
        self._satisfy_changes(need)

    def _satisfy_changes(self, need: _Need) -> None:
        """Keep what changed the needed object, and need what that may look up, as it was then."""
        changes = self.changes_at_end if need.at == self.end else self.changes_earlier
        found, late = changes.before(need.name, need.at)
        if need.at < self.end:
            for name in sorted(late):
                self._need_late(self.program.statements[late[name]], name, need)
        elif is_generator(need.name) and not all(trial or self.steps.is_quick(index) for index, _, trial in found):
            self.left_out.draws[need.name] = need.reason.who, found[0][0]
            return
        for index, sure, trial in found:
            if need.name in self.exclude:
                self.left_out.changes.setdefault(need.name, set()).add(index)
            else:
                self._keep_change(index, need, sure=sure, trial=trial)

    def _keep_change(self, index: int, need: _Need, *, sure: bool, trial: bool) -> None:
        statement = self.program.statements[index]
        if statement.half and not sure:
            return
        if index not in self.result.kept:
            if trial:
                self._ignore_trial(index, need)
                return
            if not sure:
                told = f"Kept {place(statement)} (`{first_line(statement)}`): it may change `{need.name}`."
                self.result.doubts.append(told)
        self._keep(index, need, "changes")

    def _ignore_trial(self, index: int, need: _Need) -> None:
        """A flow's run in the notebook is a trial, and no deployed run's past; unless something was made of it."""
        statement = self.program.statements[index]
        if need.at < self.end:
            self._refuse(statement, _TRIAL_COUNTS.format(who=need.reason.who, name=need.name), need)
        if not need.name.startswith("<"):
            self.left_out.trials.setdefault(index, set()).add(need.name)

    def _is_nowhere(self, name: str) -> bool:
        """Whether nothing gives a name a value, whenever and in whatever way."""
        given = (self.history.bindings, BUILTINS, IMPLICIT, self.result.frozen, self.exclude)
        return not any(name in names for names in given)

    def _tell_nowhere(self) -> None:
        """Tell of the names that a kept body or annotation has, and that fail only where somebody looks them up."""
        if self.history.dynamic or any(self.star_names(star) is None for _, star in self.history.stars):
            return
        for name, reason in self.nowhere.items():
            if self._star_for(name, self.end, []) is None and not self._written_by_kept(name):
                where = f"(cell {reason.cell}, line {reason.line})"
                self.result.doubts.append(f"`{reason.who}` mentions `{name}` {where}, which no cell defines.")

    def _tell_dynamic(self) -> None:
        """Tell of code left out that may have bound a needed name anew, as far as anyone can know."""
        needed = [name for name, at in self.seen if at == self.end]
        bound = [binding.index for name in needed for binding in self.history.bound_before(name, self.end)[0]]
        for index, _ in self.history.dynamic:
            statement = self.program.statements[index]
            if index not in self.result.kept and _runs(statement.node) and min(bound, default=index) < index:
                told = f"Left out {place(statement)} (`{first_line(statement)}`): it may bind any name."
                self.result.doubts.append(told)

    def _keep(self, index: int, need: _Need, how: str) -> None:
        if index in self.settled or (index, need.at) in self.used:
            return
        self.used.add((index, need.at))
        statement, facts = self.program.statements[index], self.history.facts[index]
        for name in sorted(facts.late):
            self._need_late(statement, name, need)
        for name, lineno in facts.names.mentions.items():
            if self._is_nowhere(name):
                self.nowhere.setdefault(name, self._reason_for(statement, name, lineno))
        known = index in self.result.kept
        self.result.kept.setdefault(index, Reason(need.reason.who, need.name, need.reason.cell, need.reason.line, how))
        if refusal(statement, facts.names, self.history):
            self._require_possible(statement, need)
        else:
            self._settle(index, need)
        for name, lineno in facts.names.now.items() if not known else ():
            required = name not in facts.names.optional
            self.work.append(_Need(name, index, self._reason_for(statement, name, lineno), required))

    def _settle(self, index: int, need: _Need) -> None:
        """A statement that can stand in the module is done with; its late names are each need's own."""
        if not self.history.facts[index].late:
            self.settled.add(index)
        if need.at == self.end or index in self.settled:
            self.done_at_end.add(index)
        if need.at < self.end or index in self.settled:
            self.done_earlier.add(index)

    def _need_late(self, statement: Statement, name: str, need: _Need) -> None:
        """What a needed statement may look up is needed as it is at that time."""
        names = self.history.facts[statement.index].names
        required = need.at == self.end and name in names.later and name not in names.optional
        known = self.seen.get((name, need.at))
        if known is None or (required and not known):
            self.work.append(_Need(name, need.at, self._reason_for(statement, name, names.later.get(name)), required))

    def _require_possible(self, statement: Statement, need: _Need) -> None:
        names = self.history.facts[statement.index].names
        problem = refusal(statement, names, self.history, at_end=need.at == self.end)
        if problem and not (self.include & (names.binds.keys() | {need.name})):
            self._refuse(statement, problem, need)

    def _reason_for(self, statement: Statement, name: str, lineno: int | None) -> Reason:
        who = next(iter(self.history.facts[statement.index].names.binds), "") or first_line(statement)
        line = statement.line_at(lineno) if lineno else statement.line
        return Reason(who, name, statement.cell.number, line)

    def _unbound(self, need: _Need) -> None:
        name = need.name
        if name == "__file__":
            where = f"cell {need.reason.cell}, line {need.reason.line}"
            self.result.doubts.append(f"`__file__` ({where}) has a value in the file, and none in a notebook.")
        if name in BUILTINS:
            deleted = self.history.deleted_before(name, need.at)
            if deleted is not None and any(event.index in self.result.kept for event in self.history.bindings[name]):
                self._keep(deleted, need, "deletes")
        elif name in IMPLICIT:
            self.result.implicit.add(name)
        elif name not in self.exclude and not self._taken_from_stars(need) and need.required:
            self.unbound.append(need)

    def _taken_from_stars(self, need: _Need) -> bool:
        """Whether star imports whose names can't be known may give a name that nothing else gives: they are kept."""
        unknown = [(index, star) for index, star in self.history.stars if self.star_names(star) is None]
        earlier = [(index, star) for index, star in unknown if index < need.at]
        for index, _ in earlier:
            self._keep(index, need, "may define")
        if earlier:
            self.left_out.take_from([star for _, star in earlier], need.name)
        return bool(earlier)

    def _written_by_kept(self, name: str) -> bool:
        return any(name in self.history.facts[index].names.written_later for index in self.result.kept)

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

    def _refuse(self, statement: Statement, problem: str, need: _Need) -> None:
        reason = need.reason
        where = f" (cell {reason.cell}, line {reason.line})" if reason.cell else ""
        told = f"`{reason.who}`{where} needs `{need.name}`, which {place(statement)} makes by `{first_line(statement)}`"
        if need.name == self.result.function:
            told = f"`{need.name}` can't leave the notebook: {place(statement)}"
        raise ExportError(f"{told}: {problem}", cell=statement.cell.number, line=statement.line)

    def _settings(self) -> bool:
        """Keep the process-wide settings of what the kept statements use; whether there were any new ones."""
        new = False
        used = Uses(self.result.statements, self.history)
        said = {self._said(setting) for setting in self.history.settings if setting.index in self.result.kept}
        seeds = {setting.index for setting in self.history.settings if setting.library.endswith("seed")}
        running = [s.index for s in self.result.statements if _runs(s.node) and s.index not in seeds]
        for setting, following in followed(self.history.settings):
            given_up = setting in self.left_out.settings
            if setting.index in self.result.kept or given_up or not used.of(setting.library):
                continue
            if setting.library.endswith("seed"):  # of seeds, the last before anything runs counts
                superseded = following is not None and not _any_between(running, setting.index, following)
            else:
                superseded = self._said(setting) in said
            if not superseded and self._keep_setting(setting):
                said.add(self._said(setting))
                new = True
        return new

    def _said(self, setting: Setting) -> tuple[str, str]:
        return setting.library, self.program.statements[setting.index].text

    def _keep_setting(self, setting: Setting) -> bool:
        """Keep a setting with all that it needs, or say why not: the function is there without it."""
        statement = self.program.statements[setting.index]
        problem = refusal(statement, self.history.facts[statement.index].names, self.history)
        if not problem and not self.steps.only_sets(statement.index):
            problem = "it does so on the way of other work, which nothing needs."
        if problem:
            self.left_out.settings[setting] = problem
            return False
        self.trying, found = setting, len(self.unbound)
        reason = Reason("the module", setting.library, statement.cell.number, statement.line)
        self._keep(statement.index, _Need(setting.library, self.end, reason, False), "sets")
        self._drain()
        self._require_bound(self.unbound[found:])
        self.trying = None
        return True


def _any_between(indexes: list[int], first: int, last: int) -> bool:
    """Whether one of the sorted indexes lies between two others."""
    return bisect_left(indexes, last) > bisect_right(indexes, first)


def _runs(node: ast.stmt) -> bool:
    """Whether a statement does more than define or import."""
    return not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)


def _may_be_callable(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return not isinstance(node.value, ast.Constant | ast.List | ast.Dict | ast.Set | ast.Tuple | ast.JoinedStr)
    return not isinstance(node, ast.AugAssign | ast.For | ast.While)

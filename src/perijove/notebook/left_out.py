"""What an export leaves out though it did something in the notebook, or takes for granted; and the sentences of it."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from perijove.notebook.culprits import first_line, place
from perijove.notebook.history import History, Setting
from perijove.notebook.statements import Program

_TRIAL = "Left out {where}: it ran a flow here and changed {names}; a deployed run finds {names} as before."
_DRAWS = (
    "`{who}` draws random numbers: the seed is kept, but not what else drew from {generator} in the notebook, "
    "first {where}. A run's numbers begin at the seed."
)
_STARRED = "No cell defines {names}: taken to come from {stars}, whose names are not known here."


@dataclass(slots=True)
class LeftOut:
    """``settings``: why each of these is not kept; ``trials``: the names that each flow's run changed, by statement;
    ``draws``: for each generator who goes on drawing from it, and the first draw that is not repeated; ``changes``:
    what changed the excluded names; ``starred``: the names that nothing but star imports can give, and ``stars`` these
    imports.
    """

    program: Program
    history: History
    settings: dict[Setting, str] = field(default_factory=dict)
    trials: dict[int, set[str]] = field(default_factory=dict)
    draws: dict[str, tuple[str, int]] = field(default_factory=dict)
    changes: dict[str, set[int]] = field(default_factory=dict)
    starred: set[str] = field(default_factory=set)
    stars: set[str] = field(default_factory=set)

    def sentences(self, kept: Collection[int], exclude: Collection[str]) -> Iterator[str]:
        """What is to be told, given the statements that are kept and the names that were excluded on demand."""
        for setting, problem in self.settings.items():
            yield f"Left out {self._where(setting.index)}, which sets {setting.library}: {problem}"
        for index, names in sorted(self.trials.items()):
            if index not in kept:
                yield _TRIAL.format(where=self._where(index), names=_listed(names, " and "))
        for name, (who, index) in self.draws.items():
            yield _DRAWS.format(who=who, generator=name.strip("<>"), where=self._where(index))
        for name in sorted(exclude):
            yield self._excluded(name, kept)
        if self.starred:
            yield _STARRED.format(names=_listed(self.starred, ", "), stars=_listed(self.stars, ", "))

    def _excluded(self, name: str, kept: Collection[int]) -> str:
        indexes = sorted(index for index in self.changes.get(name, ()) if index not in kept)
        where = ", ".join(place(self.program.statements[index]) for index in indexes)
        if not self.history.bound_before(name, len(self.program.statements))[1]:
            return f"`{name}` is left out, as asked; the module fails where it reads it."
        return f"What only changes `{name}` is left out, as asked: {where or 'there was nothing'}."

    def _where(self, index: int) -> str:
        statement = self.program.statements[index]
        return f"{place(statement)} (`{first_line(statement)}`)"

    def take_from(self, stars: Collection[ast.ImportFrom], name: str) -> None:
        """A name is taken to come from star imports."""
        self.starred.add(name)
        self.stars.update(ast.unparse(star) for star in stars)


def _listed(names: Collection[str], joint: str) -> str:
    return joint.join(f"`{name}`" for name in sorted(names))

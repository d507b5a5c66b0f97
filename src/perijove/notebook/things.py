"""Abstract objects: what the replay of a notebook's statements makes, holds and changes."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False, slots=True)
class Thing:
    """An abstract object: what it holds and when it changed (surely or perhaps), by statement index.

    ``module`` is the dotted path it was imported from, ``definition`` the function, lambda or class it is,
    ``method`` the method it is, bound to what it holds. ``lazy``: reading uses it up; ``stateful``: calling
    changes it.
    """

    holds: list[tuple[int, "Thing"]] = field(default_factory=list)
    changes: list[tuple[int, bool]] = field(default_factory=list)
    module: str | None = None
    definition: FunctionNode | ast.ClassDef | None = None
    method: str | None = None
    lazy: bool = False
    stateful: bool = False

    def hold(self, index: int, things: Iterable["Thing"]) -> None:
        """From statement ``index`` on, hold ``things``."""
        self.holds.extend((index, thing) for thing in things if thing is not self)

    def change(self, index: int, *, sure: bool) -> None:
        """Statement ``index`` changes it."""
        if not self.changes or self.changes[-1][0] != index:
            self.changes.append((index, sure))
        elif sure:
            self.changes[-1] = (index, True)

    def classes(self) -> list[ast.ClassDef]:
        """The notebook's classes it is an instance of, or is itself, each followed by its bases."""
        found: list[ast.ClassDef] = []
        stack = [self] if isinstance(self.definition, ast.ClassDef) else [held for _, held in self.holds]
        while stack:
            thing = stack.pop(0)
            if isinstance(thing.definition, ast.ClassDef) and thing.definition not in found:
                found.append(thing.definition)
                stack.extend(held for _, held in thing.holds)
        return found


Things = frozenset[Thing]


def reach(things: Iterable[Thing], at: int | None = None) -> set[Thing]:
    """The objects and all that they hold (before statement ``at``)."""
    seen: set[Thing] = set()
    stack = list(things)
    while stack:
        thing = stack.pop()
        if thing not in seen:
            seen.add(thing)
            stack.extend(held for index, held in thing.holds if at is None or index < at)
    return seen

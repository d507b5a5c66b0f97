"""Abstract objects: what the replay of a notebook's statements makes, holds and changes."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False, slots=True)
class Thing:
    """An abstract object: what it holds and when it changed (surely or perhaps), by statement index.

    ``made`` is the statement that made it; ``holds`` gives for each held object the statement from which on, and
    ``saw`` likewise for objects that a method was given: they may matter to it, but it does not change them.
    ``module`` is the dotted path it was imported from, ``definition`` the function, lambda or class it is,
    ``method`` the method it is, bound to what it holds. ``lazy``: reading uses it up; ``stateful``: calling
    changes it. ``trials`` are the changes that only a flow's run made.
    """

    made: int = -1
    holds: dict["Thing", int] = field(default_factory=dict)
    saw: dict["Thing", int] = field(default_factory=dict)
    changes: list[tuple[int, bool]] = field(default_factory=list)
    trials: set[int] = field(default_factory=set)
    module: str | None = None
    definition: FunctionNode | ast.ClassDef | None = None
    method: str | None = None
    lazy: bool = False
    stateful: bool = False
    named: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing is known of it but what it holds."""
        return not (self.named or self.module or self.definition or self.method or self.lazy or self.stateful)

    def hold(self, index: int, things: Iterable["Thing"], *, only_saw: bool = False) -> None:
        """From statement ``index`` on, hold ``things``; or have seen them."""
        edges = self.saw if only_saw else self.holds
        for thing in things:
            if thing is not self:
                edges.setdefault(thing, index)

    def change(self, index: int, *, sure: bool, trial: bool = False) -> None:
        """Statement ``index`` changes it; ``trial``: by running a flow."""
        if not trial:
            self.trials.discard(index)
        elif not self.changes or self.changes[-1][0] != index:
            self.trials.add(index)
        if not self.changes or self.changes[-1][0] != index:
            self.changes.append((index, sure))
        elif sure:
            self.changes[-1] = (index, True)

    def classes(self) -> list[ast.ClassDef]:
        """The notebook's classes it is an instance of, or is itself, each followed by its bases."""
        found: list[ast.ClassDef] = []
        stack = [self] if isinstance(self.definition, ast.ClassDef) else list(self.holds)
        while stack:
            thing = stack.pop(0)
            if isinstance(thing.definition, ast.ClassDef) and thing.definition not in found:
                found.append(thing.definition)
                stack.extend(thing.holds)
        return found


Things = frozenset[Thing]


def worth_holding(things: Iterable[Thing], since: int) -> set[Thing]:
    """The objects without which nothing is lost: a plain one made since gives way to what it holds."""
    kept: set[Thing] = set()
    seen: set[Thing] = set()
    stack = list(things)
    while stack:
        thing = stack.pop()
        if thing in seen:
            continue
        seen.add(thing)
        if thing.made >= since and thing.is_plain:
            stack.extend(thing.holds)
        else:
            kept.add(thing)
    return kept


def reach(things: Iterable[Thing]) -> set[Thing]:
    """The objects and all that they hold."""
    seen: set[Thing] = set()
    stack = list(things)
    while stack:
        thing = stack.pop()
        if thing not in seen:
            seen.add(thing)
            stack.extend(thing.holds)
    return seen


def reach_at(things: Iterable[Thing], at: int) -> set[Thing]:
    """The objects and all that they held or had seen before statement ``at``."""
    seen: set[Thing] = set()
    stack = list(things)
    while stack:
        thing = stack.pop()
        if thing not in seen:
            seen.add(thing)
            stack.extend(held for held, index in (*thing.holds.items(), *thing.saw.items()) if index < at)
    return seen

"""Abstract objects: what the replay of a notebook's statements makes, holds and changes."""

import ast
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count

from perijove.notebook.scopes import FunctionNode, is_bare_function

_WAYS_TO_CLASS = frozenset({"__class__", "classmethod", "type"})
_NUMBERS = count()
Change = tuple[int, bool, bool]
"""A statement's index, whether it surely changed an object, and whether all that it did was to run a flow."""


@dataclass(eq=False, slots=True)
class Thing:
    """An abstract object: what it holds and when it changed (surely or perhaps), by statement index.

    ``made`` is the statement that made it; ``holds`` gives for each held object the statement from which on (``kinds``
    and ``functions`` are the classes and functions among them), and ``saw`` likewise for objects that a method was
    given: they may matter to it, but it does not change them.
    ``module`` is the dotted path it was imported from, ``definition`` the function, lambda or class it is,
    ``method`` the method it is, bound to what it holds. ``enclosed``: the names of the functions around it, and what
    they stand for; ``defaults``: what its parameters' defaults are, or those of its methods. ``lazy``: reading uses
    it up; ``fills``: looking up a key may add it; ``cache`` stands for all that it gives again, which is ``cached``;
    ``given``: what a partial object has been given, by position (from "0", what it calls) or keyword. ``trials`` are
    the changes that only a trial run made; a ``constant`` never changes, what is cached only surely: mostly, it is a
    client, and asked for something.
    ``number`` tells the order in which they were made.
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
    fills: bool = False
    cache: "Thing | None" = None
    cached: bool = False
    given: dict[str, frozenset["Thing"]] = field(default_factory=dict)
    enclosed: dict[str, frozenset["Thing"]] = field(default_factory=dict)
    defaults: dict[tuple[FunctionNode, str], frozenset["Thing"]] = field(default_factory=dict)
    kinds: dict["Thing", None] = field(default_factory=dict)
    functions: dict["Thing", None] = field(default_factory=dict)
    named: bool = False
    constant: bool = False
    number: int = field(default_factory=_NUMBERS.__next__)

    @property
    def is_plain(self) -> bool:
        """Whether nothing is known of it but what it holds."""
        return not (self.named or self.module or self.definition or self.method or self.lazy or self.is_active)

    @property
    def is_active(self) -> bool:
        """Whether calling it, or looking something up in it, may do more than give a value."""
        return self.fills or bool(self.cache) or bool(self.given)

    def hold(self, index: int, things: Iterable["Thing"], *, only_saw: bool = False) -> None:
        """From statement ``index`` on, hold ``things``; or have seen them. A constant has no parts."""
        if self.constant:
            return
        edges = self.saw if only_saw else self.holds
        for thing in things:
            if thing is not self:
                edges.setdefault(thing, index)
                if not only_saw and thing.definition is not None:
                    (self.kinds if isinstance(thing.definition, ast.ClassDef) else self.functions)[thing] = None

    def change(self, index: int, *, sure: bool, trial: bool = False) -> None:
        """Statement ``index`` changes it; ``trial``: by running a flow."""
        if self.constant or (self.cached and not sure):
            return
        if not trial:
            self.trials.discard(index)
        elif not self.changes or self.changes[-1][0] != index:
            self.trials.add(index)
        if not self.changes or self.changes[-1][0] != index:
            self.changes.append((index, sure))
        elif sure:
            self.changes[-1] = (index, True)

    def changes_between(self, first: int, at: int) -> list[tuple[int, bool]]:
        """Its changes by statements from ``first`` on and before ``at``, in their order."""
        return self.changes[bisect_left(self.changes, (first, False)) : bisect_left(self.changes, (at, False))]

    def classes(self) -> dict[ast.ClassDef, "Thing"]:
        """The notebook's classes it is an instance of, or is itself, each followed by its bases."""
        found: dict[ast.ClassDef, Thing] = {}
        queue = [self] if isinstance(self.definition, ast.ClassDef) else [*self.kinds]
        for thing in queue:  # it grows as it is read
            if isinstance(thing.definition, ast.ClassDef) and thing.definition not in found:
                found[thing.definition] = thing
                queue.extend(thing.kinds)
        return found

    def metaclasses(self) -> set["Thing"]:
        """The notebook's classes that make this class: those that derive from ``type``."""
        return {
            thing
            for thing in self.classes().values()
            if any(_is_type(base) for node in thing.classes() for base in node.bases)
        }


Things = frozenset[Thing]


def held_by_classes(things: Iterable[Thing]) -> Things:
    """What is in the attributes of the things' classes: descriptors look up and set the things' own."""
    return frozenset(held for thing in things for kind in thing.classes().values() for held in kind.holds)


def likely_containers(things: Iterable[Thing]) -> list[Thing]:
    """Of several objects one of which comes to hold something, those that may: hardly a function or a module."""
    found = [*things]
    likely = [thing for thing in found if not (thing.module or is_bare_function(thing.definition))]
    return found if len(found) == 1 else likely


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


def reach_back(things: Iterable[Thing], since: int) -> Things:
    """The objects made before statement ``since`` that they are or hold: these tell what else is held."""
    found: set[Thing] = set()
    seen: set[Thing] = set()
    stack = list(things)
    while stack:
        thing = stack.pop()
        if thing.made < since:
            found.add(thing)
        elif thing not in seen:
            seen.add(thing)
            stack.extend(thing.holds)
    return frozenset(found)


def reach_data(things: Iterable[Thing]) -> set[Thing]:
    """The objects and the data that they hold: whoever holds a function or a class calls it, and does not change it."""
    seen = set(things)
    stack = list(seen)
    while stack:
        found = {thing for thing in stack.pop().holds if thing.definition is None} - seen
        seen |= found
        stack.extend(found)
    return seen


def reach_parts(things: Iterable[Thing]) -> set[Thing]:
    """The objects and all that may be a part of them: a class that holds no data is none of its instances' parts."""
    roots = set(things)
    return {thing for thing in reach(roots) if thing in roots or not _is_class_without_data(thing)}


def _is_type(base: ast.expr) -> bool:
    name = getattr(base, "id", getattr(base, "attr", ""))
    return name == "type" or name.endswith("Meta")


def _is_class_without_data(thing: Thing) -> bool:
    return isinstance(thing.definition, ast.ClassDef) and not _may_hold_data(thing.definition)


@lru_cache(maxsize=1024)
def _may_hold_data(node: ast.ClassDef) -> bool:
    """Whether a class's instances may change the class: what its body makes, or by a way back to it."""
    made = (getattr(child, "value", None) for child in node.body if isinstance(child, ast.Assign | ast.AnnAssign))
    ways = (getattr(inner, "id", getattr(inner, "attr", "")) for inner in ast.walk(node))
    return any(value and not isinstance(value, ast.Constant) for value in made) or not _WAYS_TO_CLASS.isdisjoint(ways)


def reach_at(things: Iterable[Thing], at: int) -> set[Thing]:
    """The objects and all that they held or had seen before statement ``at``, as far as any of it ever changed.

    A registry holds hundreds of functions that nothing changes: each costs a look, and no more.
    """
    seen: set[Thing] = set()
    stack = list(things)
    while stack:
        thing = stack.pop()
        if thing not in seen:
            seen.add(thing)
            for edges in (thing.holds, thing.saw):
                stack += [
                    held for held, since in edges.items() if since < at and (held.changes or held.holds or held.saw)
                ]
    return seen


def merged(changes: Iterable[tuple[Thing, list[tuple[int, bool]]]]) -> list[Change]:
    """The changes of several objects as one list, by statement."""
    every: set[tuple[int, bool]] = set()
    own: set[int] = set()
    for thing, found in changes:
        every.update(found)
        own.update(index for index, _ in found if index not in thing.trials)
    return [(index, sure, index not in own) for index, sure in sorted(every)]

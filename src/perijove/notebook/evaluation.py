"""What an expression's value may be: the abstract objects of the moment, and new ones."""

import ast
from collections.abc import Iterable
from typing import Protocol

from perijove.notebook import process_state
from perijove.notebook.effects import Body, Call, Value
from perijove.notebook.things import FunctionNode, Thing, Things, reach, reach_parts, worth_holding

Frame = dict[str, Things]
Entry = tuple[FunctionNode, tuple[tuple[str, Things], ...]]
DEEPEST = 12  # calls within calls
MOST_CALLS = 300  # different calls that one statement makes


class World(Protocol):
    """What a replay needs of the history: the names' objects, and a place to note what happens.

    ``special`` are the methods of the notebook's classes that Python itself calls.
    """

    special: set[str]

    def things(self, name: str) -> Things:
        """What a name stands for now."""

    def set_things(self, name: str, index: int, things: Things) -> None:
        """Let a name stand for other objects."""

    def note_global(self, name: str, index: int, *, definite: bool, trial: bool) -> None:
        """A called function, or a seed, bound a name; ``trial``: a flow that ran did."""

    def note_setting(self, index: int, library: str) -> None:
        """The statement set something of a library."""

    def note_draw(self, index: int, generator: str) -> None:
        """The statement drew from a shared generator."""

    def body(self, definition: FunctionNode) -> Body:
        """A function's effects."""


class Evaluation:
    """Finds a statement's objects. A ``frame`` gives a called function's parameters; None is the top level."""

    def __init__(self, world: World, index: int) -> None:
        self.world, self.index = world, index
        self.returned: dict[Entry, Things] = {}

    def objects(self, value: Value, frame: Frame | None, depth: int = 0, *, spread: bool = True) -> set[Thing]:
        """The objects that an expression may be; a new one where it makes one.

        Without ``spread``, a part is told by the object that it is a part of alone.
        """
        parts = self._named(value.part, frame)
        given = self._given(value.part, frame, spread=spread)
        found = self._named(value.same, frame) | (reach_parts(parts) if spread else parts) | given
        held = self._named(value.holds, frame) | self._given(value.holds, frame, spread=False)
        made = Thing(self.index, lazy=value.lazy)
        for call in value.calls if depth < DEEPEST else ():
            found |= self._results(call, made, frame, depth + 1)
            made.fills = call.path[-1] == "defaultdict"
            if call.path[-1] == "partial" and call.args:
                made.given = self._given_to(call, frame, depth + 1)
        if value.method and found:
            made.method = value.method
            held |= found
        if held or made.method or not found or not made.is_plain or made.holds:
            made.hold(self.index, held)
            found.add(made)
        return found

    def _given_to(self, call: Call, frame: Frame | None, depth: int) -> Frame:
        """A call's arguments by position and by keyword."""
        given = [*((str(place), value) for place, value in enumerate(call.args)), *call.keywords]
        return {name: frozenset(self.objects(value, frame, depth)) for name, value in given}

    def _assigned(self, value: Value, frame: Frame | None) -> set[Thing]:
        """What a name comes to stand for: what a library's function returns is no part of the library."""
        found = self.objects(value, frame)
        if not value.calls or value.calls[-1].path[-1] in process_state.SHARED_STATE:
            return found
        return {thing for thing in found if not thing.module} or {Thing(self.index, lazy=value.lazy)}

    def _named(self, names: Iterable[str], frame: Frame | None) -> set[Thing]:
        found: set[Thing] = set()
        for name in names:
            if not name.endswith("()"):
                found |= (frame or {}).get(name, frozenset()) if name.startswith("<") else self.world.things(name)
        return found

    def _given(self, names: Iterable[str], frame: Frame | None, *, spread: bool) -> set[Thing]:
        """What calls gave: parts of what the names stand for, but no module."""
        found = self._named([name.removesuffix("()") for name in names if name.endswith("()")], frame)
        return {thing for thing in (reach_parts(found) if spread else found) if not thing.module}

    def _results(self, call: Call, made: Thing, frame: Frame | None, depth: int) -> set[Thing]:
        """What a call may return; what its new object keeps is added to ``made``."""
        found: set[Thing] = set()
        if not call.direct:
            return found
        for callee in self._callees(call, frame):
            if isinstance(callee.definition, ast.ClassDef) and len(call.path) == 1:
                made.hold(self.index, [callee])
                for argument in call.arguments:
                    made.hold(self.index, worth_holding(self.objects(argument, frame, depth, spread=False), self.index))
            elif isinstance(callee.definition, FunctionNode):
                body = self.world.body(callee.definition)
                made.stateful |= body.stateful
                made.lazy |= body.returns.lazy
                if body.makes_callables:
                    made.hold(self.index, [callee])
                found |= self._returned(callee.definition, self._frame(body, call, frame, callee), depth)
        return found

    def _returned(self, definition: FunctionNode, frame: Frame, depth: int) -> Things:
        """What a function returns for these arguments; asked again, or by itself, it is not computed again."""
        entry = self.entry(definition, frame)
        if entry not in self.returned and len(self.returned) < MOST_CALLS:
            self.returned[entry] = frozenset()
            self.returned[entry] = frozenset(self.objects(self.world.body(definition).returns, frame, depth + 1))
        return self.returned.get(entry, frozenset())

    def entry(self, definition: FunctionNode, frame: Frame) -> Entry:
        """A call as far as it can matter: the arguments' objects that were there before the statement."""
        return definition, tuple(
            (name, frozenset(thing for thing in reach(things) if thing.made < self.index))
            for name, things in sorted(frame.items())
        )

    def _callees(self, call: Call, frame: Frame | None) -> list[Thing]:
        """The notebook's own functions and classes that a call may enter, in a fixed order."""
        return [
            t
            for t in self._sorted(self._named([call.path[0]], frame))
            if t.definition is not None and len(call.path) == 1
        ]

    def _sorted(self, things: Iterable[Thing]) -> list[Thing]:
        return sorted(things, key=lambda thing: (thing.module or "", getattr(thing.definition, "lineno", 0)))

    def _frame(
        self, body: Body, call: Call, frame: Frame | None, thing: Thing | None, own: list[Things] | None = None
    ) -> Frame:
        """The objects of a called function's parameters; a default that can change is a part of the function."""
        given = [*(own or []), *(frozenset(self.objects(value, frame)) for value in call.args)]
        inner = {f"<{name}>": things for name, things in zip(body.parameters, given, strict=False)}
        rest = frozenset[Thing]().union(*given[len(body.parameters) :])
        for name, value in call.keywords:
            things = frozenset(self.objects(value, frame))
            if name in body.parameters:
                inner[f"<{name}>"] = things
            else:
                rest |= things
        for name in body.defaults if thing else ():
            inner.setdefault(f"<{name}>", frozenset(reach([thing] if thing else ())))
        for name in body.parameters if rest else ():
            inner[f"<{name}>"] = inner.get(f"<{name}>", frozenset()) | rest
        return inner

"""Runs a statement's effects on abstract objects: what they change, hold and call."""

import ast
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from perijove.notebook import process_state, purity
from perijove.notebook.effects import Assign, Body, Call, Change, Consume, Effect, Hold, Value
from perijove.notebook.scopes import own_nodes
from perijove.notebook.things import FunctionNode, Thing, Things, reach, reach_data, reach_parts, worth_holding

Frame = dict[str, Things]
_Entry = tuple[FunctionNode, tuple[tuple[str, Things], ...]]
FLOW_LIBRARIES = ("perijove", "prefect")
_RUNNING_METHODS = frozenset({"delay", "fn", "map", "submit"})
_DEEPEST = 12  # calls within calls
_MOST_CALLS = 300  # different calls that one statement makes


class World(Protocol):
    """What a replay needs of the history: the names' objects, and a place to note what happens."""

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


class Replay:
    """Runs one statement's effects. A ``frame`` gives a called function's parameters; None is the top level."""

    def __init__(self, world: World, index: int) -> None:
        self.world, self.index = world, index
        self.running: list[FunctionNode] = []
        self.certain = True
        self.trial = False
        self.entered: set[_Entry] = set()
        self.returned: dict[_Entry, Things] = {}

    def run(self, effects: Iterable[Effect], frame: Frame | None = None) -> None:
        """Run effects in order; inside a called function, only what surely changes counts."""
        for effect in effects:
            match effect:
                case Change(value, deep, sure):
                    if frame is None or sure:
                        self._change(self.objects(value, frame), deep=deep, sure=sure)
                        self._set_modules(value, frame)
                case Hold(container, value):
                    self._hold(self.objects(container, frame, spread=False), value, frame)
                case Consume(value):
                    self._change({t for t in self.objects(value, frame) if t.lazy}, deep=False, sure=True)
                case Assign(name, value, certain):
                    before = self.world.things(name) if self.trial else frozenset()
                    self.world.set_things(name, self.index, before | self._assigned(value, frame))
                    if frame is not None:
                        definite = certain and self.certain and not self.trial
                        self.world.note_global(name, self.index, definite=definite, trial=self.trial)
                case Call():
                    self._call(effect, frame)

    # --- what an expression may be ---

    def objects(self, value: Value, frame: Frame | None, depth: int = 0, *, spread: bool = True) -> set[Thing]:
        """The objects that an expression may be; a new one where it makes one.

        Without ``spread``, a part is told by the object that it is a part of alone.
        """
        parts = self._named(value.part, frame)
        given = self._given(value.part, frame, spread=spread)
        found = self._named(value.same, frame) | (reach_parts(parts) if spread else parts) | given
        held = self._named(value.holds, frame) | self._given(value.holds, frame, spread=False)
        made = Thing(self.index, lazy=value.lazy)
        for call in value.calls if depth < _DEEPEST else ():
            found |= self._results(call, made, frame, depth + 1)
        if value.method and found:
            made.method = value.method
            held |= found
        if held or made.method or not found or made.holds or made.stateful or made.lazy:
            made.hold(self.index, held)
            found.add(made)
        return found

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
        entry = self._entry(definition, frame)
        if entry not in self.returned and len(self.returned) < _MOST_CALLS:
            self.returned[entry] = frozenset()
            self.returned[entry] = frozenset(self.objects(self.world.body(definition).returns, frame, depth + 1))
        return self.returned.get(entry, frozenset())

    def _entry(self, definition: FunctionNode, frame: Frame) -> "_Entry":
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

    # --- changes ---

    def _hold(self, containers: Iterable[Thing], value: Value, frame: Frame | None, *, only_saw: bool = False) -> None:
        known = value.origins or value.calls
        held = worth_holding(self.objects(value, frame, spread=False), self.index) if known else ()
        for container in containers if held else ():
            container.hold(self.index, held, only_saw=only_saw)

    def _change(self, things: Iterable[Thing], *, deep: bool, sure: bool) -> None:
        for thing in reach_data(things) if deep else things:
            if not thing.module:
                thing.change(self.index, sure=sure, trial=self.trial)

    def _set_modules(self, value: Value, frame: Frame | None) -> None:
        """An attribute or item of a module is set: a setting, or a patch."""
        for thing in self._modules(value.same | value.part, frame):
            shared = not value.calls or value.calls[-1].path[-1] in process_state.SHARED_STATE
            if thing.module and shared:
                self.world.note_setting(self.index, thing.module)

    def _modules(self, names: Iterable[str], frame: Frame | None) -> set[Thing]:
        """The modules that names stand for: not what may as well be something that a module gave."""
        found: set[Thing] = set()
        for name in names:
            things = self._named([name], frame)
            found |= things if all(thing.module for thing in things) else set()
        return found

    # --- calls ---

    def _call(self, call: Call, frame: Frame | None) -> None:
        things = self._named([call.path[0]], frame)
        if not things and call.receiver is None:
            if not call.path[0].startswith("<"):
                self._builtin(call, frame)
            return
        modules = [thing for thing in things if thing.module]
        for thing in modules:
            self._library(".".join((str(thing.module), *call.path[1:])), call, frame)
        if modules:
            return
        if call.receiver is not None:
            self._method(call.path[-1], self.objects(call.receiver, frame), call, frame)
            return
        certain, trial = self.certain, self.trial
        for thing in self._sorted(things):
            self.certain = certain and call.certain and len(things) == 1
            self.trial = trial or self._is_flow(thing)
            self._enter_thing(thing, call, frame)
        self.certain, self.trial = certain, trial

    def _is_flow(self, thing: Thing) -> bool:
        """Whether a thing is a function that Perijove's or Prefect's decorator made a flow or a task."""
        for decorator in getattr(thing.definition, "decorator_list", []):
            root = decorator
            while not isinstance(root, ast.Name):
                root = getattr(root, "func", None) or getattr(root, "value", None)
                if root is None:
                    break
            else:
                if any((made.module or "").startswith(FLOW_LIBRARIES) for made in self.world.things(root.id)):
                    return True
        return False

    def _enter_thing(self, thing: Thing, call: Call, frame: Frame | None) -> None:
        """A call of an object by its name: a function, a class, a bound method, an instance, what a factory made."""
        if isinstance(thing.definition, FunctionNode):
            self.certain = self.certain and _runs_when_called(thing.definition)
            self._enter(thing.definition, call, frame, thing)
        elif isinstance(thing.definition, ast.ClassDef):
            for name in ("__init__", "__new__", "__post_init__"):
                self._own_methods(name, thing, call, frame, bind=Thing(self.index))
        elif thing.method:
            self._method(thing.method, set(thing.holds), call, frame)
        else:
            self._call_instance(thing, call, frame)

    def _call_instance(self, thing: Thing, call: Call, frame: Frame | None) -> None:
        if thing.stateful:
            thing.change(self.index, sure=True)
        if self._own_methods("__call__", thing, call, frame, bind=thing):
            return
        for held in self._sorted(reach([thing]) - {thing}):
            if isinstance(held.definition, FunctionNode):
                self._enter(held.definition, call, frame, held)

    def _builtin(self, call: Call, frame: Frame | None) -> None:
        place = purity.CHANGING_BUILTINS.get(call.path[0])
        if place is None or len(call.args) <= place:
            return
        changed = self.objects(call.args[place], frame)
        self._change(changed, deep=False, sure=True)
        for argument in call.args[place + 1 :]:
            self._hold(changed, argument, frame)

    def _library(self, dotted: str, call: Call, frame: Frame | None) -> None:
        place = purity.CHANGING_FUNCTIONS.get(dotted, -1)
        if 0 <= place < len(call.args):
            changed = self.objects(call.args[place], frame)
            self._change(changed, deep=False, sure=True)
            for argument in call.args[place + 1 :]:
                self._hold(changed, argument, frame)
        self._generator(dotted, call, frame)
        inside = frame is not None and process_state.seeds(dotted)  # it seeds for itself
        if process_state.is_setting(dotted, direct=call.direct) and not (call.scoped or inside):
            self.world.note_setting(self.index, dotted)
        elif call.bare and frame is None and not _only_looks(dotted):
            for argument in call.args:
                self._change(self._named(argument.same, frame), deep=True, sure=False)

    def _generator(self, dotted: str, call: Call, frame: Frame | None) -> None:
        generator = process_state.shared_generator(dotted)
        if generator is None:
            if process_state.draws_unseeded(call.path[-1], frozenset(name for name, _ in call.keywords)):
                self._draw("<numpy.random>")
        elif process_state.seeds(dotted):
            self.world.set_things(generator, self.index, frozenset({Thing(self.index)}))
            self.world.note_global(generator, self.index, definite=frame is None, trial=self.trial)
        else:
            self._draw(generator)

    def _draw(self, generator: str) -> None:
        self.world.note_draw(self.index, generator)
        for thing in self.world.things(generator):
            thing.change(self.index, sure=True, trial=self.trial)

    def _method(self, name: str, receivers: set[Thing], call: Call, frame: Frame | None) -> None:
        for thing in self._sorted(receivers):
            if self._is_flow(thing):
                self._flow_method(name, thing, call, frame)
            elif thing.module:
                if not (call.receiver and call.receiver.calls):  # what a library's function returns is not the library
                    self._library(f"{thing.module}.{name}", call, frame)
            elif not self._own_methods(name, thing, call, frame, bind=thing):
                self._foreign_method(name, thing, call, frame)
        if all(self._is_flow(thing) for thing in receivers):
            return
        if name in purity.MUTATORS or (frame is None and not purity.looks(name)):
            roots = self.objects(call.receiver, frame, spread=False) if call.receiver else receivers
            for argument in call.arguments:
                self._hold(roots, argument, frame, only_saw=name not in purity.SHALLOW)
        if process_state.draws_unseeded(name, frozenset(keyword for keyword, _ in call.keywords)):
            self._draw("<numpy.random>")

    def _flow_method(self, name: str, thing: Thing, call: Call, frame: Frame | None) -> None:
        """A flow's methods run it or tell of it; none changes it."""
        if name in _RUNNING_METHODS:
            before, self.trial = self.trial, True
            self._enter_thing(thing, call, frame)
            self.trial = before

    def _foreign_method(self, name: str, thing: Thing, call: Call, frame: Frame | None) -> None:
        """A method that no class of the notebook defines: the tables say what it does."""
        if name == "__init_subclass__" or (name in purity.GIVING_NONE and call.chained):
            return
        inherited = any(node.bases for node in thing.classes())
        if purity.looks(name) and not (inherited and name not in purity.FRESH):
            return
        sure = name in purity.MUTATORS
        if sure or (frame is None and not call.shown):
            self._change([thing], deep=name not in purity.SHALLOW, sure=sure)

    def _own_methods(self, name: str, thing: Thing, call: Call, frame: Frame | None, *, bind: Thing) -> bool:
        """Run the method that the first of the thing's classes defines; whether one does."""
        for node in thing.classes():
            found = [c for c in node.body if isinstance(c, ast.FunctionDef | ast.AsyncFunctionDef) and c.name == name]
            for child in found:
                kinds = {getattr(decorator, "id", "") for decorator in child.decorator_list}
                called_on_class = thing.definition is node and "classmethod" not in kinds and bind is thing
                own = (
                    []
                    if "staticmethod" in kinds or (called_on_class and name != "__init_subclass__")
                    else [frozenset({bind})]
                )
                self._enter(child, call, frame, None, own)
            if found:
                return True
        return False

    def _enter(
        self,
        definition: FunctionNode,
        call: Call,
        frame: Frame | None,
        thing: Thing | None,
        own: list[Things] | None = None,
    ) -> None:
        if definition in self.running or len(self.running) > _DEEPEST:
            return
        body = self.world.body(definition)
        inner = self._frame(body, call, frame, thing, own)
        entry = self._entry(definition, inner)
        if entry in self.entered or len(self.entered) >= _MOST_CALLS:
            return
        self.entered.add(entry)
        self.running.append(definition)
        self.run(body.effects, inner)
        self.running.pop()

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


@lru_cache(maxsize=1024)
def _runs_when_called(definition: FunctionNode) -> bool:
    """Whether a call runs the body: no decorator stands between, and it is no generator or coroutine."""
    if isinstance(definition, ast.Lambda):
        return True
    waits = isinstance(definition, ast.AsyncFunctionDef) or any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(definition.body)
    )
    return not waits and not definition.decorator_list


def _only_looks(dotted: str) -> bool:
    library, _, function = dotted.rpartition(".")
    return library.partition(".")[0] in purity.LOOKING_LIBRARIES or purity.looks(function)

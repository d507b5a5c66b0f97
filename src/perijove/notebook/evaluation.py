"""What an expression's value may be: the abstract objects of the moment, and new ones."""

import ast
import builtins
from collections.abc import Iterable
from functools import lru_cache

from perijove.notebook import process_state, purity
from perijove.notebook.callees import keeps_arguments, may_return_changeable
from perijove.notebook.effects import READ, SHAPE, Body, Call, Definition, Value, local, parameter, stem
from perijove.notebook.scopes import Function, FunctionNode, functions_in
from perijove.notebook.special_methods import shares_state
from perijove.notebook.summaries import Summary
from perijove.notebook.things import Thing, Things, reach, reach_back, reach_parts, worth_holding
from perijove.notebook.unfollowed import summary
from perijove.notebook.world import World

Frame = dict[str, Things]
Entry = tuple[FunctionNode, tuple[tuple[str, Things], ...]]
_BUILTINS = frozenset(dir(builtins))
DEEPEST = 12  # calls within calls
MOST_CALLS = 60  # different calls, quiet functions apart, deep inside those that one statement makes


def own_methods(
    name: str, thing: Thing, bind: Things, above: FunctionNode | None = None
) -> list[tuple[FunctionNode, Thing, list[Things]]]:
    """The methods of a name that the thing's classes define, each with its class and what it is bound to.

    ``above`` is the method that asks for those of ``super()``: any but itself.
    """
    found: list[tuple[FunctionNode, Thing, list[Things]]] = []
    for node, owner in _defining(name, thing, everywhere=above is not None).items():
        for method in _methods(node)[name]:
            kinds = {getattr(decorator, "id", "") for decorator in method.decorator_list}
            on_class = thing.definition is node and "classmethod" not in kinds and thing in bind
            free = "staticmethod" in kinds or name == "__new__" or (on_class and name != "__init_subclass__")
            if method is not above:
                found.append((method, owner, [] if free else [bind]))
    return found


def _defining(name: str, thing: Thing, *, everywhere: bool) -> dict[ast.ClassDef, Thing]:
    """The classes that may give a thing the method of a name: of its own, the nearest, unless it is ``everywhere``."""
    found: dict[ast.ClassDef, Thing] = {}
    seen: set[Thing] = set()
    queue = [thing] if isinstance(thing.definition, ast.ClassDef) else [*thing.kinds]
    for kind in queue:  # it grows as it is read
        if kind in seen or not isinstance(kind.definition, ast.ClassDef):
            continue
        seen.add(kind)
        defines = name in _methods(kind.definition)
        if defines:
            found.setdefault(kind.definition, kind)
        if everywhere or not defines:
            queue.extend(kind.kinds)
    return found


@lru_cache(maxsize=1024)
def _methods(node: ast.ClassDef) -> dict[str, list[Function]]:
    found: dict[str, list[Function]] = {}
    for child in functions_in(node.body):
        found.setdefault(child.name, []).append(child)
    return found


def _gives_more(body: Body, *, free: bool) -> bool:
    """Whether a method may return what is no part of the object it is bound to."""
    own = set() if free else {parameter(name, body.level) for name in body.parameters[:1]}
    return bool(body.returns.written_calls) or not {stem(name) for name in body.returns.origins} <= own


def _may_give(thing: Thing, name: str) -> bool:
    """Whether what a name with a call stands for may be a part of this: an open file gives text, an array numbers."""
    if name.endswith(READ):
        return not thing.lazy
    return not name.endswith(SHAPE) or bool(thing.kinds or thing.definition)


class Evaluation:
    """Finds a statement's objects. A ``frame`` gives a called function's parameters; None is the top level."""

    def __init__(self, world: World, index: int) -> None:
        self.world, self.index = world, index
        self.found: dict[tuple[int, int, bool], tuple[Value, Frame | None, Things]] = {}  # with what the ids are of
        self.returned: dict[Entry, Things] = {}
        self.shared: dict[tuple[Entry, str], Things] = {}
        self.summaries: dict[frozenset[FunctionNode], Summary] = {}
        self.instances: dict[Thing, Thing] = {}

    def objects(self, value: Value, frame: Frame | None, depth: int = 0, *, spread: bool = True) -> Things:
        """The objects that an expression may be; a new one where it makes one.

        Without ``spread``, a part is told by the object that it is a part of alone. What is asked for twice is found
        once: a call stands in its own effect, in its arguments' and in its result's.
        """
        asked = (id(value), id(frame), spread)
        if asked not in self.found:
            self.found[asked] = value, frame, frozenset(self._objects(value, frame, depth, spread=spread))
        return self.found[asked][2]

    def _objects(self, value: Value, frame: Frame | None, depth: int, *, spread: bool) -> set[Thing]:
        parts = self._named(value.part, frame)
        given = self._given(value.part, frame, spread=spread)
        found = self._named(value.same, frame) | (reach_parts(parts) if spread else parts) | given
        defined = [self._made(definition, frame) for definition in value.made]
        found.update(defined)
        held = self._named(value.holds, frame) | self._given(value.holds, frame, spread=False)
        made = Thing(self.index, lazy=value.lazy)
        for call in value.calls if depth < DEEPEST else ():
            given = self._results(call, made, frame, depth + 1)
            found |= reach_parts(given) if spread and value.inside else given
            made.fills = call.path[-1] == "defaultdict"
            if call.path[-1] in purity.CACHES:
                made.cache = Thing(self.index, cached=True)
                made.hold(self.index, [made.cache])
            if call.path[-1] == "partial" and call.args:
                made.given = self._given_to(call, frame, depth + 1)
        if value.method and found:
            made.method = value.method
            held |= found
        for thing in defined:
            thing.hold(self.index, held)
        new = any(not thing.module for thing in held) and not defined
        if new or made.method or not found or not made.is_plain or made.holds:
            made.hold(self.index, held | {*defined} if made.lazy else held)
            found.add(made)
        return found

    def _made(self, definition: Definition, frame: Frame | None) -> Thing:
        """A function or a class that code makes; it holds what it uses of the functions around it."""
        thing = Thing(self.index, definition=definition, enclosed=frame or {})
        functions = [definition] if isinstance(definition, FunctionNode) else definition.body
        for function in functions:
            if isinstance(function, FunctionNode):
                body = self.world.body(function)
                for name in sorted(body.outer & thing.enclosed.keys()):
                    thing.hold(self.index, thing.enclosed[name])
                for name, value in body.defaults.items():
                    if value.is_given and value.same <= _BUILTINS and not self._named(value.same, frame):
                        continue  # nothing changes those
                    thing.defaults[function, name] = self.objects(value, frame)
                    thing.hold(self.index, thing.defaults[function, name])
        return thing

    def _given_to(self, call: Call, frame: Frame | None, depth: int) -> Frame:
        """A call's arguments by position and by keyword."""
        given = [*((str(place), value) for place, value in enumerate(call.args)), *call.keywords]
        return {name: frozenset(self.objects(value, frame, depth)) for name, value in given}

    def _assigned(self, value: Value, frame: Frame | None) -> Things:
        """What a name comes to stand for: what a library's function returns is no part of the library."""
        found = self.objects(value, frame)
        if not value.calls or value.calls[-1].path[-1] in process_state.SHARED_STATE:
            return found
        own = frozenset(thing for thing in found if not thing.module)
        return own or frozenset({Thing(self.index, lazy=value.lazy)})

    def _named(self, names: Iterable[str], frame: Frame | None) -> set[Thing]:
        found: set[Thing] = set()
        for name in names:
            if not name.endswith("()"):
                found |= (frame or {}).get(name, frozenset()) if name.startswith("<") else self.world.things(name)
        return found

    def modules(self, names: Iterable[str], frame: Frame | None) -> set[Thing]:
        """The modules that names stand for: not what may as well be something that a module gave."""
        found: set[Thing] = set()
        for name in names:
            things = self._named([name], frame)
            found |= things if all(thing.module for thing in things) else set()
        return found

    def _given(self, names: Iterable[str], frame: Frame | None, *, spread: bool) -> set[Thing]:
        """What calls gave: parts of what the names stand for, but no module."""
        found: set[Thing] = set()
        for name in names:
            if name.endswith("()"):
                found.update(thing for thing in self._named([stem(name)], frame) if _may_give(thing, name))
        return {thing for thing in (reach_parts(found) if spread else found) if not thing.module}

    def _results(self, call: Call, made: Thing, frame: Frame | None, depth: int) -> set[Thing]:
        """What a call may return; what its new object keeps is added to ``made``."""
        if call.implicit:
            return self._given_by_python(call, frame, depth)
        found: set[Thing] = set()
        callees = self._callees(call, frame, depth)
        name = call.path[-1]
        if name == "__new__" and call.args:
            kinds = self._sorted(self.objects(call.args[0], frame, depth, spread=False))
            return {self.instance(kind) for kind in kinds if isinstance(kind.definition, ast.ClassDef)}
        if not (callees or call.receiver or name in purity.CALLERS or purity.looks(name)):
            made.hold(self.index, self._functions_given(call, frame))  # a library may have wrapped them
            found |= self._given_by_instances(call, frame)
        for callee in callees:
            found |= self._given_by(callee, call, made, frame, depth)
        if not callees and keeps_arguments(call):
            self._hold_arguments(made, call, frame, depth)
        if call.receiver is not None:
            found |= self._made_by_methods(call, call.receiver, made, frame, depth)
        elif not callees:
            for thing in self._sorted(thing for thing in self._named(call.path[:1], frame) if thing.kinds):
                found |= self.given_by_methods("__call__", thing, call, frame, frozenset({thing}))
        return found

    def _given_by(self, callee: Thing, call: Call, made: Thing, frame: Frame | None, depth: int) -> set[Thing]:
        """What a function or class of the notebook gives; one that keeps its results gives parts of itself."""
        if isinstance(callee.definition, ast.ClassDef):
            self._hold_arguments(self.instance(callee), call, frame, depth)
            return self.constructed(callee, call, frame)
        if not isinstance(callee.definition, FunctionNode):
            return set()
        inner = self._frame(callee.definition, call, frame, callee)
        found = set(self._given_back(callee.definition, inner, made, depth))
        if may_return_changeable(callee.definition):
            found |= {thing.cache for thing in self._named(call.path[:1], frame) if thing.cache}
        return found

    def instance(self, kind: Thing) -> Thing:
        """What a class makes as the statement runs: one object for all of them, so that its methods' work is its."""
        if kind not in self.instances:
            self.instances[kind] = Thing(self.index, named=True)
            self.instances[kind].hold(-1, [kind])
        return self.instances[kind]

    def constructed(self, kind: Thing, call: Call, frame: Frame | None) -> set[Thing]:
        """What a call of a class gives: a new instance, or what the notebook's own constructors give instead."""
        found = {self.instance(kind)} | {owner for node, owner in kind.classes().items() if shares_state(node)}
        for method, owner, own in self.constructors(kind):
            found |= self._returned(method, self._frame(method, call, frame, owner, own), 0)
        return found

    def constructors(self, kind: Thing) -> list[tuple[FunctionNode, Thing, list[Things]]]:
        """What makes a class's instances, all bound to the class: ``__new__``, and its metaclass's ``__call__``."""
        bind = frozenset({kind})
        found = own_methods("__new__", kind, bind)
        for metaclass in self._sorted(kind.metaclasses()) if "__call__" in self.world.methods else ():
            found += own_methods("__call__", metaclass, bind)
        return [(method, owner, [bind]) for method, owner, _ in found]

    def _hold_arguments(self, made: Thing, call: Call, frame: Frame | None, depth: int) -> None:
        for argument in call.arguments:
            made.hold(self.index, worth_holding(self.objects(argument, frame, depth, spread=False), self.index))

    def _made_by_methods(self, call: Call, receiver: Value, made: Thing, frame: Frame | None, depth: int) -> set[Thing]:
        """What a method gives that makes functions, or more than a part of its object."""
        found: set[Thing] = set()
        for thing in self._sorted(self.objects(receiver, frame, depth)):
            for method, owner, own in own_methods(call.path[-1], thing, frozenset({thing})):
                body = self.world.body(method)
                if body.generates or body.returns.made or _gives_more(body, free=not own):
                    inner = self._frame(method, call, frame, owner, own)
                    found |= self._given_back(method, inner, made, depth)
        return found

    def given_by_methods(self, name: str, thing: Thing, call: Call, frame: Frame | None, bind: Things) -> set[Thing]:
        """What a method of the notebook's classes gives, where it is more than a part of its object."""
        found: set[Thing] = set()
        for method, owner, own in own_methods(name, thing, bind):
            if _gives_more(self.world.body(method), free=not own):
                found |= self._returned(method, self._frame(method, call, frame, owner, own), 0)
        return found

    def _given_by_python(self, call: Call, frame: Frame | None, depth: int) -> set[Thing]:
        """What special methods give, where classes of the notebook define them."""
        names = sorted(self.world.special.intersection(call.path)) if call.receiver else []
        found: set[Thing] = set()
        for thing in self._sorted(self.objects(call.receiver, frame, depth)) if call.receiver and names else ():
            for name in names:
                found |= self.given_by_methods(name, thing, call, frame, frozenset({thing}))
        return found

    def _given_by_instances(self, call: Call, frame: Frame | None) -> set[Thing]:
        """What a call of an object that a library made may give: what it holds, as a weak reference does."""
        called = self._named(call.path, frame) if call.direct and len(call.path) == 1 else ()
        return {
            part
            for thing in called
            if not (thing.definition or thing.module or thing.kinds or thing.functions)
            for part in reach_parts(thing.holds)
            if not (part.definition or part.module)
        }

    def _functions_given(self, call: Call, frame: Frame | None) -> list[Thing]:
        return [self._made(definition, frame) for value in call.arguments for definition in value.made]

    def _given_back(self, definition: FunctionNode, frame: Frame, made: Thing, depth: int) -> Things:
        """What a function returns; a generator keeps its frame, and goes on where it was."""
        body = self.world.body(definition)
        made.lazy |= body.returns.lazy
        if body.generates:
            held = Thing(self.index, definition=definition, enclosed=frame)
            held.hold(self.index, {thing for things in frame.values() for thing in things})
            made.hold(self.index, [held])
        return self._returned(definition, frame, depth)

    def _returned(self, definition: FunctionNode, frame: Frame, depth: int) -> Things:
        """What a function returns for these arguments; asked again, or by itself, it is not computed again."""
        entry = self.entry(definition, frame)
        if entry not in self.returned:
            followed = len(self.returned) < MOST_CALLS and depth + 1 < DEEPEST
            self.returned[entry] = frozenset()
            returns = self.world.body(definition).returns
            found = self.objects(returns, frame, depth + 1) if followed else self._perhaps_returned(definition, frame)
            self.returned[entry] = frozenset(found)
        return self.returned[entry]

    def _perhaps_returned(self, definition: FunctionNode, frame: Frame) -> set[Thing]:
        """All that a call which is not followed may return."""
        given = {thing for things in frame.values() for thing in things}
        may = self.unfollowed(definition, given)
        return reach_parts(self._named(may.returned, None) | (given if may.returns_given else set()))

    def unfollowed(self, definition: FunctionNode, given: Iterable[Thing]) -> Summary:
        """What a call that is not followed may do; the functions that it is given may be called."""
        functions = frozenset(
            thing.definition for thing in reach(given) if isinstance(thing.definition, FunctionNode)
        ) | {definition}
        if functions not in self.summaries:
            self.summaries[functions] = summary(self.world, sorted(functions, key=lambda each: each.lineno))
        return self.summaries[functions]

    def made_unseen(self, functions: Iterable[FunctionNode], given: Iterable[Thing]) -> set[Thing]:
        """The functions that calls which are not followed make: what is around them may be anything of the given."""
        around = frozenset(given)
        outer = {function: dict.fromkeys(self.world.body(function).outer, around) for function in functions}
        return {Thing(self.index, definition=function, enclosed=frame) for function, frame in outer.items()}

    def entry(self, definition: FunctionNode, frame: Frame) -> Entry:
        """A call as far as it can matter: the arguments' objects that were there before the statement."""
        return definition, tuple((name, reach_back(things, self.index)) for name, things in sorted(frame.items()))

    def _callees(self, call: Call, frame: Frame | None, depth: int) -> list[Thing]:
        """The notebook's own functions and classes that a call may enter, in a fixed order."""
        if call.callee is not None:
            found = self.objects(call.callee, frame, depth)
        else:
            known = call.direct and len(call.path) == 1
            found = frozenset(self._named([call.path[0]], frame) if known else ())
        return [thing for thing in self._sorted(found) if thing.definition is not None]

    def _sorted(self, things: Iterable[Thing]) -> list[Thing]:
        """The objects in one order, whatever their addresses are."""
        return sorted(
            things, key=lambda thing: (thing.module or "", getattr(thing.definition, "lineno", 0), thing.number)
        )

    def _frame(
        self,
        definition: FunctionNode,
        call: Call,
        frame: Frame | None,
        thing: Thing,
        own: list[Things] | None = None,
    ) -> Frame:
        """What the names of a called function, and of those around it, stand for."""
        body = self.world.body(definition)
        given = [*(own or []), *(frozenset(self.objects(value, frame)) for value in call.args)]
        names = {name: parameter(name, body.level) for name in body.parameters}
        inner = dict(zip(names.values(), given, strict=False))
        rest = frozenset[Thing]().union(*given[len(body.parameters) :])
        others = definition.args.kwarg
        for name, value in call.keywords:
            things = frozenset(self.objects(value, frame))
            if name in names:
                inner[names[name]] = things
            elif others and name != "**":
                inner[names[others.arg]] = inner.get(names[others.arg], frozenset()) | things
            else:
                rest |= things
        for name in body.defaults:
            inner.setdefault(names[name], thing.defaults.get((definition, name), frozenset()))
        for name in names.values() if rest else ():
            inner[name] = inner.get(name, frozenset()) | rest
        return self._with_shared(definition, {**thing.enclosed, **inner})

    def _with_shared(self, definition: FunctionNode, frame: Frame) -> Frame:
        """With what a function's local names stand for that inner functions share."""
        body = self.world.body(definition)
        entry = self.entry(definition, frame) if body.shared else (definition, ())
        for name in sorted(body.shared):
            if (entry, name) not in self.shared:
                self.shared[entry, name] = frozenset({Thing(self.index, named=True)})
            frame[local(name, body.level)] = self.shared[entry, name]
        return frame

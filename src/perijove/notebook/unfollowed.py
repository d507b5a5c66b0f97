"""What a call may do that the replay does not follow: without its order, and too much rather than too little."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from perijove.notebook import process_state, purity, special_methods
from perijove.notebook.effects import Assign, Body, Call, Change, Consume, Effect, Hold, Value, stem
from perijove.notebook.scopes import FunctionNode, functions_in, is_bare_function
from perijove.notebook.summaries import Closure, Summary
from perijove.notebook.world import World


@dataclass(slots=True)
class _Own:
    """What one body does, whatever the names stand for: its summary, and what it may call.

    ``made`` are the functions that it makes, ``methods`` the names of methods, ``calls`` what it calls by a name.
    """

    sums: Summary = field(default_factory=Summary)
    made: dict[FunctionNode, None] = field(default_factory=dict)
    methods: dict[str, None] = field(default_factory=dict)
    calls: list[tuple[tuple[str, ...], Call]] = field(default_factory=list)

    def note(self, effect: Effect) -> None:
        match effect:
            case Change(value):
                self.changes(value)
            case Hold(container, value):
                self.changes(container)
                self._holds(value)
            case Consume(value):
                self._consumes(value)
            case Assign(name, value):
                self.sums.bound.add(name)
                self._holds(value)
            case Call():
                self._call(effect)

    def changes(self, value: Value) -> None:
        self.sums.changes_given |= self._split(value, self.sums.changed)

    def _holds(self, value: Value) -> None:
        self.sums.holds_given |= self._split(value, self.sums.held)
        self.sums.made |= self.made.keys()

    def returns(self, value: Value) -> None:
        self.sums.returns_given |= self._split(value, self.sums.returned)

    def _consumes(self, value: Value) -> None:
        self.sums.consumes_given |= self._split(value, self.sums.consumed)
        self.methods.update(dict.fromkeys(special_methods.ITERATION))

    def _split(self, value: Value, names: set[str]) -> bool:
        """Add the names of the module that a value may have come from; whether it may have been given, or is local."""
        found = self._names(value)
        names |= {name for name in found if not name.startswith("<")}
        return any(name.startswith("<") for name in found)

    def _names(self, value: Value) -> set[str]:
        """The names that a value may have come from; what it calls is noted on the way."""
        self.made.update(dict.fromkeys(each for each in value.made if isinstance(each, FunctionNode)))
        names = {stem(name) for name in value.origins}
        for call in value.written_calls:
            for given in (*call.arguments, *filter(None, [call.receiver, call.callee])):
                names |= self._names(given)
        return names

    def _call(self, call: Call) -> None:
        for value in call.arguments:
            self._split(value, self.sums.passed)
        name = call.path[-1] if call.path else ""
        if call.implicit:
            self.methods.update(dict.fromkeys(call.path))
            return
        if call.receiver is not None:
            self.methods[name] = None
            if name in purity.MUTATORS:
                self.changes(call.receiver)
                for value in call.arguments:
                    self._holds(value)
        if call.args and (name in purity.CHANGING_METHODS or name in purity.CHANGING_BUILTINS):
            self.changes(call.args[0])
        self.calls.extend(((called,), call) for called in sorted(self._names(call.callee) if call.callee else ()))
        self.calls.append((call.path, call))


@lru_cache(maxsize=2048)
def _own(body: Body) -> _Own:
    found = _Own()
    for effect in body.effects:
        found.note(effect)
    found.returns(body.returns)
    return found


def summary(world: World, roots: Collection[FunctionNode]) -> Summary:
    """Sum up the functions and all that they may call."""
    found = Closure()
    for root in roots:
        if root not in found.members:
            found.add(_closure(world, root))
    sums = found.sums
    sums.holders = set(sums.changed)
    if sums.changes_given:
        sums.changed |= {name for name in sums.passed if not _is_function(world, name)}
    return sums


def _is_function(world: World, name: str) -> bool:
    """Whether a name stands for functions alone: whatever is given those calls them."""
    return all(is_bare_function(thing.definition) for thing in world.things(name))


def _holds(closure: Closure, world: World) -> bool:
    """Whether what was looked up is still so."""
    return (
        all(world.things(name) == things for name, things in closure.names.items())
        and all(len(thing.functions) == count for thing, count in closure.functions.items())
        and all(len(world.methods.get(name, ())) == count for name, count in closure.methods.items())
    )


def _closure(world: World, root: FunctionNode) -> Closure:
    """What is known of a function and all that it may call, found anew where that has changed."""
    known = world.closures.get(root)
    if known is None or not _holds(known, world):
        known = world.closures[root] = _Search(world, root).found
    return known


class _Search:
    def __init__(self, world: World, root: FunctionNode) -> None:
        self._world = world
        self.found = Closure(members={root})
        self._functions = [root]
        for function in self._functions:  # it grows as it is read
            known = world.closures.get(function)
            if known is not None and _holds(known, world):
                self.found.add(known)
            else:
                self._search(_own(world.body(function)))

    def _search(self, own: _Own) -> None:
        self.found.sums.add(own.sums)
        self._add(own.made)
        self._methods(own.methods)
        for path, call in own.calls:
            if path and not path[0].startswith("<"):
                self._named(path, call)

    def _named(self, path: tuple[str, ...], call: Call) -> None:
        things = self.found.names[path[0]] = self._world.things(path[0])
        for thing in things:
            if isinstance(thing.definition, FunctionNode):
                self._add([thing.definition])
            elif thing.definition is not None:
                self._add(functions_in(thing.definition.body))
            elif thing.module:
                self._library(".".join((thing.module, *path[1:])), call)
            self.found.functions[thing] = len(thing.functions)
            self._add(held.definition for held in thing.functions if isinstance(held.definition, FunctionNode))

    def _library(self, dotted: str, call: Call) -> None:
        place = purity.changed_argument(dotted)
        if place is not None and place < len(call.args):
            given = _Own()
            given.changes(call.args[place])
            self.found.sums.add(given.sums)
        generator = process_state.shared_generator(dotted)
        if generator is not None:
            self.found.sums.generators.add(generator)
        elif process_state.is_setting(dotted, direct=call.direct) and not call.scoped:
            self.found.sums.settings.add(dotted)

    def _methods(self, names: Iterable[str]) -> None:
        for name in names:
            classes = self._world.methods.get(name, ())
            self.found.methods[name] = len(classes)
            for node in classes:
                self._add(child for child in functions_in(node.body) if child.name == name)

    def _add(self, functions: Iterable[FunctionNode]) -> None:
        for function in functions:
            if function not in self.found.members:
                self.found.members.add(function)
                self._functions.append(function)

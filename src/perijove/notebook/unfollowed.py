"""What a call may do that the replay does not follow: without its order, and too much rather than too little."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from perijove.notebook import process_state, purity, special_methods
from perijove.notebook.effects import Assign, Body, Call, Change, Consume, Effect, Hold, Value, stem
from perijove.notebook.scopes import FunctionNode, functions_in, is_bare_function
from perijove.notebook.world import World


@dataclass(slots=True)
class Summary:
    """What some functions, and all that they may call, change, return, bind and set, by names of the module.

    Parameters and what is local stand together for all that a call was given: ``changes_given``, ``returns_given``.
    What is ``consumed`` changes where it is lazy, likewise what was given (``consumes_given``).
    ``passed`` are the names that a call is given, which whatever changes its arguments may change.
    """

    changed: set[str] = field(default_factory=set)
    consumed: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    generators: set[str] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)
    changes_given: bool = False
    consumes_given: bool = False
    returns_given: bool = False

    def add(self, other: "Summary") -> None:
        """Sum up another one, too."""
        self.changed |= other.changed
        self.consumed |= other.consumed
        self.passed |= other.passed
        self.returned |= other.returned
        self.bound |= other.bound
        self.changes_given |= other.changes_given
        self.consumes_given |= other.consumes_given
        self.returns_given |= other.returns_given


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
            case Change(value=value) | Hold(container=value):
                self.changes(value)
            case Consume(value):
                self._consumes(value)
            case Assign(name, value):
                self.sums.bound.add(name)
                self._names(value)
            case Call():
                self._call(effect)

    def changes(self, value: Value) -> None:
        self.sums.changes_given |= self._split(value, self.sums.changed)

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
        for call in value.calls:
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


def summary(world: World, roots: Iterable[FunctionNode]) -> Summary:
    """Sum up the functions and all that they may call."""
    return _Closure(world, roots).found


class _Closure:
    def __init__(self, world: World, roots: Iterable[FunctionNode]) -> None:
        self._world = world
        self.found = Summary()
        self._functions = list(dict.fromkeys(roots))
        self._seen = set(self._functions)
        for function in self._functions:  # it grows as it is read
            own = _own(world.body(function))
            self.found.add(own.sums)
            self._add(own.made)
            self._methods(own.methods)
            for path, call in own.calls:
                self._named(path, call)
        if self.found.changes_given:
            self.found.changed |= {name for name in self.found.passed if not self._is_function(name)}

    def _is_function(self, name: str) -> bool:
        """Whether a name stands for functions alone: whatever is given those calls them."""
        return all(is_bare_function(thing.definition) for thing in self._world.things(name))

    def _named(self, path: tuple[str, ...], call: Call) -> None:
        for thing in self._world.things(path[0]) if path else ():
            if isinstance(thing.definition, FunctionNode):
                self._add([thing.definition])
            elif thing.definition is not None:
                self._add(functions_in(thing.definition.body))
            elif thing.module:
                self._library(".".join((thing.module, *path[1:])), call)
            self._add(held.definition for held in thing.functions if isinstance(held.definition, FunctionNode))

    def _library(self, dotted: str, call: Call) -> None:
        place = purity.changed_argument(dotted)
        if place is not None and place < len(call.args):
            given = _Own()
            given.changes(call.args[place])
            self.found.add(given.sums)
        generator = process_state.shared_generator(dotted)
        if generator is not None:
            self.found.generators.add(generator)
        elif process_state.is_setting(dotted, direct=call.direct) and not call.scoped:
            self.found.settings.add(dotted)

    def _methods(self, names: Iterable[str]) -> None:
        for name in names:
            for node in self._world.methods.get(name, ()):
                self._add(child for child in functions_in(node.body) if child.name == name)

    def _add(self, functions: Iterable[FunctionNode]) -> None:
        for function in functions:
            if function not in self._seen:
                self._seen.add(function)
                self._functions.append(function)

"""What a call may do that the replay does not follow: without its order, and too much rather than too little."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from perijove.notebook import process_state, purity, special_methods
from perijove.notebook.effects import Assign, Call, Change, Consume, Effect, Hold, Value, stem
from perijove.notebook.scopes import FunctionNode, functions_in
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


def summary(world: World, roots: Iterable[FunctionNode]) -> Summary:
    """Sum up the functions and all that they may call."""
    return _Closure(world, roots).found


class _Closure:
    def __init__(self, world: World, roots: Iterable[FunctionNode]) -> None:
        self._world = world
        self.found = Summary()
        functions = dict.fromkeys(roots)
        self._functions = list(functions)
        self._seen = set(functions)
        for function in self._functions:  # it grows as it is read
            body = world.body(function)
            for effect in body.effects:
                self._note(effect)
            names = self._names(body.returns)
            self.found.returned |= {name for name in names if not name.startswith("<")}
            self.found.returns_given |= any(name.startswith("<") for name in names)
        if self.found.changes_given:
            self.found.changed |= self.found.passed

    def _note(self, effect: Effect) -> None:
        match effect:
            case Change(value=value, sure=True) | Hold(container=value):
                self._changes(value)
            case Consume(value):
                self._consumes(value)
            case Assign(name, value):
                self.found.bound.add(name)
                self._names(value)
            case Call():
                self._call(effect)

    def _changes(self, value: Value) -> None:
        names = self._names(value)
        self.found.changed |= {name for name in names if not name.startswith("<")}
        self.found.changes_given |= any(name.startswith("<") for name in names)

    def _consumes(self, value: Value) -> None:
        names = self._names(value)
        self.found.consumed |= {name for name in names if not name.startswith("<")}
        self.found.consumes_given |= any(name.startswith("<") for name in names)
        self._methods(special_methods.ITERATION)

    def _names(self, value: Value) -> set[str]:
        """The names that a value may have come from; what it calls is noted on the way."""
        self._add(definition for definition in value.made if isinstance(definition, FunctionNode))
        names = {stem(name) for name in value.origins}
        for call in value.calls:
            for given in (*call.arguments, *filter(None, [call.receiver, call.callee])):
                names |= self._names(given)
        return names

    def _call(self, call: Call) -> None:
        given = set[str]().union(*(self._names(value) for value in call.arguments))
        self.found.passed |= {name for name in given if not name.startswith("<")}
        name = call.path[-1] if call.path else ""
        if call.implicit:
            self._methods(call.path)
            return
        if call.receiver is not None:
            self._methods([name])
            if name in purity.MUTATORS:
                self._changes(call.receiver)
        if call.args and (name in purity.CHANGING_METHODS or name in purity.CHANGING_BUILTINS):
            self._changes(call.args[0])
        for called in self._names(call.callee) if call.callee else ():
            self._named((called,), call)
        self._named(call.path, call)

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
            self._changes(call.args[place])
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

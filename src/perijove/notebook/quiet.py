"""Which functions do nothing but give a value: a replay passes over their calls."""

import ast
from collections.abc import Iterable

from perijove.notebook import process_state, purity, special_methods
from perijove.notebook.effects import Call, Consume, Effect, Value, stem
from perijove.notebook.scopes import FunctionNode, functions_in, is_wrapped
from perijove.notebook.things import Thing, Things, reach
from perijove.notebook.world import World

# Methods that texts have, and that libraries' objects of the same name do not change anything by.
_OF_TEXTS = purity.words(
    """
    capitalize casefold center endswith expandtabs format isalnum isalpha isdecimal isdigit islower isspace istitle
    isupper ljust lower lstrip partition removeprefix removesuffix replace rjust rpartition rsplit rstrip split
    splitlines startswith strip swapcase title upper zfill
    """
)


class Quiet:
    """Tells quiet functions, for as long as no name comes to stand for something else."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[FunctionNode, bool] = {}
        self._reading: set[FunctionNode] = set()

    def forget(self) -> None:
        """A name stands for something else: what was found may be true no longer."""
        self._known.clear()
        self._reading.clear()

    def __contains__(self, definition: FunctionNode) -> bool:
        return self._is_known(definition) and definition not in self._reading

    def only_reads(self, definition: FunctionNode, given: Iterable[Things]) -> bool:
        """Whether a call does nothing but read through what it is given, and none of that is lazy."""
        return self._is_known(definition) and not _any_lazy(thing for things in given for thing in things)

    def _is_known(self, definition: FunctionNode) -> bool:
        if definition not in self._known:
            self._known[definition] = self._finds_nothing(definition)
        return self._known[definition]

    def _finds_nothing(self, definition: FunctionNode) -> bool:
        """Whether neither the function nor any that it may call does anything; those are then quiet, too."""
        closure = {definition: True}
        queue = [definition]
        reads = False
        for function in queue:  # it grows as it is read
            for effect in self._world.body(function).effects:
                called = self._called_by(effect)
                if called is None:
                    return False
                reads = reads or isinstance(effect, Consume)
                queue.extend(each for each in called if each not in closure)
                closure.update(dict.fromkeys(called, True))
        self._known.update(closure)
        self._reading |= closure.keys() if reads else set()
        return True

    def _called_by(self, effect: Effect) -> list[FunctionNode] | None:
        """The functions that an effect may call; None where it may do anything else."""
        match effect:
            case Consume(value):
                return self._read(value)
            case Call(path=(*_, name), keywords=keywords) if name in purity.WRITERS and "file" in dict(keywords):
                return None
            case Call(implicit=True, path=names):
                return self._methods(names)
            case Call(path=(*_, name), receiver=receiver) if receiver is not None:
                text = name in _OF_TEXTS and name not in self._world.methods
                return [] if text or self._is_of_library(effect) else None
            case Call(callee=Value(made=made) as callee) if made and not (callee.origins or callee.calls):
                return _functions(made)
            case Call(path=(name,), callee=None) if not name.startswith("<"):
                return self._named(name)
        return None

    def _read(self, value: Value) -> list[FunctionNode] | None:
        """What reading through a value may call; None where it uses something up that has a name."""
        named = {thing for name in value.origins for thing in self._world.things(stem(name))}
        if _any_lazy(named) or not self._world.special.isdisjoint(special_methods.ITERATION):
            return None
        return _functions(value.made)

    def _is_of_library(self, call: Call) -> bool:
        """Whether a call is of a library's function that does nothing to what it is given, nor to the process."""
        things = self._world.things(call.path[0]) if call.direct else ()
        return bool(things) and all(
            thing.module and _does_nothing(".".join((thing.module, *call.path[1:])), call) for thing in things
        )

    def _named(self, name: str) -> list[FunctionNode] | None:
        things = self._world.things(name)
        if not things:
            return None if name in purity.CHANGING_BUILTINS else self._methods(special_methods.BUILTINS.get(name, ()))
        found = [thing.definition for thing in things if isinstance(thing.definition, FunctionNode)]
        return found if len(found) == len(things) else None

    def _methods(self, names: Iterable[str]) -> list[FunctionNode] | None:
        """The methods of these names of any class; None where one is made by a call, or by a decorator."""
        found: list[FunctionNode] = []
        for name in names:
            for node in self._world.methods.get(name, ()):
                own = [child for child in functions_in(node.body) if child.name == name]
                if not own or any(is_wrapped(child) for child in own):
                    return None
                found.extend(own)
        return found


def _does_nothing(dotted: str, call: Call) -> bool:
    acts = process_state.shared_generator(dotted) or process_state.is_setting(dotted)
    draws = process_state.draws_unseeded(call.path[-1], frozenset(name for name, _ in call.keywords))
    writes = call.path[-1] in purity.WRITERS
    return not (acts or draws or writes) and purity.changed_argument(dotted) is None


def _functions(made: Iterable[ast.AST]) -> list[FunctionNode] | None:
    """The definitions that are functions; None where a class is among them."""
    definitions = [*made]
    found = [definition for definition in definitions if isinstance(definition, FunctionNode)]
    return found if len(found) == len(definitions) else None


def _any_lazy(things: Iterable[Thing]) -> bool:
    return any(thing.lazy for thing in reach(things))

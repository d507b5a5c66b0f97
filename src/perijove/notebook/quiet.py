"""Which functions do nothing but give a value, whatever they are given: a replay passes over their calls."""

from collections.abc import Iterable

from perijove.notebook import purity, special_methods
from perijove.notebook.effects import Call, Change, Effect
from perijove.notebook.scopes import FunctionNode, functions_in, is_wrapped
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

    def forget(self) -> None:
        """A name stands for something else: what was found may be true no longer."""
        self._known.clear()

    def __contains__(self, definition: FunctionNode) -> bool:
        if definition not in self._known:
            self._known[definition] = self._finds_nothing(definition)
        return self._known[definition]

    def _finds_nothing(self, definition: FunctionNode) -> bool:
        """Whether neither the function nor any that it may call does anything; those are then quiet, too."""
        closure = {definition: True}
        queue = [definition]
        for function in queue:  # it grows as it is read
            for effect in self._world.body(function).effects:
                called = self._called_by(effect)
                if called is None:
                    return False
                queue.extend(each for each in called if each not in closure)
                closure.update(dict.fromkeys(called, True))
        self._known.update(closure)
        return True

    def _called_by(self, effect: Effect) -> list[FunctionNode] | None:
        """The functions that an effect may call; None where it may do anything else."""
        match effect:
            case Change(sure=False):
                return []  # in a called function, only what surely changes counts
            case Call(implicit=True, path=names):
                return self._methods(names)
            case Call(path=(*_, name), receiver=receiver) if receiver is not None:
                return [] if name in _OF_TEXTS and name not in self._world.methods else None
            case Call(path=(name,), callee=None) if not name.startswith("<"):
                return self._named(name)
        return None

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

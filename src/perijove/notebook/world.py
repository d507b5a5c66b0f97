"""What a replay needs of the history that it is a part of."""

import ast
from typing import Protocol

from perijove.notebook.effects import Body
from perijove.notebook.scopes import FunctionNode
from perijove.notebook.summaries import Closures
from perijove.notebook.things import Things


class World(Protocol):
    """What a replay needs of the history: the names' objects, and a place to note what happens.

    ``methods`` tells which of the notebook's classes define a method, ``special`` those that Python itself calls;
    ``closures`` keeps what was found of functions that are not followed.
    """

    methods: dict[str, list[ast.ClassDef]]
    special: set[str]
    closures: Closures

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

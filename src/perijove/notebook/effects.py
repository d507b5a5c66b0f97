"""The vocabulary of effects: what an expression's value may be, and what running code does to objects.

Names stand for objects, which the replay resolves. In a function's body a local name stands for the parameters and
globals it may come from; a parameter is written ``<name>``, and ``<local name>`` is what a local name that inner
functions share may stand for. Those of a function inside another begin with a dot more. ``name()`` stands for what a
call of something of ``name`` gave: it may be any part of it, but never a module itself; ``name.read()`` for what
reading gave, which is text or bytes where ``name`` is an open file, and has nothing to do with the file any more;
``name.shape()`` for its shape or the like: numbers, unless a class of the notebook's means something else by it.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from perijove.notebook.scopes import FunctionNode

Definition = FunctionNode | ast.ClassDef
Origins = frozenset[str]
NONE: Origins = frozenset()
READ = ".read()"
SHAPE = ".shape()"
_READING_METHODS = frozenset({"read", "read1", "readall", "readline", "readlines"})
# What arrays and tables have of numbers.
_NUMBERS = frozenset({"dtype", "itemsize", "nbytes", "ndim", "shape", "size", "strides"})


def parameter(name: str, level: int) -> str:
    """How a parameter is written of a function inside ``level`` others."""
    return f"<{'.' * level}{name}>"


def local(name: str, level: int) -> str:
    """How a local name is written of a function inside ``level`` others."""
    return f"<{'.' * level}local {name}>"


def given_by(origins: Origins, method: str = "") -> Origins:
    """What a call of something of these gives, or of that method."""
    given = READ if method in _READING_METHODS else "()"
    return frozenset(name if name.endswith("()") else f"{name}{given}" for name in origins)


def stem(name: str) -> str:
    """The name that a call was of something of."""
    return name.removesuffix(READ).removesuffix(SHAPE).removesuffix("()")


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression's value may be, by the names it comes from.

    It may be the ``same`` object as a name's, a ``part`` of one (an item, an attribute, an element), a new object
    that ``holds`` others, or the result of ``calls``, or a part of that (``inside``). ``made`` are functions and
    classes made on the way, which it may be or hold. ``lazy``: reading it uses it up. ``method``: it is that method of
    the parts, bound.
    """

    same: Origins = NONE
    part: Origins = NONE
    holds: Origins = NONE
    calls: tuple["Call", ...] = ()
    made: frozenset[Definition] = frozenset()
    lazy: bool = False
    method: str | None = None
    inside: bool = False

    def __or__(self, other: "Value") -> "Value":
        return Value(
            self.same | other.same,
            self.part | other.part,
            self.holds | other.holds,
            self.calls + other.calls,
            self.made | other.made,
            self.lazy or other.lazy,
            self.method or other.method,
            self.inside or other.inside,
        )

    @property
    def origins(self) -> Origins:
        """Every name that it has to do with."""
        return self.same | self.part | self.holds

    @property
    def is_known(self) -> bool:
        """Whether it has to do with anything at all."""
        return bool(self.origins or self.calls or self.made)

    @property
    def written_calls(self) -> list["Call"]:
        """The calls that the text itself makes."""
        return [call for call in self.calls if not call.implicit]

    @property
    def is_given(self) -> bool:
        """Whether it is what a function was given, and nothing else."""
        return len(self.same) == 1 and self.origins == self.same and not self.calls

    @property
    def shared(self) -> "Value":
        """Of what a name of an outer function stands for, what its functions share."""
        names = frozenset(name for name in self.same if "local " in name)
        return Value(same=names or self.same)

    def a_part(self, method: str | None = None) -> "Value":
        """What an item, an attribute or an element of it may be."""
        return Value(part=self.origins, calls=self.calls, made=self.made, method=method, inside=bool(self.calls))

    def numbers(self, attribute: str) -> "Value":
        """It, being what an attribute gives: of some attributes mere numbers."""
        if attribute not in _NUMBERS:
            return self
        return replace(self, part=frozenset(f"{stem(origin)}{SHAPE}" for origin in self.part))

    def elements(self) -> "Value":
        """What a method of it may give to the functions that it calls: never a module."""
        return Value(part=given_by(self.origins), calls=self.calls, inside=bool(self.calls))


def holding(values: Iterable[Value]) -> Value:
    """A new object that holds others, and what calls give."""
    found = list(values)
    made = frozenset[Definition]().union(*(value.made for value in found))
    calls = tuple(call for value in found for call in value.calls[-1:])
    return Value(holds=NONE.union(*(value.origins for value in found)), calls=calls, made=made)


@dataclass(frozen=True, slots=True)
class Change:
    """The objects that ``value`` may be change; ``item``: an item of theirs is set or deleted."""

    value: Value
    item: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """The objects that ``container`` may be come to hold those of ``value``."""

    container: Value
    value: Value


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of a dotted name, which starts with a name of the module.

    ``callee`` is what is called, where no one name tells; ``receiver`` is what a method is called on; ``direct``:
    nothing else is called on the way to the callee;
    ``bare``: the result is thrown away; ``certain``: nothing decides whether it happens; ``shown``: the result is only
    printed or displayed; ``scoped``: it opens a ``with`` block, whose end undoes it; ``chained``: a method of the
    result is called. ``implicit``: Python itself makes the call, of the special methods or the property that the
    path names, where a class of the notebook defines one.
    """

    path: tuple[str, ...]
    args: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()
    receiver: Value | None = None
    direct: bool = True
    bare: bool = False
    certain: bool = True
    shown: bool = False
    scoped: bool = False
    chained: bool = False
    implicit: bool = False
    callee: Value | None = None

    @property
    def arguments(self) -> tuple[Value, ...]:
        """Positional and keyword arguments."""
        return (*self.args, *(value for _, value in self.keywords))


@dataclass(frozen=True, slots=True)
class Consume:
    """The objects that ``value`` may be are read through; those that are lazy are then used up."""

    value: Value


@dataclass(frozen=True, slots=True)
class Assign:
    """A name of the module comes to stand for ``value``; ``certain``: nothing decides whether it does."""

    name: str
    value: Value
    certain: bool = True


Effect = Change | Hold | Call | Consume | Assign


@dataclass(slots=True, eq=False)
class Body:
    """A function's effects when called; or a statement's, when it runs.

    ``level``: inside how many other functions it stands; ``parameters`` in the order of the signature, ``defaults``
    what those stand for that can change; ``returns`` what it may return; ``shared`` are its local names that inner
    functions use, ``outer`` what it uses of the functions around it; ``inner`` are the bodies of the functions that it
    makes; ``generates``: it is a generator; ``makes_callables``: what it returns may look up names later.
    """

    effects: tuple[Effect, ...]
    level: int = 0
    parameters: tuple[str, ...] = ()
    defaults: dict[str, Value] = field(default_factory=dict)
    returns: Value = field(default_factory=Value)
    shared: frozenset[str] = frozenset()
    outer: Origins = NONE
    inner: dict[FunctionNode, "Body"] = field(default_factory=dict)
    generates: bool = False
    makes_callables: bool = False

"""The functions that a call is given: it may call them, with whatever."""

from collections.abc import Iterator

from perijove.notebook import purity
from perijove.notebook.effects import NONE, Call, Value


def applied(call: Call) -> Iterator[Call]:
    """The calls that a caller of functions may make; most of what it is given is mere data.

    What is given first, or by keyword, is called with the elements of the other arguments, or with these; that of
    a method, with the elements of its object, too.
    """
    leading = [*call.args[:1], *(value for _, value in call.keywords)]
    own = call.receiver.elements() if call.receiver else Value()
    for value in call.arguments:
        others = Value(part=NONE.union(*(other.origins for other in call.arguments if other is not value))) | own
        given = (("**", others),) if others.is_known and value in leading else ()
        yield from _calls_of(value, given)


def _calls_of(value: Value, given: tuple[tuple[str, Value], ...]) -> Iterator[Call]:
    """The calls of what a value may be: what names stand for, functions made on the way, a method bound to parts."""
    for name in sorted(value.same):
        yield Call((name,), keywords=given, certain=False, shown=True)
    if value.made:
        made = Value(made=value.made)
        yield Call(("<unknown>",), keywords=given, direct=False, certain=False, shown=True, callee=made)
    if value.method:
        owner = Value(part=value.part, calls=value.calls)
        looks = value.method not in purity.MUTATORS
        yield Call(("<unknown>", value.method), receiver=owner, keywords=given, certain=False, shown=looks)

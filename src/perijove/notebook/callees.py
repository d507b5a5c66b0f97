"""What the text of a call tells of what is called."""

import ast
from typing import TypeGuard

from perijove.notebook import purity
from perijove.notebook.effects import Call
from perijove.notebook.reads import last_name

SUPER = "super"


def does_more_than_look(node: ast.AST) -> bool:
    """Whether code calls anything that may do more than look."""
    names = (last_name(inner.func) or "" for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return any(name not in purity.LOOKING_BUILTINS and not purity.looks(name) for name in names)


def found_by_getattr(func: ast.expr) -> ast.expr | None:
    """The attribute that a callee is, when ``getattr`` finds it by a name in the text."""
    match func:
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str(name)), *_]):
            return ast.copy_location(ast.Attribute(owner, name, ast.Load()), func)
    return None


def is_super(node: ast.expr) -> TypeGuard[ast.Call]:
    """Whether it is a call of ``super``, with or without arguments."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == SUPER


def is_direct(node: ast.expr) -> bool:
    """Whether a callee is a plain dotted name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def last_attribute(node: ast.expr) -> tuple[str, ...]:
    return (node.attr,) if isinstance(node, ast.Attribute) else ()


def keeps_arguments(call: Call) -> bool:
    """Whether what a call gives keeps hold of its arguments, as containers, wrappers and instances do."""
    name = call.path[-1]
    if call.path == ("open",):  # a path is text
        return False
    return name in purity.WRAPPERS or name in purity.GIVING_ELEMENTS or name[:1].isupper() or _keeps_objects(call, name)


def _keeps_objects(call: Call, name: str) -> bool:
    """Whether a call that mostly makes numbers makes something of objects: a sum from a start, an array of objects."""
    if name == "sum":
        return len(call.args) > 1 or bool(call.keywords)
    kinds = (value for keyword, value in call.keywords if keyword == "dtype")
    return any(value.same <= {"object"} and not value.part for value in kinds)

"""What the text of a call tells of what is called."""

import ast
from functools import lru_cache
from typing import TypeGuard

from perijove.notebook import purity
from perijove.notebook.effects import Call, Definition
from perijove.notebook.reads import last_name
from perijove.notebook.scopes import block_scope, own_nodes, parameters

SUPER = "super"
_GIVING_CONSTANTS = purity.words("abs all any bool bytes float frozenset hash int join len max min ord round str sum")


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


@lru_cache(maxsize=1024)
def may_return_changeable(definition: Definition | None) -> bool:
    """Whether a function may return something of its own that can be changed, by its text: no number, no argument."""
    if isinstance(definition, ast.ClassDef | None):
        return False
    body = [ast.Return(definition.body)] if isinstance(definition, ast.Lambda) else definition.body
    given = {arg.arg for arg in parameters(definition.args)} - block_scope("function", body).bound
    known = frozenset(given | {getattr(definition, "name", "")})
    returned = [node.value for node in own_nodes(body) if isinstance(node, ast.Return) and node.value]
    return any(_is_changeable(value, known) for value in returned)


def _is_changeable(value: ast.expr, known: frozenset[str]) -> bool:
    match value:
        case ast.Constant() | ast.Compare() | ast.JoinedStr() | ast.UnaryOp() | ast.BinOp():
            return False
        case ast.IfExp(body=body, orelse=orelse):
            return _is_changeable(body, known) or _is_changeable(orelse, known)
        case ast.Tuple(elts=values) | ast.BoolOp(values=values):
            return any(_is_changeable(each, known) for each in values)
        case ast.Name(id=name):
            return name not in known
        case ast.Call(func=func):
            return last_name(func) not in known | _GIVING_CONSTANTS
    return True


def _keeps_objects(call: Call, name: str) -> bool:
    """Whether a call that mostly makes numbers makes something of objects: a sum from a start, an array of objects."""
    if name == "sum":
        return len(call.args) > 1 or bool(call.keywords)
    kinds = (value for keyword, value in call.keywords if keyword == "dtype")
    return any(value.same <= {"object"} and not value.part for value in kinds)

"""The callables that the module `operator` makes, written as the functions that its documentation gives for them."""

import ast
from functools import lru_cache

from perijove.notebook.reads import last_name

_GIVEN = "<given>"  # no name of the notebook


@lru_cache(maxsize=1024)
def as_function(node: ast.expr) -> ast.Lambda | None:
    """``itemgetter(2)`` as ``lambda given: given[2]``, likewise ``attrgetter`` and ``methodcaller``; None of others."""
    body = _body(node) if isinstance(node, ast.Call) else None
    if body is None:
        return None
    given = ast.arguments(
        posonlyargs=[], args=[ast.arg(_GIVEN)], kwonlyargs=[], kw_defaults=[], defaults=[], vararg=None, kwarg=None
    )
    return ast.fix_missing_locations(ast.copy_location(ast.Lambda(given, body), node))


def _body(node: ast.Call) -> ast.expr | None:
    given = ast.Name(_GIVEN, ast.Load())
    match last_name(node.func), node.args:
        case "itemgetter", [key]:
            return ast.Subscript(given, key, ast.Load())
        case "itemgetter", [_, *_] as keys:
            return ast.Tuple([ast.Subscript(given, key, ast.Load()) for key in keys], ast.Load())
        case "attrgetter", [path]:
            return _attribute(given, path)
        case "attrgetter", [_, *_] as dotted:
            return ast.Tuple([_attribute(given, path) for path in dotted], ast.Load())
        case "methodcaller", [ast.Constant(value=str(name)), *arguments]:
            return ast.Call(ast.Attribute(given, name, ast.Load()), arguments, node.keywords)
    return None


def _attribute(owner: ast.expr, path: ast.expr) -> ast.expr:
    """A part of ``owner``: the one that a dotted path in the text names."""
    if not (isinstance(path, ast.Constant) and isinstance(path.value, str)):
        return ast.Subscript(owner, path, ast.Load())
    for name in path.value.split("."):
        owner = ast.Attribute(owner, name, ast.Load())
    return owner

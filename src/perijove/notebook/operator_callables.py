"""Callables of the module `operator` and of built-in types, written as the functions that their documentation gives."""

import ast
import builtins
import types
from functools import lru_cache

from perijove.notebook.reads import last_name

_GIVEN, _REST = "<given>", "<rest>"  # no names of the notebook
_OF_PROPERTIES = frozenset({"__delete__", "__get__", "__set__", "fdel", "fget", "fset"})
_METHODS = (types.MethodDescriptorType, types.WrapperDescriptorType)


@lru_cache(maxsize=1024)
def as_function(node: ast.expr) -> ast.Lambda | None:
    """``itemgetter(2)`` as ``lambda given: given[2]``, likewise ``attrgetter`` and ``methodcaller``; None of others."""
    body = _body(node) if isinstance(node, ast.Call) else None
    if body is None:
        return None
    return _function(node, body)


def _function(node: ast.expr, body: ast.expr, rest: str = "") -> ast.Lambda:
    """A function of what it is given, at the place of ``node``."""
    parameters = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(_GIVEN)],
        vararg=ast.arg(rest) if rest else None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=[],
    )
    return ast.fix_missing_locations(ast.copy_location(ast.Lambda(parameters, body), node))


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


@lru_cache(maxsize=1024)
def method_of_type(node: ast.expr) -> ast.Lambda | None:
    """``list.append`` as ``lambda given, *rest: given.append(*rest)``, whatever the given object's class defines."""
    match node:
        case ast.Attribute(value=ast.Name(id=kind), attr=name):
            if not isinstance(getattr(getattr(builtins, kind, None), name, None), _METHODS):
                return None
            given, rest = ast.Name(_GIVEN, ast.Load()), ast.Name(_REST, ast.Load())
            own = ast.Call(ast.Name("super", ast.Load()), [ast.Name(kind, ast.Load()), given], [])
            body = ast.Call(ast.Attribute(own, name, ast.Load()), [ast.Starred(rest, ast.Load())], [])
            return _function(node, body, rest=_REST)
    return None


@lru_cache(maxsize=1024)
def as_method(node: ast.Call) -> ast.Call | None:
    """``A.x.fset(given, value)`` as ``super(A, given).x(value)``: a property's functions are methods of its class."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(value=kind, attr=name), attr=function), args=[given, *rest]
        ):
            if function not in _OF_PROPERTIES:
                return None
            own = ast.Call(ast.Name("super", ast.Load()), [kind, given], [])
            method = ast.Call(ast.Attribute(own, name, ast.Load()), rest, [])
            return ast.fix_missing_locations(ast.copy_location(method, node))
    return None


def _attribute(owner: ast.expr, path: ast.expr) -> ast.expr:
    """A part of ``owner``: the one that a dotted path in the text names."""
    if not (isinstance(path, ast.Constant) and isinstance(path.value, str)):
        return ast.Subscript(owner, path, ast.Load())
    for name in path.value.split("."):
        owner = ast.Attribute(owner, name, ast.Load())
    return owner

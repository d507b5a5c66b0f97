"""Which names a piece of code binds in its own scope: the compiler's rules, as far as one scope goes."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

Function = ast.FunctionDef | ast.AsyncFunctionDef
FunctionNode = Function | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_METHOD_KINDS = frozenset(
    {
        "abstractmethod",
        "cached_property",
        "classmethod",
        "deleter",
        "getter",
        "overload",
        "override",
        "property",
        "setter",
        "staticmethod",
    }
)
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, *COMPREHENSIONS)


@dataclass(slots=True)
class Scope:
    """A function's, lambda's, class's or comprehension's names. ``deferred``: its code runs when called, not now."""

    kind: str
    bound: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter, positional ones first, in the order of the signature."""
    starred = [arg for arg in (arguments.vararg, arguments.kwarg) if arg]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *starred]


def function_scope(node: Function | ast.Lambda) -> Scope:
    """The scope of a function's body: parameters and what the body binds, less its ``global`` and ``nonlocal``."""
    body = node.body if isinstance(node.body, list) else [node.body]
    scope = block_scope("function", body)
    scope.bound |= {arg.arg for arg in parameters(node.args)} - scope.globals
    return scope


def block_scope(kind: str, body: Iterable[ast.AST]) -> Scope:
    """The scope that ``body`` makes when it is a function's or a class's."""
    bound: set[str] = set()
    elsewhere: set[str] = set()
    declared: set[str] = set()
    for node in own_nodes(body):
        bound.update(stored_names(node))
        if isinstance(node, ast.Global):
            declared.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            elsewhere.update(node.names)
    return Scope(kind, bound - declared - elsewhere, declared)


def comprehension_scope(node: ast.AST) -> Scope:
    """The names a comprehension's ``for`` clauses bind (a walrus in it binds outside)."""
    generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
    targets = [inner for clause in generators for inner in ast.walk(clause.target)]
    return Scope("comprehension", {n.id for n in targets if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)})


def type_parameters(node: ast.AST) -> set[str]:
    """PEP 695's parameters of a function, class or type alias."""
    return {parameter.name for parameter in getattr(node, "type_params", [])}


def stored_names(node: ast.AST) -> Iterator[str]:
    """The names that this very node binds (not those of its children)."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from (bound_by_alias(alias) for alias in aliases if alias.name != "*")


def bound_by_alias(alias: ast.alias) -> str:
    """The name that ``import a.b as c`` binds."""
    return alias.asname or alias.name.partition(".")[0]


def every_node(root: ast.AST) -> list[ast.AST]:
    """What ``ast.walk`` gives, in its order, less the contexts that tell loads from stores."""
    found = [root]
    for node in found:  # it grows as it is read
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                found.extend(item for item in value if isinstance(item, ast.AST))
            elif isinstance(value, ast.AST) and name != "ctx":
                found.append(value)
    return found


def functions_in(body: Iterable[ast.AST]) -> list[Function]:
    """The functions that the statements of a body define, those in blocks apart."""
    return [child for child in body if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)]


@lru_cache(maxsize=1024)
def runs_when_called(definition: Function | ast.Lambda) -> bool:
    """Whether a call runs the body: no decorator stands between, and it is no generator or coroutine."""
    if isinstance(definition, ast.Lambda):
        return True
    waits = isinstance(definition, ast.AsyncFunctionDef) or any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(definition.body)
    )
    return not waits and not definition.decorator_list


def is_wrapped(method: Function) -> bool:
    """Whether a decorator makes something else of a method than Python's own do."""
    kinds = {getattr(decorator, "id", getattr(decorator, "attr", "")) for decorator in method.decorator_list}
    return not kinds <= _METHOD_KINDS


def is_bare_function(definition: ast.AST | None) -> bool:
    """Whether a definition gives a plain function, which no decorator made into something else."""
    return isinstance(definition, FunctionNode) and not getattr(definition, "decorator_list", [])


def own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of one scope: into blocks and expressions, not into the bodies of inner scopes."""
    stack = list(body)
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, COMPREHENSIONS):
            stack.extend(_walruses(node))
        elif isinstance(node, _INNER):
            stack.extend(_evaluated_outside(node))
        else:
            stack.extend(ast.iter_child_nodes(node))


def _walruses(node: ast.AST) -> Iterator[ast.AST]:
    return (inner.target for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))


def _evaluated_outside(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an inner scope's definition that its outer scope evaluates, where a walrus may hide."""
    yield from getattr(node, "decorator_list", [])
    yield from getattr(node, "bases", [])
    yield from (keyword.value for keyword in getattr(node, "keywords", []))
    arguments = getattr(node, "args", None)
    if isinstance(arguments, ast.arguments):
        yield from arguments.defaults
        yield from (default for default in arguments.kw_defaults if default)

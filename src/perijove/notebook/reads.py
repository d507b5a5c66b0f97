"""What code reads: names in expressions, and in everything that has a scope of its own."""

import ast
import re
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from perijove.notebook.namespaces import builtins_set, globals_item, is_namespace, namespace_update
from perijove.notebook.scopes import (
    Function,
    Scope,
    block_scope,
    comprehension_scope,
    function_scope,
    parameters,
    stored_names,
    type_parameters,
)

_AT_NAME = re.compile(r"@([A-Za-z_]\w*)")
_SQL_TABLE = re.compile(r"\b(?:from|join)\s+([A-Za-z_]\w*)", re.IGNORECASE)
_NAME_ERRORS = {"NameError"}
_ANNOTATIONS_ARE_LAZY = sys.version_info >= (3, 14)  # PEP 649


@dataclass(slots=True)
class Names:
    """A statement's names. Line numbers are those of the cell as Python (from 1).

    ``binds`` says of each name whether the statement binds it for certain; ``now`` are reads as the statement
    runs, ``later`` reads in bodies that run when called. ``optional`` reads may find nothing. ``written_later``
    are ``global`` names that a body assigns, ``annotations`` names in annotations that may never be evaluated.
    ``whole`` is the line of a ``globals()`` (or ``eval``) that may read any name, ``dynamic`` that of an ``exec``
    that may bind any, ``awaits`` that of an ``await`` at top level.
    """

    binds: dict[str, bool] = field(default_factory=dict)
    deletes: set[str] = field(default_factory=set)
    now: dict[str, int] = field(default_factory=dict)
    later: dict[str, int] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)
    written_later: set[str] = field(default_factory=set)
    annotations: set[str] = field(default_factory=set)
    stars: list[ast.ImportFrom] = field(default_factory=list)
    whole: int | None = None
    dynamic: int | None = None
    awaits: int | None = None

    @property
    def mentions(self) -> dict[str, int]:
        """The names that bodies surely read when they run, and those of annotations, each with its line."""
        return {n: line for n, line in self.later.items() if n not in self.optional or n in self.annotations}

    @property
    def certain_reads(self) -> set[str]:
        """The names without which the statement, or what it defines, would fail."""
        return (self.now.keys() | self.later.keys()) - self.optional


class ExpressionReader(ABC):
    """Walks expressions and inner scopes in the order they run; names ``assigned`` on the way are no needs."""

    def __init__(self, *, postponed: bool = False) -> None:
        self.names = Names()
        self.assigned: frozenset[str] = frozenset()
        self.postponed = postponed
        self.scopes: list[Scope] = []
        self.deferred = 0
        self.forgiving = 0

    @abstractmethod
    def block(self, body: list[ast.stmt], assigned: frozenset[str]) -> frozenset[str]:
        """Read statements of the module's own scope; the names that are assigned for certain after them."""

    def expression(self, node: ast.AST) -> None:  # noqa: C901 - one case a kind of node
        match node:
            case ast.Name(ctx=ast.Load()):
                self._read(node.id, node.lineno)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.Lambda():
                self._defaults(node.args)
                self._body(function_scope(node), [node.body])
            case ast.ClassDef():
                self._class(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node)
            case ast.AugAssign(target=ast.Name() as target):
                self._read(target.id, target.lineno)
                self.expression(node.value)
            case ast.AnnAssign():
                self._local_annotation(node)
            case ast.Try() | ast.TryStar():
                self._inner_try(node)
            case ast.Await():
                self._await(node, True)
                self.expression(node.value)
            case ast.NamedExpr():
                self.expression(node.value)
                if not self.scopes:
                    self.assigned |= {node.target.id}
            case ast.Call():
                self._call(node)
            case ast.Subscript() if globals_item(node):
                self._read(str(globals_item(node)), node.lineno)
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[other]) if is_namespace(other):
                self._read(name, node.lineno, optional=True)
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                self.names.stars.append(node)
            case _:
                if type(node).__name__ == "TypeAlias":
                    self._type_alias(node)
                    return
                for child in ast.iter_child_nodes(node):
                    self.expression(child)

    def _read(self, name: str, line: int, *, optional: bool = False) -> None:
        if name == "__class__" and any(scope.kind == "class" for scope in self.scopes[:-1]):
            return  # every method has it
        optional = optional or self.forgiving > 0
        for position, scope in enumerate(reversed(self.scopes)):
            if name in scope.globals:
                break
            if scope.kind == "class" and position:
                continue
            if name in scope.bound:
                if scope.kind != "class":
                    return
                optional = True  # a class body may read the global before it binds its own
                break
        if not self.deferred and name in self.assigned:
            return
        known = self.names.later if self.deferred else self.names.now
        certain = name in known and name not in self.names.optional
        elsewhere = name in self.names.now or name in self.names.later
        known.setdefault(name, line)
        if optional and not certain and not (elsewhere and name not in self.names.optional):
            self.names.optional.add(name)
        elif not optional:
            self.names.optional.discard(name)

    def _function(self, node: Function) -> None:
        for decorator in node.decorator_list:
            self.expression(decorator)
        self._defaults(node.args)
        with_types = type_parameters(node)
        if with_types:
            self.scopes.append(Scope("types", with_types))
            self._type_bounds(node)
        for arg in parameters(node.args):
            if arg.annotation:
                self._annotation(arg.annotation)
        if node.returns:
            self._annotation(node.returns)
        scope = function_scope(node)
        self.names.written_later |= scope.globals & {n for i in ast.walk(node) for n in stored_names(i)}
        self._body(scope, node.body)
        if with_types:
            self.scopes.pop()

    def _defaults(self, arguments: ast.arguments) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default:
                self.expression(default)

    def _body(self, scope: Scope, body: list[ast.AST] | list[ast.stmt] | list[ast.expr]) -> None:
        self.scopes.append(scope)
        self.deferred += 1
        for node in body:
            self.expression(node)
        self.deferred -= 1
        self.scopes.pop()

    def _class(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.expression(decorator)
        with_types = type_parameters(node)
        if with_types:
            self.scopes.append(Scope("types", with_types))
            self._type_bounds(node)
        for base in [*node.bases, *(keyword.value for keyword in node.keywords)]:
            self.expression(base)
        scope = block_scope("class", node.body)
        if not self.deferred:
            self.names.written_later |= scope.globals
        self.scopes.append(scope)
        for child in node.body:
            self.expression(child)
        self.scopes.pop()
        if with_types:
            self.scopes.pop()

    def _comprehension(self, node: ast.AST) -> None:
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        self.expression(generators[0].iter)
        self.scopes.append(comprehension_scope(node))
        lazy = isinstance(node, ast.GeneratorExp)
        self._await(node, not lazy and any(clause.is_async for clause in generators))
        for again in range(2 if lazy and not self.deferred else 1):
            self.deferred += again
            for index, clause in enumerate(generators):
                if index:
                    self.expression(clause.iter)
                for condition in clause.ifs:
                    self.expression(condition)
            for part in ("elt", "key", "value"):
                inner = getattr(node, part, None)
                if inner is not None:
                    self.expression(inner)
            self.deferred -= again
        self.scopes.pop()

    def _inner_try(self, node: ast.Try | ast.TryStar) -> None:
        forgiving = any(catches_name_error(handler) for handler in node.handlers)
        self.forgiving += forgiving
        for child in node.body:
            self.expression(child)
        self.forgiving -= forgiving
        for rest in [*node.handlers, *node.orelse, *node.finalbody]:
            self.expression(rest)

    def _type_bounds(self, node: ast.AST) -> None:
        self.deferred += 1
        for parameter in getattr(node, "type_params", []):
            for bound in ("bound", "default_value"):
                if getattr(parameter, bound, None) is not None:
                    self.expression(getattr(parameter, bound))
        self.deferred -= 1

    def _type_alias(self, node: ast.AST) -> None:
        self.scopes.append(Scope("types", type_parameters(node)))
        self.deferred += 1
        self._annotation_names(node.value)  # type: ignore[attr-defined]
        self.deferred -= 1
        self.scopes.pop()

    def _local_annotation(self, node: ast.AnnAssign) -> None:
        """A variable's annotation inside a function is never evaluated, though its readers want it; a class's is."""
        if self.scopes and self.scopes[-1].kind == "function":
            self._string(ast.unparse(node.annotation), node.annotation.lineno)
        else:
            self._annotation(node.annotation)
        if node.value:
            self.expression(node.value)
        self.expression(node.target)

    def _annotation(self, node: ast.expr, *, inside: bool = False) -> None:
        """An annotation's names, also those in strings: these are looked up late, and may never be.

        A string ``inside`` of brackets may be no name but a library's own word, as a tensor's dimension is.
        """
        if self.postponed and not self.deferred:
            self._string(ast.unparse(node), node.lineno)
        elif _ANNOTATIONS_ARE_LAZY and not (inside or isinstance(node, ast.Constant)):
            self._lazy_annotation(node)
        else:
            self._annotation_names(node, inside=inside)

    def _lazy_annotation(self, node: ast.expr) -> None:
        """An annotation that is evaluated when somebody asks: a decorator or a base class at once, others never."""
        self.forgiving += 1
        self._annotation_names(node)
        self.deferred += 1
        self._annotation_names(node)
        self.deferred -= 1
        self.forgiving -= 1
        names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        self.names.annotations |= names & self.names.later.keys()

    def _annotation_names(self, node: ast.expr, *, inside: bool = False) -> None:
        match node:
            case ast.Constant(value=str(text)):
                self._string(text, node.lineno, whole=not inside)
            case ast.Subscript(value=base) if last_name(base) in {"Literal", "Annotated"}:
                self.expression(base)
                inner = node.slice
                if last_name(base) == "Annotated" and isinstance(inner, ast.Tuple):
                    self._annotation(inner.elts[0], inside=True)
                    for extra in inner.elts[1:]:
                        self.expression(extra)
            case ast.Subscript() | ast.BinOp() | ast.Tuple() | ast.List():
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._annotation(child, inside=True)
            case _:
                self.expression(node)

    def _string(self, text: str, line: int, *, whole: bool = True) -> None:
        """Python in a string that is evaluated later, if ever."""
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError):
            return
        self.deferred += 1
        for inner in ast.walk(tree):
            if isinstance(inner, ast.Name):
                self._read(inner.id, line, optional=True)
                if whole and inner.id in self.names.later:
                    self.names.annotations.add(inner.id)
        self.deferred -= 1

    def _call(self, node: ast.Call) -> None:
        name = last_name(node.func)
        text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if isinstance(text, str):
            self._strings_with_names(node, name, text)
        if name in {"exec", "eval"} and isinstance(node.func, ast.Name) and node.args and not isinstance(text, str):
            attribute = "dynamic" if name == "exec" else "whole"
            setattr(self.names, attribute, getattr(self.names, attribute) or node.lineno)
        if is_namespace(node) and (node.func.id == "globals" or not self.deferred):  # type: ignore[attr-defined]
            self.names.whole = self.names.whole or node.lineno
        if isinstance(node.func, ast.Attribute) and is_namespace(node.func.value):
            self._namespace_method(node, node.func.attr, text)
            return
        written = builtins_set(node)
        if written and not self.deferred:
            self.names.binds.setdefault(written[0], False)  # a name of the module comes first
        for child in ast.iter_child_nodes(node):
            self.expression(child)

    def _strings_with_names(self, node: ast.Call, name: str | None, text: str) -> None:
        """Names that a library reads out of its caller's frame: pandas' ``@name``, DuckDB's tables, ``eval``'s all."""
        if name in {"query", "eval"} and isinstance(node.func, ast.Attribute):
            for found in _AT_NAME.findall(text):
                self._read(found, node.lineno)
        if name in {"eval", "evaluate"}:
            self._eval(text, node.lineno)
        if name == "exec" and isinstance(node.func, ast.Name):
            self._exec(text, node.lineno)
        if name in {"sql", "query", "sqldf", "execute"}:
            for found in _SQL_TABLE.findall(text):
                self._read(found, node.lineno, optional=True)

    def _eval(self, text: str, line: int) -> None:
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError):
            return
        for inner in ast.walk(tree):
            if isinstance(inner, ast.Name):
                self._read(inner.id, line, optional=True)

    def _exec(self, text: str, line: int) -> None:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            self.names.dynamic = line
            return
        inner = type(self)()
        bound = inner.block(tree.body, frozenset())
        for name in inner.names.now.keys() | inner.names.later.keys():
            self._read(name, line, optional=True)
        if not self.scopes:
            self.names.binds.update(dict.fromkeys(bound, True))
            self.assigned |= bound

    def _namespace_method(self, node: ast.Call, method: str, text: object) -> None:
        if method in {"get", "pop"} and isinstance(text, str):
            self._read(text, node.lineno, optional=True)
        elif method in {"update", "setdefault"}:
            written = namespace_update(node)
            if written is None:
                self.names.dynamic = node.lineno
            elif not self.scopes:
                self.names.binds.update((name, method == "update") for name, _ in written)
                self.assigned |= {name for name, _ in written if method == "update"}
        elif method != "keys":
            self.names.whole = self.names.whole or node.lineno
        for child in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.expression(child)

    def _await(self, node: ast.AST, really: bool) -> None:
        if really and not self.deferred:
            self.names.awaits = self.names.awaits or getattr(node, "lineno", 1)


def catches_name_error(handler: ast.ExceptHandler) -> bool:
    """Whether a handler forgives a name that is not there."""
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(last_name(kind) in _NAME_ERRORS for kind in types)


def last_name(node: ast.AST) -> str | None:
    """The last part of a dotted name."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None

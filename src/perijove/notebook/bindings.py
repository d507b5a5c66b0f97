"""What a statement reads and binds: the names it needs as it runs, those it needs once called, those it gives."""

import ast
import re
from dataclasses import dataclass, field

from perijove.notebook.scopes import (
    Function,
    Scope,
    block_scope,
    comprehension_scope,
    function_scope,
    own_nodes,
    parameters,
    stored_names,
    type_parameters,
)

_AT_NAME = re.compile(r"@([A-Za-z_]\w*)")
_SQL_TABLE = re.compile(r"\b(?:from|join)\s+([A-Za-z_]\w*)", re.IGNORECASE)
_NAME_ERRORS = {"NameError"}


@dataclass(slots=True)
class Names:
    """A statement's names. Line numbers are those of the cell as Python (from 1).

    ``binds`` says of each name whether the statement binds it for certain; ``now`` are reads as the statement
    runs, ``later`` reads in bodies that run when called. ``optional`` reads may find nothing. ``written_later``
    are ``global`` names that a body assigns. ``whole`` is the line of a ``globals()`` (or ``eval``) that may read
    any name, ``dynamic`` that of an ``exec`` that may bind any, ``awaits`` that of an ``await`` at top level.
    """

    binds: dict[str, bool] = field(default_factory=dict)
    deletes: set[str] = field(default_factory=set)
    now: dict[str, int] = field(default_factory=dict)
    later: dict[str, int] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)
    written_later: set[str] = field(default_factory=set)
    stars: list[ast.ImportFrom] = field(default_factory=list)
    whole: int | None = None
    dynamic: int | None = None
    awaits: int | None = None

    @property
    def certain_reads(self) -> set[str]:
        """The names without which the statement, or what it defines, would fail."""
        return (self.now.keys() | self.later.keys()) - self.optional


def names_of(node: ast.stmt, *, postponed: bool = False) -> Names:
    """Read one top-level statement; ``postponed``: ``from __future__ import annotations`` is in force."""
    reader = _Reader(postponed=postponed)
    definite = reader.block([node], frozenset())
    own = list(own_nodes([node]))
    every = {name for inner in own for name in stored_names(inner)} | reader.names.binds.keys()
    deleted = {t.id for n in own if isinstance(n, ast.Delete) for t in n.targets if isinstance(t, ast.Name)}
    bound = every - (deleted if isinstance(node, ast.Delete) else set())
    dotted = {a.name.partition(".")[0] for n in own if isinstance(n, ast.Import) for a in n.names if _is_dotted(a)}
    reader.names.binds = {name: name in definite and name not in dotted for name in sorted(bound)}
    reader.names.optional |= bound - definite  # a block may have bound it on its way there
    reader.names.deletes = deleted if isinstance(node, ast.Delete) else set()
    return reader.names


class _Reader:
    """Walks a statement in the order it runs; names assigned on the way are no needs."""

    def __init__(self, *, postponed: bool = False) -> None:
        self.names = Names()
        self.assigned: frozenset[str] = frozenset()
        self.postponed = postponed
        self.scopes: list[Scope] = []
        self.deferred = 0
        self.forgiving = 0

    # --- statements of the module's own scope: returns the names assigned for certain after the block ---

    def block(self, body: list[ast.stmt], assigned: frozenset[str]) -> frozenset[str]:
        for node in body:
            assigned = self.statement(node, assigned)
        return assigned

    def statement(self, node: ast.stmt, assigned: frozenset[str]) -> frozenset[str]:
        self.assigned = assigned
        match node:
            case ast.If():
                self.expression(node.test)
                return self.block(node.body, self.assigned) & self.block(node.orelse, assigned)
            case ast.For() | ast.AsyncFor():
                return self._for(node)
            case ast.While():
                self.expression(node.test)
                after = self.assigned
                self.block(node.body, after)
                self.block(node.orelse, after)
                return after
            case ast.With() | ast.AsyncWith():
                return self._with(node)
            case ast.Try() | ast.TryStar():
                return self._try(node)
            case ast.Match():
                return self._match(node)
            case ast.Delete():
                self._delete(node)
                return self.assigned - {t.id for t in node.targets if isinstance(t, ast.Name)}
            case _:
                self._simple(node)
                return self.assigned | set(stored_names(node)) | _targets(node)

    def _simple(self, node: ast.stmt) -> None:
        match node:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                self.names.stars.append(node)
            case ast.AugAssign(target=ast.Name() as target):
                self._read(target.id, target.lineno)
                self.expression(node.value)
            case ast.AnnAssign(annotation=annotation, value=value):
                self._annotation(annotation)
                if value:
                    self.expression(value)
                self.expression(node.target)
            case ast.Assign(targets=targets):
                self.expression(node.value)
                for each in targets:
                    self._dynamic_target(each)
                    self.expression(each)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.expression(node)
            case _:
                for child in ast.iter_child_nodes(node):
                    self.expression(child)

    def _for(self, node: ast.For | ast.AsyncFor) -> frozenset[str]:
        self._await(node, isinstance(node, ast.AsyncFor))
        self.expression(node.iter)
        before = self.assigned
        self.assigned = before | _names_in(node.target)
        self.expression(node.target)
        self.block(node.body, self.assigned)
        self.block(node.orelse, before)
        return before

    def _with(self, node: ast.With | ast.AsyncWith) -> frozenset[str]:
        self._await(node, isinstance(node, ast.AsyncWith))
        for item in node.items:
            self.expression(item.context_expr)
            if item.optional_vars:
                self.assigned |= _names_in(item.optional_vars)
                self.expression(item.optional_vars)
        return self.block(node.body, self.assigned)

    def _try(self, node: ast.Try | ast.TryStar) -> frozenset[str]:
        before = self.assigned
        forgiving = any(_catches_name_error(handler) for handler in node.handlers)
        self.forgiving += forgiving
        after = self.block(node.body, before)
        self.forgiving -= forgiving
        after = self.block(node.orelse, after)
        for handler in node.handlers:
            self.assigned = before
            if handler.type:
                self.expression(handler.type)
            caught = self.block(handler.body, before | ({handler.name} if handler.name else frozenset()))
            if not _leaves(handler.body):
                after &= caught
        return self.block(node.finalbody, before) | after

    def _match(self, node: ast.Match) -> frozenset[str]:
        self.expression(node.subject)
        before, outcomes, complete = self.assigned, [], False
        for case in node.cases:
            captured = {name for inner in ast.walk(case.pattern) for name in stored_names(inner)}
            self.assigned = before | captured
            self.expression(case.pattern)
            if case.guard:
                self.expression(case.guard)
            outcomes.append(self.block(case.body, self.assigned))
            complete |= case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
        return frozenset.intersection(*outcomes) if complete else before

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name):
                self.expression(target)

    def _dynamic_target(self, target: ast.expr) -> None:
        name = _globals_item(target)
        if name:
            self.names.binds[name] = True
            self.assigned |= {name}

    def _await(self, node: ast.AST, really: bool) -> None:
        if really and not self.deferred:
            self.names.awaits = self.names.awaits or getattr(node, "lineno", 1)

    # --- expressions, and everything inside inner scopes ---

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
            case ast.Subscript() if _globals_item(node):
                self._read(str(_globals_item(node)), node.lineno)
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[other]) if _is_namespace(other):
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
        forgiving = any(_catches_name_error(handler) for handler in node.handlers)
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
        self._annotation(node.value)  # type: ignore[attr-defined]
        self.deferred -= 1
        self.scopes.pop()

    def _local_annotation(self, node: ast.AnnAssign) -> None:
        """A variable's annotation inside a function is never evaluated; a class's is."""
        if not (self.scopes and self.scopes[-1].kind == "function"):
            self._annotation(node.annotation)
        if node.value:
            self.expression(node.value)
        self.expression(node.target)

    def _annotation(self, node: ast.expr) -> None:
        """An annotation's names, also those in strings: these are looked up late, and may never be."""
        if self.postponed and not self.deferred:
            self._string(ast.unparse(node), node.lineno)
            return
        match node:
            case ast.Constant(value=str(text)):
                self._string(text, node.lineno)
            case ast.Subscript(value=base) if _last_name(base) in {"Literal", "Annotated"}:
                self.expression(base)
                inner = node.slice
                if _last_name(base) == "Annotated" and isinstance(inner, ast.Tuple):
                    self._annotation(inner.elts[0])
                    for extra in inner.elts[1:]:
                        self.expression(extra)
            case ast.Subscript() | ast.BinOp() | ast.Tuple() | ast.List():
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._annotation(child)
            case _:
                self.expression(node)

    def _string(self, text: str, line: int) -> None:
        """Python in a string that is evaluated later, if ever."""
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError):
            return
        self.deferred += 1
        for inner in ast.walk(tree):
            if isinstance(inner, ast.Name):
                self._read(inner.id, line, optional=True)
        self.deferred -= 1

    def _call(self, node: ast.Call) -> None:
        name = _last_name(node.func)
        text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if isinstance(text, str):
            self._strings_with_names(node, name, text)
        if name in {"exec", "eval"} and isinstance(node.func, ast.Name) and node.args and not isinstance(text, str):
            attribute = "dynamic" if name == "exec" else "whole"
            setattr(self.names, attribute, getattr(self.names, attribute) or node.lineno)
        if _is_namespace(node) and (node.func.id == "globals" or not self.deferred):  # type: ignore[attr-defined]
            self.names.whole = self.names.whole or node.lineno
        if isinstance(node.func, ast.Attribute) and _is_namespace(node.func.value):
            self._namespace_method(node, node.func.attr, text)
            return
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
        inner = _Reader()
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
            self.names.dynamic = node.lineno
            for keyword in node.keywords:
                if keyword.arg and not self.scopes:
                    self.names.binds[keyword.arg] = True
        elif method != "keys":
            self.names.whole = self.names.whole or node.lineno
        for child in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.expression(child)


def _is_dotted(alias: ast.alias) -> bool:
    """Whether an import only adds a submodule to the package that its name stands for."""
    return "." in alias.name and alias.asname is None


def _names_in(target: ast.AST) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _targets(node: ast.stmt) -> frozenset[str]:
    match node:
        case ast.Assign(targets=targets):
            return frozenset().union(*(_names_in(target) for target in targets))
        case ast.AnnAssign(target=target, value=value):
            return _names_in(target) if value is not None else frozenset()
        case ast.AugAssign(target=target):
            return _names_in(target)
        case _ if type(node).__name__ == "TypeAlias":
            return _names_in(node.name)  # type: ignore[attr-defined]
    return frozenset()


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Raise | ast.Return | ast.Continue | ast.Break)


def _catches_name_error(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_last_name(kind) in _NAME_ERRORS for kind in types)


def _last_name(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def _is_namespace(node: ast.AST) -> bool:
    """Whether it is a plain call of ``globals()``, ``locals()``, ``vars()`` or ``dir()``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"globals", "locals", "vars", "dir"}
        and not node.args
    )


def _globals_item(node: ast.AST) -> str | None:
    """The name in ``globals()["name"]``."""
    if isinstance(node, ast.Subscript) and _is_namespace(node.value) and isinstance(node.slice, ast.Constant):
        return node.slice.value if isinstance(node.slice.value, str) else None
    return None

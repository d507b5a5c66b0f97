"""What running a piece of code does to objects: what it changes, what comes to hold what, what it calls.

The scan knows names, not objects: the history resolves them. In a function's body a local name stands for the
parameters and globals it may come from; a parameter is written ``<name>``.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from perijove.notebook import purity
from perijove.notebook.scopes import Function, Scope, function_scope, parameters

Origins = frozenset[str]
NONE: Origins = frozenset()


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression's value may be: the ``same`` object as a name's (or a part of it), or one that ``holds`` it.

    ``calls`` are the dotted callees whose result it may be; ``lazy`` says that reading it uses it up.
    """

    same: Origins = NONE
    holds: Origins = NONE
    calls: tuple["Call", ...] = ()
    lazy: bool = False

    def __or__(self, other: "Value") -> "Value":
        return Value(
            self.same | other.same, self.holds | other.holds, self.calls + other.calls, self.lazy or other.lazy
        )

    @property
    def origins(self) -> Origins:
        return self.same | self.holds


@dataclass(frozen=True, slots=True)
class Change:
    """Objects of ``names`` change; ``deep``: what they hold may, too; ``sure``: not merely perhaps."""

    names: Origins
    line: int
    deep: bool = False
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Hold:
    """The objects of ``names`` come to hold those of ``value``."""

    names: Origins
    value: Value


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of a dotted name. ``path`` starts with a name of the module; ``bare``: its result is thrown away."""

    path: tuple[str, ...]
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    line: int
    bare: bool = False
    node: ast.Call | None = None


@dataclass(frozen=True, slots=True)
class Consume:
    """The objects of ``names`` are read through; those that are lazy are then used up."""

    names: Origins
    line: int


@dataclass(frozen=True, slots=True)
class Assign:
    """A name of the module comes to stand for ``value``."""

    name: str
    value: Value


Effect = Change | Hold | Call | Consume | Assign


@dataclass(slots=True)
class Body:
    """A function's effects when called: its parameters in order, what it does, what it may return."""

    parameters: tuple[str, ...]
    effects: tuple[Effect, ...]
    returns: Value
    stateful: bool = False
    makes_callables: bool = False


def effects_of(node: ast.stmt) -> list[Effect]:
    """What one top-level statement does when it runs."""
    scan = _Scan(None)
    scan.statement(node)
    return scan.effects


def body_of(node: Function | ast.Lambda) -> Body:
    """What a function does when it is called."""
    names = [arg.arg for arg in parameters(node.args)]
    scan = _Scan(function_scope(node))
    scan.local.update({name: Value(same=frozenset({f"<{name}>"})) for name in names})
    if isinstance(node, ast.Lambda):
        scan.returns = scan.value(node.body)
    else:
        scan.block(node.body)
    inner = [
        n
        for n in ast.walk(node)
        if n is not node and isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef)
    ]
    lazy = any(isinstance(n, ast.Yield | ast.YieldFrom | ast.GeneratorExp) for n in ast.walk(node))
    stateful = bool(inner) and (scan.inner_changes or any(isinstance(n, ast.Nonlocal) for n in ast.walk(node)))
    returns = Value(scan.returns.same, scan.returns.holds, scan.returns.calls, scan.returns.lazy or lazy)
    return Body(tuple(names), tuple(scan.effects), returns, stateful, bool(inner) or lazy)


class _Scan:
    """Walks code in the order it runs and notes its effects."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope
        self.local: dict[str, Value] = {}
        self.shadowed: set[str] = set()
        self.effects: list[Effect] = []
        self.returns = Value()
        self.depth = 0
        self.inner_changes = False

    # --- names ---

    def origin(self, name: str) -> Value:
        if name in self.local:
            return self.local[name]
        if self.scope is None:
            return Value(same=frozenset({name}))
        return Value() if name in self.scope.bound or name in self.shadowed else Value(same=frozenset({name}))

    def bind(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                if self.scope is None or name in self.scope.globals:
                    self.effects.append(Assign(name, value))
                elif self.depth:
                    self.local[name] = self.local.get(name, Value()) | value
                else:
                    self.local[name] = value
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                part = Value(value.same | value.holds, value.holds, value.calls)
                for element in elements:
                    self.bind(element.value if isinstance(element, ast.Starred) else element, part)
            case ast.Attribute() | ast.Subscript():
                self.value(target.value)
                if isinstance(target, ast.Subscript):
                    self.value(target.slice)
                    item = _namespace_item(target)
                    if item:
                        self.effects.append(Assign(item, value))
                self.change(self.origins_of(target.value), target.lineno)
                self.hold(self.origins_of(target.value), value)

    def change(self, names: Origins, line: int, *, deep: bool = False, sure: bool = True) -> None:
        if names:
            self.effects.append(Change(names, line, deep, sure))

    def hold(self, names: Origins, value: Value) -> None:
        if names and value.origins:
            self.effects.append(Hold(names, value))

    def origins_of(self, node: ast.expr) -> Origins:
        """The names whose object, or a part of whose object, the expression is."""
        effects, self.effects = self.effects, []
        same = self.value(node).same
        self.effects = effects
        return same

    # --- statements ---

    def block(self, body: Iterable[ast.stmt]) -> None:
        for node in body:
            self.statement(node)

    def inner_block(self, body: Iterable[ast.stmt]) -> None:
        self.depth += 1
        self.block(body)
        self.depth -= 1

    def statement(self, node: ast.stmt) -> None:  # noqa: C901 - one case a kind of node
        match node:
            case ast.Expr(value=ast.Call() as call):
                self.call(call, bare=True)
            case ast.Expr(value=ast.Await(value=ast.Call() as call)):
                self.call(call, bare=True)
            case ast.Assign(targets=targets, value=value):
                made = self.value(value)
                for target in targets:
                    self.bind(target, made)
            case ast.AnnAssign(target=target, value=value):
                if value:
                    self.bind(target, self.value(value))
            case ast.AugAssign(target=target, value=value):
                self._augmented(target, self.value(value))
            case ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Attribute | ast.Subscript):
                        self.change(self.origins_of(target.value), node.lineno)
            case ast.For() | ast.AsyncFor():
                self._for(node)
            case ast.While(test=test, body=body, orelse=orelse) | ast.If(test=test, body=body, orelse=orelse):
                self.value(test)
                self.inner_block(body)
                self.inner_block(orelse)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                self._with(items, body)
            case ast.Try() | ast.TryStar():
                for part in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
                    self.inner_block(part)
            case ast.Match(subject=subject, cases=cases):
                self._match(subject, cases)
            case ast.Return(value=value):
                self.returns |= self.value(value) if value else Value()
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._definition(node)
            case ast.ClassDef():
                self._class(node)
            case ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal() | ast.Pass():
                pass
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child)

    def _augmented(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.change(self.origin(target.id).same, target.lineno)
            self.bind(target, Value(self.origin(target.id).same, value.origins))
        else:
            self.bind(target, value)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        iterated = self.value(node.iter)
        self._consume(iterated, node.lineno)
        self.depth += 1
        self.bind(node.target, Value(iterated.origins, iterated.holds))
        self.block([*node.body, *node.orelse])
        self.depth -= 1

    def _with(self, items: list[ast.withitem], body: list[ast.stmt]) -> None:
        for item in items:
            value = self.value(item.context_expr)
            if item.optional_vars:
                self.bind(item.optional_vars, value)
        self.block(body)

    def _match(self, subject: ast.expr, cases: list[ast.match_case]) -> None:
        value = self.value(subject)
        for case in cases:
            for inner in ast.walk(case.pattern):
                name = getattr(inner, "name", None) or getattr(inner, "rest", None)
                if isinstance(name, str):
                    self.bind(ast.Name(name, ast.Store()), Value(value.same, value.holds))
            self.inner_block(case.body)

    def _definition(self, node: Function) -> None:
        value = Value()
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default:
                value |= Value(holds=self.value(default).origins)
        if self.scope is None:
            self._decorate(node, value)
            return
        self._inner_body(node)
        self.local[node.name] = Value()

    def _decorate(self, node: Function | ast.ClassDef, value: Value) -> None:
        """A decorated definition is bound, called with, and bound again."""
        self.effects.append(Assign(node.name, value))
        for decorator in reversed(node.decorator_list):
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(decorator, ast.Call):
                self.call(decorator, bare=True)
            path = self.path(target)
            if path:
                defined = Value(same=frozenset({node.name}))
                self.effects.append(Call(path, (defined,), (), decorator.lineno, bare=True))
                self.effects.append(Assign(node.name, Value(frozenset({node.name}), frozenset({path[0]}), ())))

    def _inner_body(self, node: Function | ast.Lambda) -> None:
        """A function inside a function may run whenever its maker has: its effects count as its maker's."""
        scope = function_scope(node)
        before, returns = len(self.effects), self.returns
        saved, shadowed = dict(self.local), set(self.shadowed)
        enclosing = (self.scope.bound if self.scope else set()) - scope.bound
        for name in enclosing - self.local.keys():
            self.local[name] = Value()
        for name in enclosing:
            self.local[name] |= Value(same=frozenset({f"<local {name}>"}))
        for name in scope.bound:
            self.local[name] = Value()
        self.shadowed |= scope.bound
        self.depth += 1
        if isinstance(node, ast.Lambda):
            self.value(node.body)
        else:
            self.block(node.body)
        self.depth -= 1
        inner = self.effects[before:]
        self.inner_changes |= any(
            isinstance(e, Change) and any(n.startswith("<local ") for n in e.names) for e in inner
        )
        self.local, self.shadowed, self.returns = saved, shadowed, returns

    def _class(self, node: ast.ClassDef) -> None:
        """A class body runs now; its own names are nobody else's."""
        holds = NONE
        for base in [*node.bases, *(keyword.value for keyword in node.keywords)]:
            holds |= self.value(base).origins
        inner = _Scan(
            Scope(
                "function", {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            )
        )
        inner.shadowed = set(self.shadowed)
        inner.block(
            [
                child
                for child in node.body
                if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            ]
        )
        self.effects.extend(effect for effect in inner.effects if not isinstance(effect, Assign))
        if self.scope is None:
            self._decorate(node, Value(holds=holds))

    # --- expressions ---

    def value(self, node: ast.expr) -> Value:  # noqa: C901 - one case a kind of node
        match node:
            case ast.Name(id=name):
                return self.origin(name)
            case ast.Attribute(value=inner):
                return self.value(inner)
            case ast.Subscript(value=inner, slice=index):
                self.value(index)
                item = _namespace_item(node)
                return self.origin(item) if item else self.value(inner)
            case ast.Starred(value=inner) | ast.Await(value=inner):
                return self.value(inner)
            case ast.NamedExpr(target=target, value=inner):
                made = self.value(inner)
                self.bind(target, made)
                return made
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.value(test)
                return self.value(body) | self.value(orelse)
            case ast.BoolOp(values=values):
                made = Value()
                for inner in values:
                    made |= self.value(inner)
                return made
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return Value(holds=self._held(elements))
            case ast.Dict(keys=keys, values=values):
                return Value(holds=self._held([inner for inner in [*keys, *values] if inner]))
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._comprehension(node)
            case ast.Call():
                return self.call(node)
            case ast.Lambda():
                if self.scope is not None:
                    self._inner_body(node)
                return Value()
            case ast.Yield(value=inner) | ast.YieldFrom(value=inner):
                if inner:
                    self.returns |= Value(holds=self.value(inner).origins)
                return Value()
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child)
                return Value()

    def _held(self, elements: Iterable[ast.expr]) -> Origins:
        held = NONE
        for element in elements:
            held |= self.value(element).origins
        return held

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Value:
        saved = dict(self.local)
        for clause in node.generators:
            iterated = self.value(clause.iter)
            self._consume(iterated, node.lineno)
            for inner in ast.walk(clause.target):
                if isinstance(inner, ast.Name):
                    self.local[inner.id] = Value(iterated.origins, iterated.holds)
            for condition in clause.ifs:
                self.value(condition)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        held = self._held(parts)
        self.local = saved
        return Value(holds=held, lazy=isinstance(node, ast.GeneratorExp))

    def _consume(self, value: Value, line: int) -> None:
        if value.origins:
            self.effects.append(Consume(value.origins, line))

    # --- calls ---

    def path(self, node: ast.expr) -> tuple[str, ...] | None:
        """The dotted name of a callee that starts with a name of the module; calls and items on the way are ``()``."""
        match node:
            case ast.Name(id=name):
                same = self.origin(name).same
                return (next(iter(same)),) if len(same) == 1 else None
            case ast.Attribute(value=inner, attr=attr):
                start = self.path(inner)
                return (*start, attr) if start else None
            case ast.Call(func=inner):
                return self.path(inner)
            case ast.Subscript(value=inner):
                return self.path(inner)
        return None

    def call(self, node: ast.Call, *, bare: bool = False) -> Value:
        args = tuple(self.value(arg) for arg in node.args)
        keywords = tuple((keyword.arg or "**", self.value(keyword.value)) for keyword in node.keywords)
        everything = args + tuple(value for _, value in keywords)
        held = NONE.union(*(value.origins for value in everything))
        self._changed_by_keywords(node)
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func, args, keywords, held, bare)
        path = self.path(node.func)
        if path is None:
            self.value(node.func)
            return Value(holds=held)
        call = Call(path, args, keywords, node.lineno, bare, node)
        self.effects.append(call)
        name = path[-1]
        if name in purity.CALLERS or name in purity.LAZY:
            self._run_arguments(args, node.lineno)
        if name not in purity.LAZY and args and self._reads_through(name):
            self._consume(args[0], node.lineno)
        if name == "getattr" and args:
            return Value(args[0].same, held, (call,))
        keeps = name in purity.WRAPPERS or name[:1].isupper()
        return Value(holds=held if keeps else NONE, calls=(call,), lazy=name in purity.LAZY)

    def _reads_through(self, name: str) -> bool:
        return name in {
            "list",
            "tuple",
            "set",
            "sum",
            "max",
            "min",
            "sorted",
            "dict",
            "any",
            "all",
            "Counter",
            "deque",
            "frozenset",
        }

    def _method(
        self,
        node: ast.Call,
        func: ast.Attribute,
        args: tuple[Value, ...],
        keywords: tuple[tuple[str, Value], ...],
        held: Origins,
        bare: bool,
    ) -> Value:
        receiver = self.value(func.value)
        path = self.path(func)
        if path is None:
            return Value(receiver.holds | receiver.same, held) if func.attr not in purity.FRESH else Value()
        call = Call(path, args, keywords, node.lineno, bare, node)
        cut = self._is_cut(func.value)
        if not cut:
            self.effects.append(call)
        if func.attr in purity.CALLERS:
            self._run_arguments(args, node.lineno)
        if cut or func.attr in purity.FRESH:
            return Value(calls=(call,) if not cut else (), lazy=func.attr in purity.LAZY)
        if func.attr in purity.VIEW:
            return Value(receiver.same, receiver.holds, lazy=func.attr in purity.LAZY)
        keeps = func.attr in purity.WRAPPERS or func.attr[:1].isupper()
        return Value(receiver.same, receiver.holds | (held if keeps else NONE), (call,), lazy=func.attr in purity.LAZY)

    def _is_cut(self, node: ast.expr) -> bool:
        """Whether a method chain goes through a call whose result is new, so that nothing later reaches its start."""
        while True:
            match node:
                case ast.Call(func=ast.Attribute(attr=attr, value=inner)):
                    if attr in purity.FRESH:
                        return True
                    node = inner
                case ast.Attribute(value=inner) | ast.Subscript(value=inner):
                    node = inner
                case ast.Call():
                    return False
                case _:
                    return False

    def _changed_by_keywords(self, node: ast.Call) -> None:
        for keyword in node.keywords:
            true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            if keyword.arg == "inplace" and true and isinstance(node.func, ast.Attribute):
                self.change(self.origins_of(node.func.value), node.lineno)
            if keyword.arg == "out":
                self.change(self.origins_of(keyword.value), node.lineno)

    def _run_arguments(self, args: tuple[Value, ...], line: int) -> None:
        """A function given to a caller may be called there, with whatever."""
        for value in args:
            for name in sorted(value.same):
                self.effects.append(Call((name,), (), (), line, bare=False))


def _namespace_item(node: ast.expr) -> str | None:
    match node:
        case ast.Subscript(
            value=ast.Call(func=ast.Name(id="globals" | "locals" | "vars"), args=[]),
            slice=ast.Constant(value=str(name)),
        ):
            return name
    return None

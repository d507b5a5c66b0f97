"""Reads the effects of code: what a statement does as it runs, what a function does when it is called."""

import ast
import contextlib
from collections.abc import Iterable, Iterator

from perijove.notebook import purity
from perijove.notebook.effects import NONE, Assign, Body, Call, Change, Consume, Effect, Hold, Origins, Value, given_by
from perijove.notebook.process_state import SHARED_STATE
from perijove.notebook.reads import last_name
from perijove.notebook.scopes import Function, Scope, function_scope, parameters


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
    walked = [inner for inner in ast.walk(node) if inner is not node]
    makes = any(
        isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef) for inner in walked
    )
    lazy = any(isinstance(inner, ast.Yield | ast.YieldFrom | ast.GeneratorExp) for inner in walked)
    return Body(
        parameters=tuple(names),
        defaults=frozenset(_changeable_defaults(node.args)),
        effects=tuple(scan.effects),
        returns=scan.returns | Value(lazy=lazy),
        stateful=makes and (scan.inner_changes or any(isinstance(inner, ast.Nonlocal) for inner in walked)),
        makes_callables=makes or lazy,
    )


def _changeable_defaults(arguments: ast.arguments) -> Iterator[str]:
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for arg, default in pairs:
        if default is not None and not isinstance(default, ast.Constant | ast.Tuple | ast.UnaryOp | ast.JoinedStr):
            yield arg.arg


class _Scan:
    """Walks code in the order it runs and notes its effects."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope
        self.local: dict[str, Value] = {}
        self.shadowed: set[str] = set()
        self.effects: list[Effect] = []
        self.returns = Value()
        self.depth = 0
        self.may_have_left = False
        self.shown = False
        self.scoped: ast.expr | None = None
        self.chained: ast.expr | None = None
        self.inner_changes = False

    @property
    def certain(self) -> bool:
        """Whether what comes now always happens."""
        return not self.depth and not self.may_have_left

    # --- names ---

    def origin(self, name: str) -> Value:
        if name in self.local:
            return self.local[name]
        if self.scope is not None and (name in self.scope.bound or name in self.shadowed):
            return Value()
        return Value(same=frozenset({name}))

    def bind(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                self._bind_name(name, value)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for element in elements:
                    self.bind(element.value if isinstance(element, ast.Starred) else element, value.a_part())
            case ast.Attribute(value=changed):
                self._set_part(self.value(changed), value)
            case ast.Subscript(value=changed, slice=index):
                self.value(index)
                item = _namespace_item(target)
                if item:
                    self.effects.append(Assign(item, value))
                self._set_part(self.value(changed), value)

    def _bind_name(self, name: str, value: Value) -> None:
        if self.scope is None or name in self.scope.globals:
            self.effects.append(Assign(name, value, certain=self.certain))
        elif self.depth:
            self.local[name] = self.local.get(name, Value()) | value
        else:
            self.local[name] = value

    def _set_part(self, changed: Value, value: Value) -> None:
        self.change(changed)
        if changed.origins and value.origins:
            self.effects.append(Hold(changed, value))

    def change(self, value: Value, *, deep: bool = False, sure: bool = True) -> None:
        if value.origins or value.calls:
            self.effects.append(Change(value, deep, sure))

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
                    if isinstance(target, ast.Name) and self.scope is None:
                        made = Value(same=frozenset({target.id}))  # the other targets share the object
            case ast.AnnAssign(target=target, value=value):
                if value:
                    self.bind(target, self.value(value))
            case ast.AugAssign(target=target, value=value):
                self._augmented(target, self.value(value))
            case ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Attribute | ast.Subscript):
                        self.change(self.value(target.value))
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
                self.may_have_left = True
            case ast.Raise() | ast.Assert():
                self._values_in(node)
                self.may_have_left = True
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._definition(node)
            case ast.ClassDef():
                self._class(node)
            case ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal() | ast.Pass():
                pass
            case _:
                self._values_in(node)

    def _values_in(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)

    def _augmented(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            old = self.origin(target.id)
            self.change(old)
            if value.origins:
                self.effects.append(Hold(old, value))
            self._bind_name(target.id, old)
        else:
            self.bind(target, value)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        iterated = self.value(node.iter)
        self.effects.append(Consume(iterated))
        self.depth += 1
        self.bind(node.target, iterated.a_part())
        self.block([*node.body, *node.orelse])
        self.depth -= 1

    def _with(self, items: list[ast.withitem], body: list[ast.stmt]) -> None:
        for item in items:
            self.scoped = item.context_expr
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
                    self._bind_name(name, value | value.a_part())
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
        """A decorated definition is bound, each decorator is called with it, and it is bound again."""
        self.effects.append(Assign(node.name, value))
        defined = Value(same=frozenset({node.name}))
        for decorator in reversed(node.decorator_list):
            made = self.value(decorator)
            path = None if isinstance(decorator, ast.Call) else self.path(decorator)
            calls = made.calls
            if path:
                receiver = self.value(decorator.value) if isinstance(decorator, ast.Attribute) else None
                calls = (Call(path, (defined,), receiver=receiver, bare=True, certain=self.certain),)
                self.effects.extend(calls)
            self.effects.append(Assign(node.name, Value(defined.same, holds=made.origins, calls=calls)))

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
            isinstance(e, Change) and any(n.startswith("<local ") for n in e.value.origins) for e in inner
        )
        self.local, self.shadowed, self.returns = saved, shadowed, returns

    def _class(self, node: ast.ClassDef) -> None:
        """A class body runs now, its own names are nobody else's; its bases and metaclass may have a say."""
        made = Value()
        for base in node.bases:
            made |= Value(holds=self.value(base).origins)
            path = self.path(base)
            if path:
                self.effects.append(Call((*path, "__init_subclass__"), receiver=self.value(base), certain=self.certain))
        for keyword in node.keywords:
            made |= Value(holds=self.value(keyword.value).origins)
            path = self.path(keyword.value)
            if path and keyword.arg == "metaclass":
                self.effects.append(Call(path, certain=self.certain))
        made |= self._class_body(node)
        if self.scope is None:
            self._decorate(node, made)

    def _class_body(self, node: ast.ClassDef) -> Value:
        """Run a class's body; the class holds what it binds."""
        own = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        inner = _Scan(Scope("function", own))
        inner.local = dict(self.local)
        inner.shadowed = set(self.shadowed)
        inner.depth, inner.may_have_left = self.depth, self.may_have_left
        inner.block(child for child in node.body if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))
        self.effects.extend(effect for effect in inner.effects if not isinstance(effect, Assign))
        return Value(holds=NONE.union(*(inner.local[name].origins for name in own & inner.local.keys())))

    # --- expressions ---

    def value(self, node: ast.expr) -> Value:  # noqa: C901 - one case a kind of node
        match node:
            case ast.Name(id=name):
                return self.origin(name)
            case ast.Attribute(value=inner, attr=attr):
                return self.value(inner).a_part(attr)
            case ast.Subscript(value=inner, slice=index):
                self.value(index)
                item = _namespace_item(node)
                return self.origin(item) if item else self.value(inner).a_part()
            case ast.Starred(value=inner) | ast.Await(value=inner):
                return self.value(inner)
            case ast.NamedExpr(target=target, value=inner):
                made = self.value(inner)
                self.bind(target, made)
                return made
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.value(test)
                return self._perhaps(body, orelse)
            case ast.BoolOp(values=[first, *rest]):
                return self.value(first) | self._perhaps(*rest)
            case ast.BinOp(left=left, op=ast.Add() | ast.Mult() | ast.BitOr(), right=right):
                return Value(holds=self._held([left, right]))
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return Value(holds=self._held(elements))
            case ast.Dict(keys=keys, values=values):
                return Value(holds=self._held([inner for inner in [*keys, *values] if inner]))
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._comprehension(node)
            case ast.Call():
                return self.call(node)
            case ast.JoinedStr():
                shown, self.shown = self.shown, True
                self._values_in(node)
                self.shown = shown
                return Value()
            case ast.FormattedValue(value=inner):
                self.value(inner)
                return Value()
            case ast.Lambda():
                if self.scope is not None:
                    self._inner_body(node)
                return Value()
            case ast.Yield(value=inner) | ast.YieldFrom(value=inner):
                if inner:
                    self.returns |= Value(holds=self.value(inner).origins)
                return Value()
            case _:
                self._values_in(node)
                return Value()

    def _perhaps(self, *nodes: ast.expr) -> Value:
        """The values of expressions that are evaluated or not."""
        self.depth += 1
        made = Value()
        for node in nodes:
            made |= self.value(node)
        self.depth -= 1
        return made

    def _held(self, elements: Iterable[ast.expr]) -> Origins:
        held = NONE
        for element in elements:
            held |= self.value(element).origins
        return held

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Value:
        saved = dict(self.local)
        for clause in node.generators:
            iterated = self.value(clause.iter)
            self.effects.append(Consume(iterated))
            for inner in ast.walk(clause.target):
                if isinstance(inner, ast.Name):
                    self.local[inner.id] = iterated.a_part()
            self._perhaps(*clause.ifs)
        self.depth += 1
        held = self._held([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.depth -= 1
        self.local = saved
        return Value(holds=held, lazy=isinstance(node, ast.GeneratorExp))

    # --- calls ---

    def path(self, node: ast.expr) -> tuple[str, ...] | None:
        """The dotted name of a callee that starts with one name of the module; calls on the way are passed over."""
        match node:
            case ast.Name(id=name):
                origin = self.origin(name)
                return (next(iter(origin.same)),) if len(origin.same) == 1 and not origin.calls else None
            case ast.Attribute(value=inner, attr=attr):
                start = self.path(inner)
                return (*start, attr) if start else None
            case ast.Call(func=inner) | ast.Subscript(value=inner):
                return self.path(inner)
        return None

    def call(self, node: ast.Call, *, bare: bool = False) -> Value:
        chained = node is self.chained
        receiver = self._receiver(node.func)
        if not isinstance(node.func, ast.Name | ast.Attribute):
            self.value(node.func)
        shown, self.shown = self.shown, self.shown or last_name(node.func) in purity.SHOWING
        args = tuple(self.value(arg) for arg in node.args)
        keywords = tuple((keyword.arg or "**", self.value(keyword.value)) for keyword in node.keywords)
        self.shown = shown
        self._changed_by_keywords(node, receiver)
        path = self.path(node.func) or ("<unknown>", *_last_attribute(node.func))
        call = Call(
            path,
            args,
            keywords,
            receiver,
            _is_direct(node.func),
            bare,
            self.certain,
            shown,
            node is self.scoped,
            chained,
        )
        name = path[-1]
        if name in purity.CALLERS or name in purity.LAZY:
            self._run_arguments(args)
        if name not in purity.LAZY and name in _READERS and args:
            self.effects.append(Consume(args[0]))
        self._constant_code(node, name)
        self.effects.append(call)
        return self._result(call, name)

    def _receiver(self, callee: ast.expr) -> Value | None:
        if not isinstance(callee, ast.Attribute):
            return None
        self.chained = callee.value
        return self.value(callee.value)

    def _result(self, call: Call, name: str) -> Value:
        held = NONE.union(*(value.origins for value in call.arguments))
        lazy = name in purity.LAZY
        keeps = held if name in purity.WRAPPERS or name[:1].isupper() else NONE
        if call.receiver is None:
            shared = frozenset(call.path) if name in SHARED_STATE else NONE
            return Value(part=held if name == "getattr" else shared, holds=keeps, calls=(call,), lazy=lazy)
        if name in purity.FRESH:
            copied = call.receiver.origins if name in purity.WRAPPERS else NONE
            return Value(holds=copied | keeps, calls=(call,), lazy=lazy)
        part = call.receiver.origins if name in SHARED_STATE else given_by(call.receiver.origins)
        return Value(part=part, holds=keeps, calls=(*call.receiver.calls, call), lazy=lazy)

    def _constant_code(self, node: ast.Call, name: str) -> None:
        """Code in a string that is executed right here is code."""
        match node:
            case ast.Call(func=ast.Name(id="exec"), args=[ast.Constant(value=str(text)), *_]) if name == "exec":
                with contextlib.suppress(SyntaxError, ValueError):
                    self.block(ast.parse(text).body)

    def _changed_by_keywords(self, node: ast.Call, receiver: Value | None) -> None:
        for keyword in node.keywords:
            true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            if keyword.arg == "inplace" and true and receiver is not None:
                self.change(receiver)
            if keyword.arg == "out":
                self.change(self.value(keyword.value))

    def _run_arguments(self, args: tuple[Value, ...]) -> None:
        """A function given to a caller may be called there, with whatever."""
        for value in args:
            for name in sorted(value.same):
                self.effects.append(Call((name,), certain=False))


_READERS = frozenset(
    {
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
        "join",
    }
)


def _is_direct(node: ast.expr) -> bool:
    """Whether a callee is a plain dotted name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _last_attribute(node: ast.expr) -> tuple[str, ...]:
    return (node.attr,) if isinstance(node, ast.Attribute) else ()


def _namespace_item(node: ast.expr) -> str | None:
    match node:
        case ast.Subscript(
            value=ast.Call(func=ast.Name(id="globals" | "locals" | "vars"), args=[]),
            slice=ast.Constant(value=str(name)),
        ):
            return name
    return None

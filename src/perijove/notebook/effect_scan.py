"""Reads the effects of code: what a statement does as it runs, what a function does when it is called."""

import ast
import contextlib
from collections.abc import Iterable, Iterator

from perijove.notebook import special_methods
from perijove.notebook.effects import NONE, Assign, Body, Call, Change, Consume, Effect, Hold, Value
from perijove.notebook.expression_scan import ExpressionScan
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


class _Scan(ExpressionScan):
    """Walks statements in the order they run, and notes their effects."""

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
            case ast.AugAssign(target=target, op=operator, value=value):
                self._augmented(target, operator, self.value(value))
            case ast.Delete(targets=targets):
                for target in targets:
                    self._delete(target)
            case ast.For() | ast.AsyncFor():
                self._for(node)
            case ast.While(test=test, body=body, orelse=orelse) | ast.If(test=test, body=body, orelse=orelse):
                self.truth(test)
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
            case ast.Assert(test=test):
                self.truth(test)
                self.may_have_left = True
            case ast.Raise():
                self.values_in(node)
                self.may_have_left = True
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._definition(node)
            case ast.ClassDef():
                self._class(node)
            case ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal() | ast.Pass():
                pass
            case _:
                self.values_in(node)

    def _delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Attribute | ast.Subscript):
            owner = self.value(target.value)
            self.change(owner)
            methods = ("__delitem__",) if isinstance(target, ast.Subscript) else (target.attr, "__delattr__")
            self.called_by_python(owner, *methods)

    def _augmented(self, target: ast.expr, operator: ast.operator, value: Value) -> None:
        if isinstance(target, ast.Name):
            old = self.origin(target.id)
            ours, _, in_place = special_methods.of_operator(operator)
            self.called_by_python(old, ours, in_place, args=(value,))
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
            self.called_by_python(value, *special_methods.BLOCK)
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
        self.inner_body(node)
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

    def inner_body(self, node: Function | ast.Lambda) -> None:
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
        outer = self.scope
        if outer is not None:
            self.scope = Scope("function", outer.bound - scope.globals, outer.globals | scope.globals)
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
        self.local, self.shadowed, self.returns, self.scope = saved, shadowed, returns, outer

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

    def executed(self, text: str) -> None:
        with contextlib.suppress(SyntaxError, ValueError):
            self.block(ast.parse(text).body)

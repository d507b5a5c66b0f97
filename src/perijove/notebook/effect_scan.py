"""Reads the effects of code: what a statement does as it runs, what a function does when it is called."""

import ast
import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from perijove.notebook import purity, special_methods
from perijove.notebook.effects import (
    NONE,
    Assign,
    Body,
    Call,
    Consume,
    Effect,
    Hold,
    Origins,
    Value,
    holding,
    local,
    parameter,
)
from perijove.notebook.expression_scan import ExpressionScan
from perijove.notebook.scopes import (
    Function,
    FunctionNode,
    Scope,
    every_node,
    function_scope,
    is_wrapped,
    own_nodes,
    parameters,
    stored_names,
)

_MAKERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def statement_body(node: ast.stmt) -> Body:
    """What one top-level statement does when it runs."""
    scan = _Scan(None, level=-1)
    scan.statement(node)
    return Body(tuple(scan.effects), inner=scan.inner_bodies())


def body_of(node: FunctionNode, around: Mapping[str, Value] | None = None, level: int = 0) -> Body:
    """What a function does when it is called; ``around`` are the names of the functions that it stands in."""
    names = [arg.arg for arg in parameters(node.args)]
    walked = every_node(node)[1:]
    makers = [inner for inner in walked if isinstance(inner, _MAKERS)]
    yields = any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in walked)
    scan = _Scan(function_scope(node), level=level, around=around)
    scan.share(makers)
    scan.shared |= _stored_and_returned(walked)
    for name in names:
        scan.set_local(name, Value(same=frozenset({parameter(name, level)})))
    scan.own = scan.local[names[0]] if names else Value()
    if isinstance(node, ast.Lambda):
        scan.returns = scan.value(node.body)
    else:
        scan.block(node.body)
    own = own_nodes(node.body if isinstance(node.body, list) else [node.body]) if yields else ()
    generates = any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in own)
    inner_bodies = scan.inner_bodies()
    return Body(
        effects=(*scan.effects, *(effect for body in inner_bodies.values() for effect in _perhaps(body.effects))),
        level=level,
        parameters=tuple(names),
        defaults=_defaults(node.args, level, around),
        returns=scan.returns | Value(lazy=generates),
        shared=frozenset(scan.shared),
        outer=_used_of(scan.around, node),
        inner=inner_bodies,
        generates=generates,
        makes_callables=bool(makers) or yields or any(isinstance(inner, ast.GeneratorExp) for inner in walked),
    )


def _stored_and_returned(nodes: Iterable[ast.AST]) -> set[str]:
    """The names of what a function both returns and puts somewhere: its caller shares that with whoever looks there."""
    returned: set[str] = set()
    stored: set[str] = set()
    for node in nodes:
        match node:
            case ast.Return(value=ast.Name(id=name)):
                returned.add(name)
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()], value=ast.Name(id=name)):
                stored.add(name)
            case ast.Call(func=ast.Attribute(attr=method), args=arguments) if method in purity.MUTATORS:
                stored.update(each.id for each in arguments if isinstance(each, ast.Name))
    return returned & stored


def _perhaps(effects: Iterable[Effect]) -> Iterator[Effect]:
    """A function inside a function may run whenever its maker has: its effects count as its maker's."""
    for effect in effects:
        yield replace(effect, certain=False) if isinstance(effect, Assign | Call) else effect


def _used_of(around: Mapping[str, Value], node: ast.AST) -> Origins:
    """What code, and the functions that it names, use of the functions around it."""
    found, seen, stack = NONE, {node}, [node]
    while stack if around else ():
        for inner in ast.walk(stack.pop()):
            if isinstance(inner, ast.Name) and inner.id in around:
                value = around[inner.id]
                found |= value.origins
                stack.extend(value.made - seen)
                seen |= value.made
    return frozenset(name for name in found if name.startswith("<"))


def _defaults(arguments: ast.arguments, level: int, around: Mapping[str, Value] | None) -> dict[str, Value]:
    """What the parameters' defaults stand for, those that can change, for whoever makes the function."""
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    maker = _Scan(None, level=level - 1, around=around)
    return {
        arg.arg: maker.value(default)
        for arg, default in pairs
        if not isinstance(default, ast.Constant | ast.UnaryOp | ast.JoinedStr | None)
    }


class _Scan(ExpressionScan):
    """Walks statements in the order they run, and notes their effects."""

    def share(self, makers: Iterable[ast.AST]) -> None:
        """Find the local names that inner functions use."""
        bound = self.scope.bound if self.scope else set()
        for maker in makers:
            self.shared |= {node.id for node in ast.walk(maker) if isinstance(node, ast.Name) and node.id in bound}

    def inner_bodies(self) -> dict[FunctionNode, Body]:
        """The bodies of the functions made here, which see every value that a local name ever had."""
        found: dict[FunctionNode, Body] = {}
        for definition, seen in self.made:
            around = {**self.around, **seen}
            for name in self.scope.bound if self.scope else ():
                around[name] = self.ever.get(name) or Value(same=frozenset({local(name, self.level)}))
            functions = [definition] if isinstance(definition, FunctionNode) else definition.body
            found.update(
                (function, body_of(function, around, self.level + 1))
                for function in functions
                if isinstance(function, FunctionNode)
            )
        return found

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
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Global() | ast.Nonlocal() | ast.Pass():
                pass
            case _:
                self.values_in(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        """A function's import gives a name to the function, or to the module where it says so."""
        for name in stored_names(node) if self.scope is not None else ():
            self._bind_name(name, Value())

    def _delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Attribute | ast.Subscript):
            owner = self.value(target.value)
            self.change(owner, item=isinstance(target, ast.Subscript))
            methods = ("__delitem__",) if isinstance(target, ast.Subscript) else (target.attr, "__delattr__")
            self.called_by_python(owner, *methods)

    def _augmented(self, target: ast.expr, operator: ast.operator, value: Value) -> None:
        if isinstance(target, ast.Name):
            old = self.origin(target.id)
            ours, _, in_place = special_methods.of_operator(operator)
            self.called_by_python(old, ours, in_place, args=(value,))
            self.change(old)
            if value.is_known:
                self.effects.append(Hold(old, value))
            self._bind_name(target.id, old)
        else:
            self.bind(target, value)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        iterated = self.value(node.iter)
        self.effects.append(Consume(iterated))
        given = self.called_by_python(iterated, *special_methods.ITERATION) if iterated.calls else Value()
        self.depth += 1
        self.bind(node.target, iterated.a_part() | given.a_part())
        self.block([*node.body, *node.orelse])
        self.depth -= 1

    def _with(self, items: list[ast.withitem], body: list[ast.stmt]) -> None:
        for item in items:
            self.scoped = item.context_expr
            value = self.value(item.context_expr)
            given = self.called_by_python(value, *special_methods.BLOCK)
            if item.optional_vars:
                self.bind(item.optional_vars, value | value.a_part() | given)
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
        self._decorate(node, self.defaults(node.args))

    def _decorate(self, node: Function | ast.ClassDef, value: Value) -> None:
        """A decorated definition is bound, each decorator is called with it, and it is bound again."""
        self._bind_name(node.name, self.makes(node) | value)
        for decorator in reversed(node.decorator_list):
            defined = self.origin(node.name)
            made = self.value(decorator)
            path = None if isinstance(decorator, ast.Call) else self.path(decorator)
            if path:
                receiver = self.value(decorator.value) if isinstance(decorator, ast.Attribute) else None
                call = Call(path, (defined,), receiver=receiver, bare=True, certain=self.certain)
            else:
                callee = Value(calls=made.calls, made=made.made)
                call = Call(("<unknown>",), (defined,), direct=False, certain=self.certain, callee=callee)
            self.effects.append(call)
            self._bind_name(node.name, defined | Value(calls=(call,) if path else (*made.calls, call)))

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
        attributes = self._class_body(node)
        self._decorate(node, made | holding(attributes))
        given = [value for value in attributes if value.calls]
        self.effects.extend(Hold(self.origin(node.name), value) for value in given)
        for value in given:
            self.called_by_python(value, "__set_name__", args=(self.origin(node.name),))

    def _class_body(self, node: ast.ClassDef) -> list[Value]:
        """Run a class's body: the class holds what it binds, wrapped methods among it, and no plain one."""
        own = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        inner = _Scan(Scope("function", own), level=self.level, around=self.around)
        inner.local, inner.made, inner.hidden = dict(self.local), self.made, own
        inner.depth, inner.may_have_left = self.depth, self.may_have_left
        wrapped: list[Value] = []
        for child in node.body:
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                inner.statement(child)
            elif is_wrapped(child):
                inner._decorate(child, Value())
                wrapped.append(Value(calls=inner.local.pop(child.name).calls))
        self.effects.extend(effect for effect in inner.effects if not isinstance(effect, Assign))
        return [*(inner.local[name] for name in sorted(own & inner.local.keys())), *wrapped]

    def executed(self, text: str) -> None:
        with contextlib.suppress(SyntaxError, ValueError):
            self.block(ast.parse(text).body)

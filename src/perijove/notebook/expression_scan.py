"""Reads the effects of expressions: what a value may be, and what calls do on the way to it."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace

from perijove.notebook import purity, special_methods
from perijove.notebook.applied import applied
from perijove.notebook.callees import (
    does_more_than_look,
    found_by_getattr,
    is_direct,
    is_super,
    keeps_arguments,
    last_attribute,
)
from perijove.notebook.effects import (
    NONE,
    Assign,
    Call,
    Change,
    Consume,
    Definition,
    Effect,
    Hold,
    Value,
    given_by,
    holding,
    local,
)
from perijove.notebook.namespaces import builtins_item, builtins_set, globals_item, namespace_update
from perijove.notebook.operator_callables import as_function, as_method, method_of_type
from perijove.notebook.process_state import SHARED_STATE
from perijove.notebook.reads import last_name
from perijove.notebook.scopes import Scope

_READERS = purity.words("all any Counter deque dict frozenset join list max min set sorted sum tuple")


class ExpressionScan(ABC):
    """Walks expressions in the order they are evaluated, and notes their effects.

    ``level``: inside how many functions the function stands, -1 for a statement; ``around``: what the names of those
    stand for; ``ever``: all that a local name stood for; ``shared``: the local names that inner functions use;
    ``own``: what the first parameter stands for; ``made``: the functions and classes that were made, each with the
    local names of that moment; ``hidden``: the names of a class's body, which its functions don't see.
    """

    def __init__(self, scope: Scope | None, *, level: int, around: Mapping[str, Value] | None = None) -> None:
        self.scope, self.level, self.around = scope, level, around or {}
        self.local: dict[str, Value] = {}
        self.ever: dict[str, Value] = {}
        self.shared: set[str] = set()
        self.hidden: set[str] = set()
        self.made: list[tuple[Definition, dict[str, Value]]] = []
        self.effects: list[Effect] = []
        self.returns = Value()
        self.own = Value()
        self.depth = 0
        self.may_have_left = False
        self.shown = False
        self.scoped: ast.expr | None = None
        self.chained: ast.expr | None = None

    @property
    def certain(self) -> bool:
        """Whether what comes now always happens."""
        return not self.depth and not self.may_have_left

    # --- names ---

    def origin(self, name: str) -> Value:
        if name in self.local:
            return self.local[name]
        if self.scope is not None and name in self.scope.bound:
            return Value()
        around = None if self.scope is not None and name in self.scope.globals else self.around.get(name)
        return around if around is not None else Value(same=frozenset({name}))

    def set_local(self, name: str, value: Value, *, perhaps: bool = False) -> None:
        """Let a local name stand for something; one that inner functions use is an object that they share."""
        if name in self.shared and not value.is_given:
            value |= Value(same=frozenset({local(name, self.level)}))
        self.ever[name] = self.ever.get(name, Value()) | value
        self.local[name] = self.local.get(name, Value()) | value if perhaps else value

    def bind(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                self._bind_name(name, value)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for element in elements:
                    self.bind(element.value if isinstance(element, ast.Starred) else element, value.a_part())
            case ast.Attribute(value=changed):
                owner = self.owner(changed)
                builtin = builtins_item(target)
                if builtin:
                    self.effects.append(Assign(builtin, value, certain=False))
                self._set_part(owner, value)
                self.called_by_python(owner, target.attr, "__set__", "__setattr__", args=(value,))
            case ast.Subscript(value=changed, slice=index):
                key, owner = self.value(index), self.owner(changed)
                item = globals_item(target)
                if item:
                    self.effects.append(Assign(item, value))
                self._set_part(owner, value, item=True)
                self.called_by_python(owner, "__setitem__", args=(key, value))

    def _bind_name(self, name: str, value: Value) -> None:
        if self.scope is None or name in self.scope.globals:
            self.effects.append(Assign(name, value, certain=self.certain))
        elif name in self.around and name not in self.scope.bound:
            self._set_part(self.around[name].shared, value)
        else:
            self.set_local(name, value, perhaps=self.depth > 0)

    def _set_part(self, changed: Value, value: Value, *, item: bool = False) -> None:
        self.change(changed, item=item)
        if changed.origins and value.is_known:
            self.effects.append(Hold(changed, value))

    def change(self, value: Value, *, item: bool = False) -> None:
        if value.origins or value.calls:
            self.effects.append(Change(value, item=item))

    def called_by_python(self, value: Value, *methods: str | None, args: tuple[Value, ...] = ()) -> Value:
        """Python itself calls these methods of a value, if there are such: what they give."""
        names = tuple(name for name in methods if name)
        if not (names and (value.origins or value.calls)):
            return Value()
        call = Call(names, args, receiver=value, certain=self.certain, shown=self.shown, implicit=True)
        self.effects.append(call)
        return Value(calls=(call,))

    def makes(self, node: Definition) -> Value:
        """The function or class that a definition makes."""
        seen = {name: value for name, value in self.local.items() if name not in self.hidden}
        if self.scope is not None or seen:
            self.made.append((node, seen))
        return Value(made=frozenset({node}))

    def defaults(self, arguments: ast.arguments) -> Value:
        """What a function holds: its parameters' defaults."""
        return holding(self.value(default) for default in [*arguments.defaults, *arguments.kw_defaults] if default)

    @abstractmethod
    def executed(self, text: str) -> None:
        """Note what code in a string does that is executed right here."""

    # --- expressions ---

    def value(self, node: ast.expr) -> Value:  # noqa: C901 - one case a kind of node
        match node:
            case ast.Name(id=name):
                return self.origin(name)
            case ast.Attribute(attr=attr):
                return self._attribute(node).numbers(attr)
            case ast.Subscript(value=inner):
                return self._item(node, self.value(inner))
            case ast.Starred(value=inner):
                spread = self.value(inner)
                self.effects.append(Consume(spread))
                return spread
            case ast.Await(value=inner):
                return self.value(inner)
            case ast.NamedExpr(target=target, value=inner):
                made = self.value(inner)
                self.bind(target, made)
                return made
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.truth(test)
                return self._perhaps(body, orelse)
            case ast.BoolOp(values=[first, *rest]):
                return self.truth(first) | self._perhaps(*rest)
            case ast.BinOp():
                return self._operation(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.UnaryOp(op=operator, operand=inner):
                self.called_by_python(self.value(inner), *special_methods.of_unary(operator))
                return Value()
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return self._held(elements)
            case ast.Dict(keys=keys, values=values):
                return self._held([inner for inner in [*keys, *values] if inner])
            case ast.GeneratorExp():
                return self._comprehension(node) | (self._later(node) if does_more_than_look(node) else Value())
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Call():
                function = as_function(node)
                return self.value(function) if function else self.call(node)
            case ast.JoinedStr():
                shown, self.shown = self.shown, True
                self.values_in(node)
                self.shown = shown
                return Value()
            case ast.FormattedValue(value=inner):
                self.called_by_python(self.value(inner), *special_methods.TEXT)
                return Value()
            case ast.Lambda():
                return self.makes(node) | self.defaults(node.args)
            case ast.Yield(value=inner) | ast.YieldFrom(value=inner):
                if inner:
                    self.returns |= holding([self.value(inner)])
                return Value()
            case _ if type(node).__name__ in {"Interpolation", "TemplateStr"}:
                return self._held(inner for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.expr))
            case _:
                self.values_in(node)
                return Value()

    def owner(self, node: ast.expr) -> Value:
        """The value of an expression whose object changes, or has a method called: no mere numbers."""
        if isinstance(node, ast.Subscript):
            return self._item(node, self.owner(node.value))
        return self._attribute(node) if isinstance(node, ast.Attribute) else self.value(node)

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        if node.attr == "__dict__":
            return owner  # what is done to it is done to the object
        self.called_by_python(owner, node.attr, "__get__", "__getattr__", "__getattribute__")
        function = method_of_type(node)
        return owner.a_part(node.attr) | (self.makes(function) if function else Value())

    def truth(self, node: ast.expr) -> Value:
        """The value of an expression that is asked whether it is true."""
        value = self.value(node)
        self.called_by_python(value, *special_methods.TRUTH)
        return value

    def _item(self, node: ast.Subscript, owner: Value) -> Value:
        key = self.value(node.slice)
        item = globals_item(node)
        if item:
            return self.origin(item)
        self.called_by_python(owner, *special_methods.LOOK_UP, args=(key,))
        return owner.a_part()

    def _operation(self, node: ast.BinOp) -> Value:
        """Sums, products and unions hold what they are made of; so may what ``<<`` and ``>>`` give."""
        left, right = self.value(node.left), self.value(node.right)
        ours, theirs, _ = special_methods.of_operator(node.op)
        given = self.called_by_python(left, ours, args=(right,)) | self.called_by_python(right, theirs, args=(left,))
        keeps = isinstance(node.op, ast.Add | ast.Mult | ast.BitOr | ast.LShift | ast.RShift)
        return given | holding([left, right]) if keeps else given

    def _comparison(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        for operator, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.value(comparator)
            ours, theirs = special_methods.of_comparison(operator)
            self.called_by_python(left, ours, args=(right,))
            self.called_by_python(right, theirs, args=(left,))
            left = right
        return Value()

    def _perhaps(self, *nodes: ast.expr) -> Value:
        """The values of expressions that are evaluated or not."""
        self.depth += 1
        made = Value()
        for node in nodes:
            made |= self.value(node)
        self.depth -= 1
        return made

    def _held(self, elements: Iterable[ast.expr]) -> Value:
        """A container of what the elements may be, and of what their calls give."""
        return holding([self.value(element) for element in elements])

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
        return held | Value(lazy=isinstance(node, ast.GeneratorExp))

    def _later(self, node: ast.GeneratorExp) -> Value:
        """What a generator expression that is read later does then: it is a function that is called once."""
        empty = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        body = ast.copy_location(ast.ListComp(node.elt, node.generators), node)
        return self.makes(ast.copy_location(ast.Lambda(empty, body), node))

    def values_in(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)

    # --- calls ---

    def path(self, node: ast.expr) -> tuple[str, ...] | None:
        """The dotted name of a callee that starts with one name of the module; calls on the way are passed over."""
        match node:
            case ast.Name(id=name):
                origin = self.origin(name)
                plain = len(origin.same) == 1 and not (origin.calls or origin.made)
                return (next(iter(origin.same)),) if plain else None
            case ast.Attribute(value=inner, attr=attr):
                start = self.path(inner)
                return (*start, attr) if start else None
            case ast.Call(func=inner) | ast.Subscript(value=inner) if not as_function(node):
                return self.path(inner)
        return None

    def call(self, node: ast.Call, *, bare: bool = False) -> Value:
        chained = node is self.chained
        node = as_method(node) or node
        func = found_by_getattr(node.func) or node.func
        receiver = self._receiver(func)
        callee = None if isinstance(func, ast.Attribute) else self.value(func)
        shown, self.shown = self.shown, self.shown or last_name(func) in purity.SHOWING
        reads = last_name(func) not in purity.LAZY
        args = tuple(
            self._comprehension(arg) if reads and isinstance(arg, ast.GeneratorExp) else self.value(arg)
            for arg in node.args
        )
        keywords = tuple((keyword.arg or "**", self.value(keyword.value)) for keyword in node.keywords)
        self.shown = shown
        self._changed_by_keywords(node, receiver)
        path = self.path(func) or ("<unknown>", *last_attribute(func))
        by_name = isinstance(func, ast.Name) and path[0] != "<unknown>"
        told = callee if callee and callee.is_known and not by_name else None
        scoped = node is self.scoped
        call = Call(
            path, args, keywords, receiver, is_direct(func), bare, self.certain, shown, scoped, chained, callee=told
        )
        name = path[-1]
        if name in purity.READING_THROUGH:
            self.effects.extend(Consume(value) for value in args if value.is_known)
        elif name in purity.CALLERS or name in purity.LAZY:
            self.effects.extend(applied(call))
        if name not in purity.LAZY and name in _READERS and args:
            self.effects.append(Consume(args[0]))
        self._constant_code(node)
        for written, made in namespace_update(node) or ():
            self.effects.append(Assign(written, self.value(made), certain=self.certain))
        for written, made in filter(None, [builtins_set(node)]):
            self.effects.append(Assign(written, self.value(made), certain=False))
        self.effects.append(call)
        return self._result(call, name) | self._called_by_type(func, call)

    def _called_by_type(self, func: ast.expr, call: Call) -> Value:
        """``list.append(xs, x)`` is a call of the method of its first argument, unless ``list`` is something else."""
        function = method_of_type(func)
        if function is None:
            return Value()
        method = replace(call, path=("<unknown>",), receiver=None, callee=self.makes(function), direct=False)
        self.effects.append(method)
        return Value(calls=(method,))

    def _receiver(self, callee: ast.expr) -> Value | None:
        if not isinstance(callee, ast.Attribute):
            return None
        self.chained = callee.value
        if is_super(callee.value):
            return self.value(callee.value.args[-1]) if callee.value.args else self.own
        return self.owner(callee.value)

    def _result(self, call: Call, name: str) -> Value:
        held = holding(call.arguments)
        again = call.receiver is not None and name in purity.REREADABLE and call.path[0] != "itertools"
        lazy = name in purity.LAZY and not again
        keeps = held if keeps_arguments(call) else Value()
        if name == "__new__":
            return Value(calls=(call,))
        if call.receiver is None:
            shared = frozenset(call.path) if name in SHARED_STATE else NONE
            gives = name in purity.GIVING_PARTS or (name in purity.GREATEST and call.keywords)  # numbers need no key
            return keeps | Value(part=held.origins if gives and call.arguments else shared, calls=(call,), lazy=lazy)
        if name in purity.FRESH:
            copied = given_by(call.receiver.origins) if name in purity.WRAPPERS else NONE
            return keeps | Value(holds=copied, calls=(call,), lazy=lazy)
        part = call.receiver.origins if name in SHARED_STATE else given_by(call.receiver.origins, name)
        part |= held.origins if name in purity.PROXIES else NONE
        return keeps | Value(part=part, calls=(*call.receiver.calls, call), lazy=lazy)

    def _constant_code(self, node: ast.Call) -> None:
        match node:
            case ast.Call(func=ast.Name(id="exec"), args=[ast.Constant(value=str(text)), *_]):
                self.executed(text)

    def _changed_by_keywords(self, node: ast.Call, receiver: Value | None) -> None:
        for keyword in node.keywords:
            true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            if keyword.arg == "inplace" and true and receiver is not None:
                self.change(receiver)
            if keyword.arg == "out":
                self.change(self.value(keyword.value))

"""The notebook's run, replayed on abstract objects: which statement bound a name, and which changed its object."""

import ast
import builtins
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from perijove.notebook import purity
from perijove.notebook.bindings import Names, names_of
from perijove.notebook.effects import (
    Assign,
    Body,
    Call,
    Change,
    Consume,
    Effect,
    Hold,
    Value,
    body_of,
    effects_of,
)
from perijove.notebook.scopes import bound_by_alias
from perijove.notebook.statements import Program, Statement

BUILTINS = frozenset(dir(builtins)) | {
    "__file__",
    "__name__",
    "__doc__",
    "__builtins__",
    "__spec__",
    "__loader__",
    "__package__",
}
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False, slots=True)
class Thing:
    """An abstract object: what it holds and when it changed, by statement index.

    ``module`` is the dotted path it was imported from; ``definition`` the function, lambda or class it is.
    """

    holds: list[tuple[int, "Thing"]] = field(default_factory=list)
    changes: list[tuple[int, bool]] = field(default_factory=list)
    module: str | None = None
    definition: ast.AST | None = None
    lazy: bool = False
    stateful: bool = False


Things = frozenset[Thing]


@dataclass(frozen=True, slots=True)
class Binding:
    """That statement ``index`` bound a name (``deleted``: unbound it), for certain or perhaps."""

    index: int
    definite: bool
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A statement that sets something of ``library`` for the whole process."""

    index: int
    library: str


@dataclass(slots=True)
class Facts:
    """What one statement reads and binds, and the names that its value may look up when it is used."""

    names: Names
    late: frozenset[str] = frozenset()


class History:
    """Everything the slice asks about: bindings and changes by name and by time."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.facts: list[Facts] = []
        self.bindings: dict[str, list[Binding]] = {}
        self.stars: list[tuple[int, ast.ImportFrom]] = []
        self.settings: list[Setting] = []
        self.dynamic: list[tuple[int, int]] = []
        self._values: dict[str, list[tuple[int, Things]]] = {}
        self._bodies: dict[ast.AST, Body] = {}
        self._methods: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = {}
        for statement in program.statements:
            self._replay(statement)

    # --- questions ---

    def bound_before(self, name: str, at: int) -> tuple[list[Binding], bool]:
        """The bindings that may give ``name`` its value just before statement ``at``, and whether one surely does."""
        found: list[Binding] = []
        events = self.bindings.get(name, [])
        for binding in reversed(events[: bisect_left(events, at, key=lambda event: event.index)]):
            if binding.deleted:
                return found, bool(found)
            found.append(binding)
            if binding.definite:
                return found, True
        return found, bool(found)

    def deleted_before(self, name: str, at: int) -> int | None:
        """The statement whose ``del`` is the last word on ``name`` before statement ``at``."""
        events = self.bindings.get(name, [])
        earlier = events[: bisect_left(events, at, key=lambda event: event.index)]
        return earlier[-1].index if earlier and earlier[-1].deleted else None

    def changes_before(self, name: str, at: int) -> list[tuple[int, bool]]:
        """The statements before ``at`` that changed the object ``name`` stands for then, or one it holds."""
        things = self._reach(self._things(name, at), at)
        return sorted({change for thing in things for change in thing.changes if change[0] < at})

    def libraries(self, name: str, at: int) -> set[str]:
        """The dotted modules that ``name`` was imported from."""
        return {thing.module for thing in self._things(name, at) if thing.module}

    # --- replay ---

    def _things(self, name: str, at: int | None = None) -> Things:
        values = self._values.get(name)
        if not values:
            return frozenset()
        if at is None:
            return values[-1][1]
        place = bisect_left(values, at, key=lambda value: value[0])
        return values[place - 1][1] if place else frozenset()

    def _reach(self, things: Iterable[Thing], at: int | None = None) -> set[Thing]:
        seen: set[Thing] = set()
        stack = list(things)
        while stack:
            thing = stack.pop()
            if thing not in seen:
                seen.add(thing)
                stack.extend(held for index, held in thing.holds if at is None or index < at)
        return seen

    def _replay(self, statement: Statement) -> None:
        names = names_of(statement.node)
        self.facts.append(Facts(names, self._late(statement, names)))
        index = statement.index
        self.stars.extend((index, star) for star in names.stars)
        if names.dynamic:
            self.dynamic.append((index, statement.line_at(names.dynamic)))
        before = {name: self._things(name) for name in names.binds}
        _Replay(self, index).run(effects_of(statement.node))
        self._bind(statement, names, before)
        if isinstance(statement.node, ast.ClassDef):
            for child in statement.node.body:
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                    self._methods.setdefault(child.name, []).append(child)

    def _bind(self, statement: Statement, names: Names, before: dict[str, Things]) -> None:
        index = statement.index
        if statement.half and not hasattr(statement.node, "body"):
            return  # the right side raised: nothing was bound
        for name, definite in names.binds.items():
            self.note_binding(name, Binding(index, definite))
            made = self._values.get(name)
            if not made or made[-1][0] != index:
                self.set_things(name, index, frozenset({Thing()}))
            if not definite:
                self.set_things(name, index, self._things(name) | before[name])
        for name in names.deletes:
            self.note_binding(name, Binding(index, True, deleted=True))
            self.set_things(name, index, frozenset())
        for inner in ast.walk(statement.node) if not isinstance(statement.node, FunctionNode | ast.ClassDef) else ():
            if isinstance(inner, ast.Import | ast.ImportFrom):
                self._bind_import(inner, index)
        self._bind_definition(statement.node)

    def _bind_definition(self, node: ast.stmt) -> None:
        defined: list[tuple[str, ast.AST]] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.append((node.name, node))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            defined.extend((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif not isinstance(node, ast.Assign):
            defined.extend(
                (n.name, n)
                for n in ast.walk(node)
                if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            )
        for name, definition in defined:
            for thing in self._things(name):
                thing.definition = thing.definition or definition

    def _bind_import(self, node: ast.Import | ast.ImportFrom, index: int) -> None:
        for alias in node.names:
            if alias.name == "*":
                continue
            if isinstance(node, ast.ImportFrom):
                module = f"{'.' * node.level}{node.module or ''}.{alias.name}"
            else:
                module = alias.name if alias.asname else alias.name.partition(".")[0]
            self.set_things(bound_by_alias(alias), index, frozenset({Thing(module=module)}))

    def _late(self, statement: Statement, names: Names) -> frozenset[str]:
        """The names that the statement's value may look up when it is used: its own bodies', and its parts'."""
        late = frozenset(names.later)
        only_called = _only_called(statement.node)
        for name in names.now:
            if name in only_called and not self._may_return_callables(name):
                continue
            for binding in self.bound_before(name, statement.index)[0]:
                part = self.facts[binding.index].late
                late = part if not late else late | part if part else late
        return late

    def _may_return_callables(self, name: str) -> bool:
        things = self._things(name)
        definitions = [thing.definition for thing in things]
        if not things or any(isinstance(d, ast.ClassDef) or d is None for d in definitions):
            return not all(thing.module for thing in things) or not things
        return any(
            self.body(d).makes_callables or self.body(d).returns.origins
            for d in definitions
            if isinstance(d, FunctionNode)
        )

    def body(self, definition: FunctionNode) -> Body:
        """A function's effects, computed once."""
        if definition not in self._bodies:
            self._bodies[definition] = body_of(definition)
        return self._bodies[definition]

    def methods(self, name: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """The methods of that name of the classes defined so far."""
        return self._methods.get(name, [])

    def note_binding(self, name: str, binding: Binding) -> None:
        """Add a binding, once a statement."""
        events = self.bindings.setdefault(name, [])
        if not events or events[-1].index != binding.index:
            events.append(binding)

    def set_things(self, name: str, index: int, things: Things) -> None:
        """From after statement ``index`` on, ``name`` stands for ``things``."""
        values = self._values.setdefault(name, [])
        if values and values[-1][0] == index:
            values[-1] = (index, things)
        else:
            values.append((index, things))

    def things(self, name: str) -> Things:
        """What ``name`` stands for now, in the replay."""
        return self._things(name)

    def reach(self, things: Iterable[Thing]) -> set[Thing]:
        """The objects, and all that they hold."""
        return self._reach(things)


class _Replay:
    """Runs one statement's effects on the history's objects."""

    def __init__(self, history: History, index: int) -> None:
        self.history, self.index = history, index
        self.running: list[ast.AST] = []

    def run(self, effects: Iterable[Effect], frame: dict[str, Things] | None = None) -> None:
        """``frame`` gives the parameters of a called function their objects; None at the notebook's top level."""
        for effect in effects:
            match effect:
                case Change(names, _, deep, sure):
                    if frame is None or sure:
                        self._change(self._resolve(names, frame), deep=deep, sure=sure)
                case Hold(names, value):
                    self._hold(self._resolve(names, frame), self._resolve(value.origins, frame))
                case Consume(names, _):
                    self._change({t for t in self._resolve(names, frame) if t.lazy}, deep=False, sure=True)
                case Assign(name, value):
                    self._assign(name, value, frame)
                case Call():
                    self._call(effect, frame)

    def _resolve(self, names: Iterable[str], frame: dict[str, Things] | None) -> set[Thing]:
        found: set[Thing] = set()
        for name in names:
            if name.startswith("<"):
                found |= (frame or {}).get(name, frozenset())
            else:
                found |= self.history.things(name)
        return found

    def _value(self, value: Value, frame: dict[str, Things] | None) -> Things:
        """The objects an expression may be: an existing one, or a new one that holds others."""
        same = self._resolve(value.same, frame)
        held = self._resolve(value.holds, frame)
        made = Thing(lazy=value.lazy)
        made.holds.extend((self.index, thing) for thing in held)
        for call in value.calls:
            self._result(call, made, frame)
        if same and not value.calls:
            if not held:
                return frozenset(same)
            return frozenset(same | {made})
        return frozenset({made} | same)

    def _result(self, call: Call, made: Thing, frame: dict[str, Things] | None) -> None:
        """What a call's result keeps: its class, and whatever a function of the notebook returns."""
        for callee in self._resolve([call.path[0]], frame):
            definition = callee.definition
            if isinstance(definition, ast.ClassDef):
                made.holds.append((self.index, callee))
                arguments = [*call.args, *(value for _, value in call.keywords)]
                for value in arguments:
                    made.holds.extend((self.index, thing) for thing in self._resolve(value.origins, frame))
            elif isinstance(definition, FunctionNode) and len(call.path) == 1:
                body = self.history.body(definition)
                made.stateful |= body.stateful
                made.lazy |= body.returns.lazy
                inner = self._frame(body, call, frame)
                made.holds.extend((self.index, thing) for thing in self._resolve(body.returns.origins, inner))

    def _assign(self, name: str, value: Value, frame: dict[str, Things] | None) -> None:
        self.history.set_things(name, self.index, self._value(value, frame))
        if frame is not None:  # a function wrote a global
            self.history.note_binding(name, Binding(self.index, definite=False))

    def _change(self, things: Iterable[Thing], *, deep: bool, sure: bool) -> None:
        for thing in self.history.reach(things) if deep else things:
            if thing.module:
                self._set(thing.module)
            elif not thing.changes or thing.changes[-1][0] != self.index:
                thing.changes.append((self.index, sure))
            elif sure:
                thing.changes[-1] = (self.index, True)

    def _hold(self, containers: Iterable[Thing], held: Iterable[Thing]) -> None:
        new = list(held)
        for container in containers:
            container.holds.extend((self.index, thing) for thing in new if thing is not container)

    def _set(self, library: str) -> None:
        setting = Setting(self.index, library)
        if setting not in self.history.settings[-3:]:
            self.history.settings.append(setting)

    # --- calls ---

    def _call(self, call: Call, frame: dict[str, Things] | None) -> None:
        root = call.path[0]
        things = self._resolve([root], frame)
        if not things:
            if not root.startswith("<"):
                self._builtin(call, frame)
            return
        for thing in sorted(things, key=id):
            if thing.module:
                self._library(".".join((thing.module, *call.path[1:])), call, frame)
            elif isinstance(thing.definition, FunctionNode) and len(call.path) == 1:
                self._enter(thing.definition, call, frame, ())
            elif isinstance(thing.definition, ast.ClassDef):
                self._class(thing.definition, thing, call, frame)
            elif len(call.path) == 1:
                self._instance_called(thing, call, frame)
            else:
                self._method(thing, call, frame)

    def _builtin(self, call: Call, frame: dict[str, Things] | None) -> None:
        place = purity.CHANGING_BUILTINS.get(call.path[0])
        if place is not None and len(call.args) > place:
            self._change(self._resolve(call.args[place].origins, frame), deep=False, sure=True)
            if call.path[0] == "setattr" and len(call.args) > 2:
                self._hold(self._resolve(call.args[0].same, frame), self._resolve(call.args[2].origins, frame))

    def _library(self, dotted: str, call: Call, frame: dict[str, Things] | None) -> None:
        place = purity.CHANGING_FUNCTIONS.get(dotted, -1)
        if place is not None and place >= 0 and len(call.args) > place:
            self._change(self._resolve(call.args[place].origins, frame), deep=False, sure=True)
        if is_setting(dotted):
            self._set(dotted)
        elif call.bare and frame is None and dotted.partition(".")[0] not in purity.LOOKING_LIBRARIES:
            for value in call.args:
                self._change(self._resolve(value.same, frame), deep=True, sure=False)

    def _class(self, node: ast.ClassDef, thing: Thing, call: Call, frame: dict[str, Things] | None) -> None:
        wanted = {"__init__", "__new__", "__post_init__"} if len(call.path) == 1 else {call.path[-1]}
        found = False
        for child in node.body:
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and child.name in wanted:
                found = True
                bound = any(getattr(d, "id", "") == "classmethod" for d in child.decorator_list)
                own: tuple[Things, ...] = (
                    (frozenset({thing}) if bound else frozenset(),) if len(call.path) == 1 or bound else ()
                )
                self._enter(child, call, frame, own)
        if not found and len(call.path) > 1 and call.path[-1] in purity.MUTATORS:
            self._change([thing], deep=False, sure=True)

    def _instance_called(self, thing: Thing, call: Call, frame: dict[str, Things] | None) -> None:
        if thing.stateful:
            self._change([thing], deep=False, sure=True)
        for held in sorted(self.history.reach([thing]) - {thing}, key=id):
            if isinstance(held.definition, FunctionNode):
                self._enter(held.definition, call, frame, ())
            elif isinstance(held.definition, ast.ClassDef):
                self._own_method("__call__", thing, held.definition, call, frame)

    def _method(self, thing: Thing, call: Call, frame: dict[str, Things] | None) -> None:
        method = call.path[-1]
        own = [held.definition for held in self.history.reach([thing]) if isinstance(held.definition, ast.ClassDef)]
        known = [self._own_method(method, thing, definition, call, frame) for definition in own]
        if any(known):
            return
        inherited = own and any(definition.bases for definition in own)
        if not inherited and method in purity.FRESH | purity.VIEW:
            return
        sure = method in purity.MUTATORS
        if sure or frame is None:
            self._change([thing], deep=method not in purity.SHALLOW, sure=sure)
            held = [
                t for value in (*call.args, *(v for _, v in call.keywords)) for t in self._resolve(value.origins, frame)
            ]
            self._hold([thing], held)

    def _own_method(
        self, name: str, thing: Thing, node: ast.ClassDef, call: Call, frame: dict[str, Things] | None
    ) -> bool:
        found = [c for c in node.body if isinstance(c, ast.FunctionDef | ast.AsyncFunctionDef) and c.name == name]
        for child in found:
            static = any(getattr(d, "id", "") == "staticmethod" for d in child.decorator_list)
            self._enter(child, call, frame, () if static else (frozenset({thing}),))
        return bool(found)

    def _enter(
        self, definition: FunctionNode, call: Call, frame: dict[str, Things] | None, own: tuple[Things, ...]
    ) -> None:
        if definition in self.running or len(self.running) > 20:
            return
        body = self.history.body(definition)
        self.running.append(definition)
        self.run(body.effects, self._frame(body, call, frame, own))
        self.running.pop()

    def _frame(
        self, body: Body, call: Call, frame: dict[str, Things] | None, own: tuple[Things, ...] = ()
    ) -> dict[str, Things]:
        """The objects of a called function's parameters."""
        given = [*own, *(frozenset(self._resolve(value.origins, frame)) for value in call.args)]
        inner = {f"<{name}>": things for name, things in zip(body.parameters, given, strict=False)}
        rest = frozenset[Thing]().union(*given[len(body.parameters) :])
        for name, value in call.keywords:
            things = frozenset(self._resolve(value.origins, frame))
            if name in body.parameters:
                inner[f"<{name}>"] = things
            else:
                rest |= things
        for name in body.parameters if rest else ():
            inner[f"<{name}>"] = inner.get(f"<{name}>", frozenset()) | rest
        return inner


def is_setting(dotted: str) -> bool:
    """Whether a library's function, by its name, sets something for the whole process."""
    parts = dotted.split(".")
    if any(part[:1].isupper() and part != "InlineBackend" for part in parts[1:-1]):
        return parts[-1] in {"patch", "register", "set_default"}
    name = parts[-1]
    if name in purity.NO_SETTINGS or name[:1].isupper():
        return False
    if parts[:2] in (["sys", "path"], ["os", "environ"], ["sys", "meta_path"], ["sys", "modules"]):
        return name in purity.MUTATORS
    if name in purity.SETTING_VERBS or (
        parts[-2:-1] and parts[-2] in {"rcParams", "options", "defaults"} and name in purity.MUTATORS
    ):
        return len(parts) > 1
    return name.startswith(tuple(f"{verb}_" for verb in purity.SETTING_VERBS)) or name in {
        "setlocale",
        "setrecursionlimit",
        "setdefaulttimeout",
        "setLevel",
        "signal",
        "addHandler",
    }


def _only_called(node: ast.stmt) -> set[str]:
    """The names that the statement's own code only calls: their value goes nowhere but by what they return."""
    called: set[str] = set()
    used: set[str] = set()
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return called
    callees = {id(inner.func) for inner in ast.walk(node) if isinstance(inner, ast.Call)}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
            (called if id(inner) in callees else used).add(inner.id)
    return called - used


def bodies(node: ast.AST) -> Iterator[FunctionNode]:
    """Every function under a node."""
    return (inner for inner in ast.walk(node) if isinstance(inner, FunctionNode))

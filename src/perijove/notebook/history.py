"""The notebook's run, replayed on abstract objects: which statement bound a name, and which changed its object."""

import ast
import builtins
from bisect import bisect_left
from dataclasses import dataclass

from perijove.notebook.bindings import names_of
from perijove.notebook.effect_scan import body_of, statement_body
from perijove.notebook.effects import Assign, Body, Call, Value
from perijove.notebook.evaluation import own_methods
from perijove.notebook.process_state import draws_unseeded, seeds, shared_generator
from perijove.notebook.reads import Names
from perijove.notebook.replay import Replay
from perijove.notebook.scopes import FunctionNode, bound_by_alias, functions_in
from perijove.notebook.special_methods import defined_in
from perijove.notebook.statements import Program, Statement
from perijove.notebook.summaries import Closures
from perijove.notebook.things import Change, Thing, Things, merged, reach_at

_MODULE_NAMES = {"__file__", "__name__", "__doc__", "__builtins__", "__spec__", "__loader__", "__package__"}
BUILTINS = frozenset(dir(builtins)) | _MODULE_NAMES
# Built-in functions that give a number, a text or a truth value.
_CONSTANT_BUILTINS = frozenset({"bool", "float", "hash", "int", "isinstance", "len", "ord", "str"})
_USUAL_ALIASES = {"np": "numpy", "numpy": "numpy", "random": "random"}
# Names that translated magics use and nobody need have imported.
_IMPLICIT_THINGS = {
    "os": frozenset({Thing(module="os")}),
    "load_dotenv": frozenset({Thing(module="dotenv.load_dotenv")}),
}


@dataclass(frozen=True, slots=True)
class Binding:
    """That statement ``index`` bound a name (``deleted``: unbound it), for certain or perhaps.

    ``trial``: a flow that the statement ran bound it.
    """

    index: int
    definite: bool
    deleted: bool = False
    trial: bool = False


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

    def __init__(self, program: Program, function: str = "") -> None:
        self.program = program
        self.function = function
        self.facts: list[Facts] = []
        self.bindings: dict[str, list[Binding]] = {}
        self.stars: list[tuple[int, ast.ImportFrom]] = []
        self.settings: list[Setting] = []
        self.dynamic: list[tuple[int, int]] = []
        self.special: set[str] = set()
        self.methods: dict[str, list[ast.ClassDef]] = {}
        self.closures = Closures()
        self._postponed = False
        self._seeded = any(word in cell.source for cell in program.cells for word in ("seed", "setstate", "set_state"))
        self._values: dict[str, list[tuple[int, Things]]] = {}
        self._bodies: dict[FunctionNode, Body] = {}
        for statement in program.statements:
            self._replay(statement)

    # --- questions ---

    def bound_before(self, name: str, at: int) -> tuple[list[Binding], bool]:
        """The bindings that may give ``name`` its value just before statement ``at``, and whether there is one."""
        found: list[Binding] = []
        events = self.bindings.get(name, [])
        for binding in reversed(events[: bisect_left(events, at, key=lambda event: event.index)]):
            if binding.deleted:
                break
            found.append(binding)
            if binding.definite:
                break
        return found, bool(found)

    def deleted_before(self, name: str, at: int) -> int | None:
        """The statement whose ``del`` is the last word on ``name`` before statement ``at``."""
        events = self.bindings.get(name, [])
        earlier = events[: bisect_left(events, at, key=lambda event: event.index)]
        return earlier[-1].index if earlier and earlier[-1].deleted else None

    def changes_before(self, name: str, at: int) -> list[Change]:
        """The statements before ``at`` that changed what ``name`` stands for then, or holds."""
        return merged((thing, thing.changes_between(0, at)) for thing in self.reached(name, at))

    def reached(self, name: str, at: int) -> set[Thing]:
        """What ``name`` stands for just before statement ``at``, and all that this holds or has seen by then."""
        return reach_at(self._things_at(name, at), at)

    def libraries(self, name: str, at: int) -> set[str]:
        """The dotted modules that ``name`` was imported from."""
        return {thing.module for thing in self._things_at(name, at) if thing.module}

    def _things_at(self, name: str, at: int) -> Things:
        values = self._values.get(name, [])
        place = bisect_left(values, at, key=lambda value: value[0])
        return values[place - 1][1] if place else frozenset()

    # --- the world of the replay ---

    def things(self, name: str) -> Things:
        """What ``name`` stands for now."""
        values = self._values.get(name)
        return values[-1][1] if values else _IMPLICIT_THINGS.get(name, frozenset())

    def set_things(self, name: str, index: int, things: Things) -> None:
        """From after statement ``index`` on, ``name`` stands for ``things``."""
        for thing in things:
            thing.named = True
        values = self._values.setdefault(name, [])
        if values and values[-1][0] == index:
            values[-1] = (index, things)
        else:
            values.append((index, things))

    def note_global(self, name: str, index: int, *, definite: bool, trial: bool) -> None:
        """A called function, or a seed, bound ``name``; ``trial``: a flow that ran did."""
        self._note_binding(name, Binding(index, definite, trial=trial))

    def note_setting(self, index: int, library: str) -> None:
        """Statement ``index`` set something of a library."""
        setting = Setting(index, library)
        if setting not in self.settings[-3:]:
            self.settings.append(setting)

    def note_draw(self, index: int, generator: str) -> None:
        """Statement ``index`` drew from a shared generator: it reads its state."""
        self.facts[index].names.now.setdefault(generator, 0)
        self.facts[index].names.optional.add(generator)

    def body(self, definition: FunctionNode) -> Body:
        """A function's effects, computed once."""
        if definition not in self._bodies:
            self._keep_body(definition, body_of(definition))
        return self._bodies[definition]

    def _keep_body(self, definition: FunctionNode, body: Body) -> None:
        self._bodies[definition] = body
        for inner, its in body.inner.items():
            self._keep_body(inner, its)

    # --- the replay ---

    def _replay(self, statement: Statement) -> None:
        node, index = statement.node, statement.index
        names = names_of(node, postponed=self._postponed)
        self._note_later_draws(statement, names)
        self.facts.append(Facts(names, self._late(statement, names)))
        self.stars.extend((index, star) for star in names.stars)
        if names.dynamic:
            self.dynamic.append((index, statement.line_at(names.dynamic)))
        before = {name: self.things(name) for name in names.binds}
        for inner in statement.nodes:
            if isinstance(inner, ast.ClassDef):
                self._keep_methods(inner)
        gone = self._gone(names) if "__del__" in self.special else []
        for name in gone:
            names.now.setdefault(name, 0)
            names.optional.add(name)
        constant = isinstance(node, ast.Assign) and self._is_constant(node.value)
        unbound = statement.half and not hasattr(node, "body")  # the right side raised: nothing was bound
        body = statement_body(node)
        for inner, its in body.inner.items():
            self._keep_body(inner, its)
        deleted = [Call(("__del__",), receiver=Value(same=frozenset({name})), implicit=True) for name in gone]
        effects = [*deleted, *body.effects]
        Replay(self, index).run(e for e in effects if not (unbound and isinstance(e, Assign)))
        if unbound:
            return
        self._bind(names, before, index)
        if not isinstance(node, FunctionNode | ast.ClassDef):
            self._bind_imports(statement)
        if constant:
            self._mark_constants(names, index)

    def _keep_methods(self, node: ast.ClassDef) -> None:
        """Note which methods a class defines, also those that Python itself calls."""
        special = defined_in(node)
        self.special |= special
        for name in special | {method.name for method in functions_in(node.body)}:
            self.methods.setdefault(name, []).append(node)

    def _gone(self, names: Names) -> list[str]:
        """The names that lose an object whose class has something to do then."""
        lost = sorted({*names.binds, *names.deletes})
        return [n for n in lost if any(own_methods("__del__", t, frozenset({t})) for t in self.things(n) if t.kinds)]

    def _bind(self, names: Names, before: dict[str, Things], index: int) -> None:
        for name, definite in names.binds.items():
            self._note_binding(name, Binding(index, definite))
            made = self._values.get(name)
            if not made or made[-1][0] != index:
                self.set_things(name, index, frozenset({Thing(index)}))
            if not definite:
                self.set_things(name, index, self.things(name) | before[name])
        for name in names.deletes:
            self._note_binding(name, Binding(index, True, deleted=True))
            self.set_things(name, index, frozenset())

    def _note_binding(self, name: str, binding: Binding) -> None:
        events = self.bindings.setdefault(name, [])
        if not events or events[-1].index != binding.index:
            events.append(binding)
        elif (binding.definite and not events[-1].definite) or (events[-1].trial and not binding.trial):
            events[-1] = binding

    def _bind_imports(self, statement: Statement) -> None:
        for node in statement.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._postponed |= isinstance(node, ast.ImportFrom) and _postpones_annotations(node)
                for alias in node.names:
                    if alias.name != "*":
                        self.set_things(
                            bound_by_alias(alias),
                            statement.index,
                            frozenset({Thing(statement.index, module=_imported(node, alias))}),
                        )

    def _mark_constants(self, names: Names, index: int) -> None:
        for name in names.binds:
            for thing in self.things(name):
                thing.constant = thing.made == index

    def _is_constant(self, node: ast.expr) -> bool:
        """Whether an expression is a number, a text or a truth value, which nothing can change."""
        match node:
            case ast.Constant() | ast.JoinedStr():
                return True
            case ast.Name(id=name):
                things = self.things(name)
                return bool(things) and all(thing.constant for thing in things)
            case ast.UnaryOp(operand=inner):
                return self._is_constant(inner)
            case ast.BinOp(left=left, right=right):
                return self._is_constant(left) and self._is_constant(right)
            case ast.Tuple(elts=elements):
                return all(map(self._is_constant, elements))
            case ast.Call(func=ast.Name(id=name)):
                return name in _CONSTANT_BUILTINS and name not in self.bindings
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=place):
                of_array = not any(thing.kinds or thing.definition for thing in self.things(name))
                return of_array and self._is_constant(place)
        return False

    def _note_later_draws(self, statement: Statement, names: Names) -> None:
        """A function that draws from a shared generator reads its state when called."""
        for inner in statement.nodes if self._seeded else ():
            if isinstance(inner, FunctionNode):
                for generator in self._drawn_in(self.body(inner)):
                    names.later.setdefault(generator, 0)
                    names.optional.add(generator)

    def _drawn_in(self, body: Body) -> set[str]:
        """The shared generators that a function draws from before it seeds them."""
        seeded: set[str] = set()
        drawn: set[str] = set()
        for call in (effect for effect in body.effects if isinstance(effect, Call)):
            dotted = self._dotted(call)
            generator = shared_generator(dotted)
            if generator and seeds(dotted) and call.certain:
                seeded.add(generator)
            drawn |= {found for found in [self._drawn_from(call)] if found and found not in seeded}
        return drawn

    def _drawn_from(self, call: Call) -> str | None:
        if call.receiver is not None and draws_unseeded(call.path[-1], frozenset(name for name, _ in call.keywords)):
            return "<numpy.random>"
        dotted = self._dotted(call)
        return None if seeds(dotted) else shared_generator(dotted)

    def _dotted(self, call: Call) -> str:
        """A callee's full path, when it starts at an import."""
        modules = [thing.module for thing in self.things(call.path[0]) if thing.module]
        root = modules[0] if modules else _USUAL_ALIASES.get(call.path[0])
        return ".".join([root, *call.path[1:]]) if root else ""

    def _late(self, statement: Statement, names: Names) -> frozenset[str]:
        """The names that the statement's value may look up when it is used: its own bodies', and its parts'."""
        late = frozenset(names.later)
        only_called = _only_called(statement)
        for name in names.now:
            if name in only_called and not self._may_return_callables(name):
                continue
            for binding in self.bound_before(name, statement.index)[0]:
                part = self.facts[binding.index].late
                late = part if not late else late | part if part else late
        return late

    def _may_return_callables(self, name: str) -> bool:
        """Whether what a call of ``name`` returns may look up the names that ``name`` itself looks up."""
        for thing in self.things(name):
            if isinstance(thing.definition, FunctionNode):
                body = self.body(thing.definition)
                if body.makes_callables or body.returns.origins or body.returns.written_calls:
                    return True
            elif thing.module is None:
                return True
        return False


def _postpones_annotations(node: ast.ImportFrom) -> bool:
    return node.module == "__future__" and any(alias.name == "annotations" for alias in node.names)


def _imported(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """The dotted path of what an import's alias brings in."""
    if isinstance(node, ast.ImportFrom):
        return f"{'.' * node.level}{node.module or ''}.{alias.name}"
    return alias.name if alias.asname else alias.name.partition(".")[0]


def _only_called(statement: Statement) -> set[str]:
    """The names that the statement's own code only calls: their value goes nowhere but by what they return."""
    called: set[str] = set()
    used: set[str] = set()
    if isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return called
    callees = {id(inner.func) for inner in statement.nodes if isinstance(inner, ast.Call)}
    for inner in statement.nodes:
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
            (called if id(inner) in callees else used).add(inner.id)
    return called - used

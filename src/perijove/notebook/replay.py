"""Runs a statement's effects on abstract objects: what they change, hold and call."""

import ast
from collections.abc import Collection, Iterable
from dataclasses import replace

from perijove.notebook import process_state, purity, special_methods
from perijove.notebook.callees import SUPER
from perijove.notebook.effects import Assign, Call, Change, Consume, Effect, Hold, Value
from perijove.notebook.evaluation import DEEPEST, MOST_CALLS, Entry, Evaluation, Frame, own_methods
from perijove.notebook.flow_decorators import is_flow
from perijove.notebook.quiet import Quiet
from perijove.notebook.scopes import FunctionNode, functions_in, is_bare_function, is_wrapped, runs_when_called
from perijove.notebook.things import (
    Thing,
    Things,
    held_by_classes,
    likely_containers,
    reach_back,
    reach_data,
    worth_holding,
)
from perijove.notebook.world import World

MOST_IN_ITSELF = 3  # of one function, by recursion
_RUNNING_METHODS = frozenset({"delay", "fn", "map", "submit"})


class Replay(Evaluation):
    """Runs one statement's effects. A ``frame`` gives a called function's parameters; None is the top level."""

    def __init__(self, world: World, index: int) -> None:
        super().__init__(world, index)
        self.running: list[tuple[FunctionNode, Frame]] = []
        self.certain = True
        self.trial = False
        self.entered: set[Entry] = set()
        self.followed = 0
        self.assumed = False
        self.quiet = Quiet(world)
        self.asked: set[tuple[Thing, tuple[Things, ...]]] = set()

    def run(self, effects: Iterable[Effect], frame: Frame | None = None) -> None:
        """Run effects in order; inside a called function, only what is known to change counts."""
        for effect in effects:
            if self.assumed:
                return
            match effect:
                case Change(value, item):
                    found = self.objects(value, frame)
                    self._change(self._with_items(found, value, frame) if item else found, deep=False, sure=True)
                    self._set_modules(value, frame)
                case Hold(container, value):
                    self._hold(self.objects(container, frame, spread=False), value, frame)
                case Consume(value):
                    self._use_up({t for t in self.objects(value, frame) if t.lazy}, frame)
                    self._called_by_python(value, special_methods.ITERATION, Call(()), frame)
                case Assign(name, value, certain):
                    before = self.world.things(name) if self.trial or not certain else frozenset()  # on another branch
                    self.world.set_things(name, self.index, before | self._assigned(value, frame))
                    self.quiet.forget()
                    self.summaries.clear()
                    if frame is not None:
                        definite = certain and self.certain and not self.trial
                        self.world.note_global(name, self.index, definite=definite, trial=self.trial)
                case Call():
                    self._call(effect, frame)

    # --- changes ---

    def _hold(self, containers: Iterable[Thing], value: Value, frame: Frame | None, *, only_saw: bool = False) -> None:
        held = worth_holding(self.objects(value, frame, spread=False), self.index) if value.is_known else ()
        for container in likely_containers(containers) if held else ():
            container.hold(self.index, held, only_saw=only_saw)

    def _with_items(self, things: Iterable[Thing], value: Value, frame: Frame | None) -> Things:
        """Those that have items: a function that ``value`` merely holds has none, but what its attributes hold may."""
        if value.method:
            return frozenset(things)
        named = self.objects(value, frame, spread=False)
        return frozenset(thing for thing in things if thing in named or not is_bare_function(thing.definition))

    def _change(self, things: Iterable[Thing], *, deep: bool, sure: bool) -> None:
        for thing in reach_data(things) if deep else things:
            if not thing.module:
                thing.change(self.index, sure=sure, trial=self.trial)

    def _use_up(self, lazy: set[Thing], frame: Frame | None) -> None:
        """Read what is lazy: a generator goes on, a function that is applied to each is called."""
        self._change(lazy, deep=False, sure=True)
        for thing in self._sorted(lazy):
            self._enter_held(thing, Call(()), frame)

    def _set_modules(self, value: Value, frame: Frame | None) -> None:
        """An attribute or item of a module is set: a setting, or a patch."""
        for thing in self.modules(value.same | value.part, frame):
            shared = not value.calls or value.calls[-1].path[-1] in process_state.SHARED_STATE
            if thing.module and shared:
                self.world.note_setting(self.index, thing.module)

    # --- calls ---

    def _call(self, call: Call, frame: Frame | None) -> None:
        if call.implicit and call.receiver is not None:
            self._called_by_python(call.receiver, call.path, call, frame)
            return
        if call.path[-1] in purity.WRITERS:
            self._write(call, frame)
        things = frozenset(self._named([call.path[0]], frame))
        if not things and call.receiver is None and call.callee is None:
            if not call.path[0].startswith("<"):
                self._builtin(call, frame)
            return
        modules = [thing for thing in things if thing.module]
        for thing in modules:
            self._library(".".join((str(thing.module), *call.path[1:])), call, frame)
        if modules and (call.direct or (call.receiver is None and call.callee is None)):
            return
        if call.receiver is not None:
            self._method(call.path[-1], self.objects(call.receiver, frame), call, frame)
            return
        if call.callee is not None:
            things = self.objects(call.callee, frame)
        certain, trial = self.certain, self.trial
        for thing in self._sorted(things):
            self.certain = certain and call.certain and len(things) == 1
            self.trial = trial or is_flow(thing, self.world)
            self._enter_thing(thing, call, frame)
        self.certain, self.trial = certain, trial

    def _write(self, call: Call, frame: Frame | None) -> None:
        """What is written to a stream that the call is given changes that."""
        given = (
            [value for name, value in call.keywords if name == "file"] if call.path == ("print",) else call.arguments
        )
        streams = (thing for value in given for thing in self.objects(value, frame, spread=False) if thing.lazy)
        self._change(streams, deep=False, sure=True)

    def _called_by_python(self, value: Value, methods: tuple[str, ...], call: Call, frame: Frame | None) -> None:
        """Special methods and properties run where a class of the notebook defines them; a look-up may fill a dict."""
        for name in sorted(self.world.special.intersection(methods)):
            things = self.objects(value, frame)
            given = special_methods.arguments(name, value, call.args)
            for alike in self._by_class(held_by_classes(things) if name in special_methods.OF_DESCRIPTORS else things):
                self._special_method(name, alike, replace(call, args=given), frame)
        if "__getitem__" in methods and frame is None and call.certain and not call.shown:
            filled = {thing for thing in self.objects(value, frame, spread=False) if thing.fills}
            self._change(filled, deep=False, sure=False)

    def _by_class(self, things: Things) -> list[Things]:
        """The instances of the notebook's classes, those of the same classes together."""
        found: dict[tuple[ast.ClassDef, ...], set[Thing]] = {}
        for thing in self._sorted(thing for thing in things if thing.kinds and thing.definition is None):
            found.setdefault(tuple(thing.classes()), set()).add(thing)
        return [frozenset(alike) for alike in found.values()]

    def _special_method(self, name: str, things: Things, call: Call, frame: Frame | None) -> None:
        thing = next(iter(things))
        if self._own_methods(name, thing, call, frame, bind=things):
            given = worth_holding(self.given_by_methods(name, thing, call, frame, things), self.index)
            for each in things:
                each.hold(self.index, given)
        else:
            for node, owner in thing.classes().items():
                if name in special_methods.made_properties(node):
                    self._enter_held(owner, call, frame, [things])

    def _enter_thing(self, thing: Thing, call: Call, frame: Frame | None) -> None:
        """A call of an object by its name: a function, a class, a bound method, an instance, what a factory made."""
        if isinstance(thing.definition, FunctionNode):
            self.certain = self.certain and runs_when_called(thing.definition)
            self._enter(thing.definition, call, frame, thing)
        elif isinstance(thing.definition, ast.ClassDef):
            for method, owner, own in self.constructors(thing):
                self._enter(method, call, frame, owner, own)
            made = frozenset(self.constructed(thing, call, frame))
            for name in ("__init__", "__post_init__"):
                self._own_methods(name, thing, call, frame, bind=made)
        elif thing.method:
            self._method(thing.method, thing.holds, call, frame)
        else:
            self._call_instance(thing, call, frame)

    def _call_instance(self, thing: Thing, call: Call, frame: Frame | None) -> None:
        if thing.given:
            self._call_partial(thing, call, frame)
            return
        if not self._own_methods("__call__", thing, call, frame, bind=frozenset({thing})):
            self._enter_held(thing, call, frame)

    def _call_partial(self, thing: Thing, call: Call, frame: Frame | None) -> None:
        """Call what a partial object calls, with what it was given before and what it is given now."""
        inner = {**(frame or {}), **{f"<given {name}>": things for name, things in thing.given.items()}}
        given = {name: Value(same=frozenset({f"<given {name}>"})) for name in thing.given}
        args = tuple(value for name, value in given.items() if name.isdecimal())
        keywords = tuple((name, value) for name, value in given.items() if not name.isdecimal())
        complete = Call(call.path, (*args[1:], *call.args), (*keywords, *call.keywords), certain=call.certain)
        for callee in self._sorted(thing.given["0"]):
            self._enter_thing(callee, complete, inner)

    def _builtin(self, call: Call, frame: Frame | None) -> None:
        for argument in call.args if call.path[0] in special_methods.BUILTINS else ():
            self._called_by_python(argument, special_methods.BUILTINS[call.path[0]], call, frame)
        place = purity.CHANGING_BUILTINS.get(call.path[0])
        if place is None or len(call.args) <= place:
            return
        self._change_argument(place, call, frame)
        self._set_modules(call.args[place], frame)

    def _change_argument(self, place: int, call: Call, frame: Frame | None) -> None:
        """A call changes the argument at a place, which comes to hold those after it."""
        changed = self.objects(call.args[place], frame)
        self._use_up({thing for thing in changed if thing.lazy}, frame)
        self._change(changed, deep=False, sure=True)
        for argument in call.args[place + 1 :]:
            self._hold(changed, argument, frame)

    def _library(self, dotted: str, call: Call, frame: Frame | None) -> None:
        place = purity.changed_argument(dotted)
        if place is not None and place < len(call.args):
            self._change_argument(place, call, frame)
        self._generator(dotted, call, frame)
        inside = frame is not None and process_state.seeds(dotted)  # it seeds for itself
        if process_state.is_setting(dotted, direct=call.direct) and not (call.scoped or inside):
            self.world.note_setting(self.index, dotted)
        elif call.bare and frame is None and not purity.only_looks(dotted):
            for argument in call.args:
                self._change(self._named(argument.same, frame), deep=True, sure=False)

    def _generator(self, dotted: str, call: Call, frame: Frame | None) -> None:
        generator = process_state.shared_generator(dotted)
        if generator is None:
            if process_state.draws_unseeded(call.path[-1], frozenset(name for name, _ in call.keywords)):
                self._draw("<numpy.random>")
        elif process_state.seeds(dotted):
            self.world.set_things(generator, self.index, frozenset({Thing(self.index)}))
            self.world.note_global(generator, self.index, definite=frame is None, trial=self.trial)
        else:
            self._draw(generator)

    def _draw(self, generator: str) -> None:
        self.world.note_draw(self.index, generator)
        for thing in self.world.things(generator):
            thing.change(self.index, sure=True, trial=self.trial)

    def _method(self, name: str, receivers: Collection[Thing], call: Call, frame: Frame | None) -> None:
        for thing in self._sorted(receivers):
            self._method_of(thing, name, call, frame)
        if all(is_flow(thing, self.world) for thing in receivers):
            return
        if name in purity.CHANGING_METHODS and call.args:
            self._change_argument(0, call, frame)
        if name in purity.MUTATORS or (frame is None and not purity.looks(name)):
            roots = self.objects(call.receiver, frame, spread=False) if call.receiver else receivers
            for argument in call.arguments:
                self._hold(roots, argument, frame, only_saw=name not in purity.SHALLOW)
        if process_state.draws_unseeded(name, frozenset(keyword for keyword, _ in call.keywords)):
            self._draw("<numpy.random>")

    def _method_of(self, thing: Thing, name: str, call: Call, frame: Frame | None) -> None:
        if is_flow(thing, self.world):
            self._flow_method(name, thing, call, frame)
        elif thing.module:
            if not (call.receiver and call.receiver.calls):  # what a library's function returns is not the library
                self._library(f"{thing.module}.{name}", call, frame)
        elif not self._own_methods(name, thing, call, frame, bind=frozenset({thing})):
            self._foreign_method(name, thing, call, frame)
        if name == "__init_subclass__":
            for metaclass in self._sorted(thing.metaclasses()):
                self._enter_thing(metaclass, call, frame)

    def _flow_method(self, name: str, thing: Thing, call: Call, frame: Frame | None) -> None:
        """A flow's methods run it or tell of it; none changes it."""
        if name in _RUNNING_METHODS:
            before, self.trial = self.trial, True
            self._enter_thing(thing, call, frame)
            self.trial = before

    def _foreign_method(self, name: str, thing: Thing, call: Call, frame: Frame | None) -> None:
        """A method that no class of the notebook defines: the tables say what it does."""
        if name == "__init_subclass__" or (name in purity.GIVING_NONE and call.chained):
            return
        if name in purity.STARTERS:
            self._start(thing, call, frame)
        if purity.looks(name) and (name in purity.FRESH or not any(node.bases for node in thing.classes())):
            return
        sure = name in purity.MUTATORS
        if not sure and purity.ACCESSORS & {*call.path[-2:-1]}:
            return
        if is_bare_function(thing.definition) and not (name.startswith("__") or self._has_method(thing, call, frame)):
            return  # another object has, which holds it
        if sure or (frame is None and not call.shown):
            self._change([thing], deep=name not in purity.SHALLOW, sure=sure)
        if not sure and thing.kinds:
            self._enter_held(thing, call, frame)
        if not sure:
            self._enter_methods(name, thing, call, frame)

    def _start(self, thing: Thing, call: Call, frame: Frame | None) -> None:
        """Run what a thread or a timer was made with, on the data that it was made with; or what its class runs."""
        given = frozenset(held for held in thing.holds if held.definition is None)
        inner = {**(frame or {}), "<started with>": given}
        started = replace(call, args=(), keywords=(("**", Value(same=frozenset({"<started with>"}))),))
        self._own_methods("run", thing, started, inner, bind=frozenset({thing}))
        self._enter_held(thing, started, inner)

    def _has_method(self, function: Thing, call: Call, frame: Frame | None) -> bool:
        """Whether a method that changes a container may be of one in a function's attribute."""
        if call.receiver is None or call.path[-1] not in purity.SHALLOW:
            return False
        return function in self._with_items([function], call.receiver, frame)

    def _enter_methods(self, name: str, thing: Thing, call: Call, frame: Frame | None) -> None:
        """Perhaps call the methods of a name that the notebook's classes define: of one that the object may be of."""
        for node in self.world.methods.get(name, ()) if thing.definition is None else ():
            for method in functions_in(node.body):
                if method.name == name:
                    self._enter(method, replace(call, certain=False), frame, thing, [frozenset({thing})])

    def _own_methods(self, name: str, thing: Thing, call: Call, frame: Frame | None, *, bind: Things) -> bool:
        """Run the method that the first of the thing's classes defines; whether one does."""
        methods = own_methods(name, thing, bind, self._asking() if call.path[:1] == (SUPER,) else None)
        for method, owner, own in methods:
            self._enter(method, call, frame, owner, own)
            if not isinstance(method, ast.Lambda) and is_wrapped(method):
                self._enter_held(owner, call, frame, own)
        return bool(methods)

    def _asking(self) -> FunctionNode | None:
        """The method that runs, whatever lambda it asks by."""
        return next((each for each, _ in reversed(self.running) if not isinstance(each, ast.Lambda)), None)

    def _enter_held(self, holder: Thing, call: Call, frame: Frame | None, own: list[Things] | None = None) -> None:
        """Perhaps call the functions that an object holds: wrapped methods, handlers, what is applied to each."""
        if not holder.functions or self.assumed:
            return
        given = *(own or ()), *(self.objects(value, frame) for value in call.arguments)
        asked = holder, tuple(reach_back(things, self.index) for things in given)
        if asked in self.asked:
            return
        self.asked.add(asked)
        each = replace(call, args=tuple(value | value.a_part() for value in call.args), certain=False)
        for held in self._sorted(holder.functions):
            if isinstance(held.definition, FunctionNode):
                self._enter(held.definition, each, frame, held, own)

    def _enter(
        self,
        definition: FunctionNode,
        call: Call,
        frame: Frame | None,
        thing: Thing,
        own: list[Things] | None = None,
    ) -> None:
        if definition in self.quiet or self.assumed:
            return
        inner = self._frame(definition, call, frame, thing, own)
        if self.quiet.only_reads(definition, inner.values()):
            return
        entry = self.entry(definition, inner)
        if entry in self.entered:
            return
        self.entered.add(entry)
        self.running.append((definition, inner))
        if self._is_too_much(definition):
            self._assume(*self.running[0])
            self.assumed = True
        else:
            self.followed += 1
            self.run(self.world.body(definition).effects, inner)
        self.running.pop()
        self.assumed = self.assumed and bool(self.running)

    def _is_too_much(self, definition: FunctionNode) -> bool:
        """Whether to follow no further: calls too deep, too many, or again and again of one function in itself."""
        deep = len(self.running) > DEEPEST or [each for each, _ in self.running].count(definition) > MOST_IN_ITSELF
        return deep or (len(self.running) > 1 and self.followed >= MOST_CALLS)

    def _assume(self, definition: FunctionNode, frame: Frame) -> None:
        """A call that is not followed to its end perhaps changes all that it may."""
        given = {thing for things in frame.values() for thing in things}
        may = self.unfollowed(definition, given)
        called = {held for thing in given for held in thing.functions if is_bare_function(held.definition)}
        changed = self._named(may.changed, None) | (given - called if may.changes_given else set())
        self._change(changed, deep=True, sure=False)
        held = self._named(may.held, None) | (given if may.holds_given else set()) | self.made_unseen(may.made, given)
        stored = worth_holding(held, self.index)
        for thing in likely_containers(self._named(may.holders, None) | (given if may.changes_given else set())):
            thing.hold(self.index, stored)
        consumed = self._named(may.consumed, None) | (given if may.consumes_given else set())
        self._change({thing for thing in reach_data(consumed) if thing.lazy}, deep=False, sure=False)
        for library in may.settings | {thing.module for thing in changed if thing.module}:
            self.world.note_setting(self.index, library)
        for generator in sorted(may.generators):
            self._draw(generator)
        for name in sorted(may.bound):
            self.world.set_things(name, self.index, self.world.things(name) | held | {Thing(self.index)})
            self.world.note_global(name, self.index, definite=False, trial=self.trial)

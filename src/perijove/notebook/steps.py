"""Which of the notebook's statements are quick steps: a module may run them for their draws or their settings alone."""

import ast
from collections.abc import Collection

from perijove.notebook import purity
from perijove.notebook.history import BUILTINS, History
from perijove.notebook.process_state import SHARED_STATE, is_setting
from perijove.notebook.scopes import FunctionNode
from perijove.notebook.statements import Program

_STEPS = (
    ast.AnnAssign
    | ast.Assign
    | ast.AsyncFunctionDef
    | ast.AugAssign
    | ast.ClassDef
    | ast.Expr
    | ast.FunctionDef
    | ast.Import
    | ast.ImportFrom
)
_QUICK_LIBRARIES = frozenset({"functools", "itertools", "math", "numpy", "random", "statistics"})
_NO_STEPS = frozenset({"breakpoint", "compile", "eval", "exec", "help", "input", "open", "print", "__import__"})
_SLOW_WORDS = ("from", "gen", "load", "mem", "save", "test", "tofile")


class Steps:
    """Tells quick steps from work.

    Single steps that take no time and show nothing may be repeated, so that a function's own draws go on as they
    would in the notebook, and what a helper sets is set. A training loop draws as well, and a notebook's main function
    sets things on its way: no module does their work for that.
    """

    def __init__(self, program: Program, history: History) -> None:
        self._program, self._history = program, history
        self._quick: dict[int, bool] = {}
        self._setting: dict[int, bool] = {}

    def is_quick(self, index: int) -> bool:
        """Whether statement ``index``, and all that it needs, are quick steps that show nothing."""
        if index not in self._quick:
            self._quick[index] = True  # a name that needs itself adds nothing
            self._quick[index] = self._is_step(index) and all(map(self.is_quick, self._needs(index)))
        return self._quick[index]

    def only_sets(self, index: int) -> bool:
        """Whether a statement that sets something for the process does no other work, nor a function that it calls."""
        statement = self._program.statements[index]
        called = (inner.func for inner in statement.nodes if isinstance(inner, ast.Call))
        direct = isinstance(statement.node, _STEPS) and not any(self._is_own(func, index) for func in called)
        return direct or self._sets_quickly(index)

    def _sets_quickly(self, index: int) -> bool:
        """Whether a statement, and the functions that it may call, are quick steps: they may print, and depend."""
        if index not in self._setting:
            self._setting[index] = True
            own = (needed for needed in self._needs(index) if self._is_definition(needed))
            self._setting[index] = self._is_step(index, setting=True) and all(map(self._sets_quickly, own))
        return self._setting[index]

    def _is_definition(self, index: int) -> bool:
        return isinstance(self._program.statements[index].node, FunctionNode | ast.ClassDef)

    def _is_own(self, func: ast.expr, index: int) -> bool:
        """Whether a callee is a function or an object of the notebook's, or a method of one."""
        root = func
        while isinstance(root, ast.Attribute | ast.Call | ast.Subscript):
            root = root.func if isinstance(root, ast.Call) else root.value
        found = self._history.bound_before(root.id, index)[0] if isinstance(root, ast.Name) else []
        return any(self._is_definition(binding.index) for binding in found)

    def _is_step(self, index: int, *, setting: bool = False) -> bool:
        statement = self._program.statements[index]
        steps = _STEPS | ast.If | ast.Try if setting else _STEPS
        called = [inner.func for inner in statement.nodes if isinstance(inner, ast.Call)]
        work = [func for func in called if not (setting and isinstance(func, ast.Name) and func.id == "print")]
        return isinstance(statement.node, steps) and all(self._is_quick_call(func, index) for func in work)

    def _is_quick_call(self, func: ast.expr, index: int) -> bool:
        match func:
            case ast.Name(id=name):
                return name not in _NO_STEPS and _are_quick(self._history.libraries(name, index))
            case ast.Attribute(attr=name):
                root, _, inner = ast.unparse(func.value).partition(".")
                libraries = self._history.libraries(root, index)
                if libraries:
                    return _are_quick([".".join(filter(None, (library, inner, name))) for library in libraries])
                return purity.looks(name) or name in purity.SHALLOW or is_setting(f"its.{name}")
        return False

    def _needs(self, index: int) -> set[int]:
        """The statements that bind or change what a statement reads, as it runs or when it is called."""
        facts = self._history.facts[index]
        found: set[int] = set()
        for name in (facts.names.now.keys() | facts.late) - BUILTINS:
            found |= {binding.index for binding in self._history.bound_before(name, index)[0]}
            found |= {change[0] for change in self._history.changes_before(name, index)}
        return found - {index}


def _are_quick(functions: Collection[str]) -> bool:
    """Whether libraries' functions only compute, or set something."""
    return all(is_setting(dotted) or _computes(*dotted.rpartition(".")[::2]) for dotted in functions)


def _computes(library: str, function: str) -> bool:
    quick = library.partition(".")[0] in _QUICK_LIBRARIES and not function.startswith(_SLOW_WORDS)
    return quick or function in SHARED_STATE

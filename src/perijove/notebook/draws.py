"""Which draws of random numbers a module makes anew, for a function that goes on drawing where the notebook stopped."""

import ast

from perijove.notebook import purity
from perijove.notebook.history import BUILTINS, History
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
_SLOW_BUILTINS = frozenset({"breakpoint", "compile", "eval", "exec", "help", "input", "open", "print", "__import__"})
_SLOW_WORDS = ("from", "gen", "load", "mem", "save", "test", "tofile")


class Draws:
    """Tells whether a module may repeat the notebook's draws.

    Single steps that take no time and show nothing may be repeated, so that the function's own draws go on as they
    would in the notebook. A training loop draws as well: no module trains a model for a generator's state.
    """

    def __init__(self, program: Program, history: History) -> None:
        self._program, self._history = program, history
        self._known: dict[int, bool] = {}

    def may_repeat(self, index: int) -> bool:
        """Whether statement ``index``, and all that it needs, are quick steps that show nothing."""
        if index not in self._known:
            self._known[index] = True  # a name that needs itself adds nothing
            self._known[index] = self._is_quick(index) and all(map(self.may_repeat, self._needs(index)))
        return self._known[index]

    def _is_quick(self, index: int) -> bool:
        statement = self._program.statements[index]
        calls = (inner for inner in statement.nodes if isinstance(inner, ast.Call))
        return isinstance(statement.node, _STEPS) and all(self._is_quick_call(call.func, index) for call in calls)

    def _is_quick_call(self, func: ast.expr, index: int) -> bool:
        match func:
            case ast.Name(id=name):
                libraries = self._history.libraries(name, index)
                return all(map(_is_quick_function, libraries)) and name not in _SLOW_BUILTINS
            case ast.Attribute(attr=name):
                owner = ast.unparse(func.value)
                root, _, inner = owner.partition(".")
                libraries = {f"{library}.{inner}" for library in self._history.libraries(root, index)}
                if libraries:
                    return all(_is_quick_function(f"{library}.{name}") for library in libraries)
                return purity.looks(name) or name in purity.SHALLOW
        return False

    def _needs(self, index: int) -> set[int]:
        """The statements that bind or change what a statement reads, as it runs or when it is called."""
        facts = self._history.facts[index]
        found: set[int] = set()
        for name in (facts.names.now.keys() | facts.late) - BUILTINS:
            found |= {binding.index for binding in self._history.bound_before(name, index)[0]}
            found |= {change[0] for change in self._history.changes_before(name, index)}
        return found - {index}


def _is_quick_function(dotted: str) -> bool:
    """Whether a library's function only computes."""
    library, _, function = dotted.partition(".")
    return library in _QUICK_LIBRARIES and not function.rpartition(".")[2].startswith(_SLOW_WORDS)

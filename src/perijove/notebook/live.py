"""The kernel's own word: whether what it holds is what the kept statements make."""

import ast
import dis
from collections.abc import Mapping
from types import CodeType, FunctionType
from typing import Any

from perijove.errors import ExportError
from perijove.notebook.culprits import place
from perijove.notebook.history import BUILTINS
from perijove.notebook.slice import IMPLICIT, Slice
from perijove.notebook.statements import Statement


def require_kernel_agrees(sliced: Slice, namespace: Mapping[str, Any]) -> None:
    """Raise ExportError when the kernel lacks a name that the module needs, or holds another function or value.

    Compared are functions, by their compiled code, and plain literals; of other objects only that they are there.
    """
    for name in sorted(sliced.at_end - sliced.frozen.keys()):
        found, bound = sliced.history.bound_before(name, len(sliced.program.statements))
        if not bound or name.startswith("<"):
            continue
        statement = sliced.program.statements[found[0].index]
        if statement.index not in sliced.kept:
            continue
        if name not in namespace:
            if name not in BUILTINS and name not in IMPLICIT and found[0].definite:
                raise _differs(name, statement, "the kernel no longer holds it")
            continue
        changed = sliced.history.changes_before(name, len(sliced.program.statements))
        _require_same(name, statement, namespace[name], changed=bool(changed), certain=found[0].definite)


def _require_same(name: str, statement: Statement, value: Any, *, changed: bool, certain: bool) -> None:
    node = statement.node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = _plain_function(value)
        if (
            function is not None
            and function.__code__.co_name == node.name
            and not _same_code(function.__code__, statement)
        ):
            raise _differs(name, statement, "the kernel holds another version")
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and not changed and certain:
        expected = node.value.value
        if type(value) is not type(expected) or value != expected:
            raise _differs(name, statement, f"the kernel holds {value!r:.60}")


def _differs(name: str, statement: Statement, how: str) -> ExportError:
    return ExportError(
        f"{place(statement).capitalize()} makes `{name}`, but {how}, and no recorded cell says why. "
        f"Run that cell again, or write the kernel's value in with --freeze {name}.",
        cell=statement.cell.number,
        line=statement.line,
    )


def _plain_function(value: Any) -> FunctionType | None:
    """The function under a flow, a task or a well-behaved decorator."""
    for _ in range(10):
        if isinstance(value, FunctionType) and not hasattr(value, "__wrapped__"):
            return value
        inner = getattr(value, "__wrapped__", None) or getattr(value, "fn", None)
        if inner is None:
            return value if isinstance(value, FunctionType) else None
        value = inner
    return None


def _same_code(code: CodeType, statement: Statement) -> bool:
    try:
        compiled = compile(ast.Module([statement.node], []), "<cell>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return True
    own = [const for const in compiled.co_consts if isinstance(const, CodeType) and const.co_name == code.co_name]
    return not own or any(_shape(const) == _shape(code) for const in own)


# Compilers load an attribute in other ways when the same unit imports the module: neither way is a difference.
_WAYS_OF_CALLING = {"LOAD_METHOD": "LOAD_ATTR"}
_NO_DIFFERENCE = {"PUSH_NULL", "PRECALL", "CACHE", "NOP", "RESUME", "EXTENDED_ARG"}


def _shape(code: CodeType) -> tuple[Any, ...]:
    """What two compilations of one text share: no file names, no line numbers, no jumps' distances."""
    constants = tuple(_shape(c) for c in code.co_consts if isinstance(c, CodeType))
    steps = tuple(
        (_WAYS_OF_CALLING.get(step.opname, step.opname), _argument(step))
        for step in dis.get_instructions(code)
        if step.opname not in _NO_DIFFERENCE
    )
    return code.co_varnames, code.co_freevars, steps, constants


def _argument(step: dis.Instruction) -> str:
    if isinstance(step.argval, CodeType) or "JUMP" in step.opname or step.opname in {"FOR_ITER", "SEND"}:
        return ""
    return (
        step.argrepr.replace("NULL|self + ", "")
        .replace("NULL + ", "")
        .replace(" + NULL|self", "")
        .replace(" + NULL", "")
    )

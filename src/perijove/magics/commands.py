"""What every magic does: read its words, resolve the cell's variables, and refuse in one sentence."""

import argparse
import functools
import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar, cast

from IPython.core import magic_arguments
from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, line_magic, no_var_expand

from perijove.errors import PerijoveError, UsageError

C = TypeVar("C", bound="Commands")
F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


class Refused(PerijoveError):
    """A command that could not be done: IPython shows the sentence in place of a traceback, and the cell has failed."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Commands(Magics):
    """A magic's home. ``namespace`` holds the variables of the notebook's cells."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.namespace: dict[str, Any] = shell.user_ns


def argument(*names: str, **settings: Any) -> Callable[[F], F]:
    """A word or option of a magic, as argparse's ``add_argument`` takes it."""
    return cast("Callable[[F], F]", magic_arguments.argument(*names, **settings))  # type: ignore[no-untyped-call]


def command(body: Callable[[C, argparse.Namespace], T]) -> Callable[[C, str], T]:
    """A line magic from a body that takes parsed words. What Perijove can explain is told in a sentence."""
    return cast("Callable[[C, str], T]", _magic(body, line_magic))


def cell_command(body: Callable[[C, argparse.Namespace, str | None], T]) -> Callable[..., T]:
    """The same as a magic of a line or of a cell: the body is also given the cell's text, None where it is a line."""
    return cast("Callable[..., T]", _magic(body, line_cell_magic))


def _magic(body: Callable[..., T], kind: Callable[..., Any]) -> Any:
    @functools.wraps(body)
    def magic(self: Any, line: str, cell: str | None = None) -> T:
        try:
            args = _parse(magic, line)
            with _aimed(args) if "target" in args else nullcontext():
                return body(self, args) if kind is line_magic else body(self, args, cell)
        except PerijoveError as error:
            raise Refused(str(error)) from None
        except KeyboardInterrupt as interrupt:
            raise Refused(str(interrupt) or "Interrupted.") from None

    with_parser = magic_arguments.magic_arguments()(magic)  # type: ignore[no-untyped-call]
    return no_var_expand(kind(with_parser))  # IPython would read the braces of JSON as an expression to fill in


def with_variables(words: Iterable[str], namespace: Mapping[str, Any]) -> list[str]:
    """``name=value`` words, with ``name=$variable`` replaced by that variable's value as JSON. Raises UsageError."""
    return [_with_variable(word, namespace) for word in words]


@contextmanager
def _aimed(args: argparse.Namespace) -> Iterator[None]:
    """Have the command speak to the server that it names, and say which, unless it is the embedded one."""
    from perijove.client import targets  # loading the extension must not wait for it

    with targets.chosen(args.target):
        if server := targets.named():
            print(f"Target: {server}")  # noqa: T201  (the cell's output)
        yield


def _parse(magic: Any, line: str) -> argparse.Namespace:
    try:
        parsed: argparse.Namespace = magic.parser.parse_intermixed_args(shlex.split(line))
    except (ValueError, IPythonUsageError) as error:
        name = magic.__name__
        raise UsageError(f"%{name}: {error}. `%{name}?` shows how it is used.") from None
    return parsed


def _with_variable(word: str, namespace: Mapping[str, Any]) -> str:
    name, equals, value = word.partition("=")
    if not value.startswith("$") or not value[1:].isidentifier():
        return word
    if value[1:] not in namespace:
        raise UsageError(f"There is no variable {value[1:]!r} for parameter {name!r}.")
    return f"{name}{equals}{json.dumps(namespace[value[1:]], default=_simple)}"


def _simple(value: Any) -> Any:
    """A number of numpy's as Python's own; anything else that JSON has no word for as its text (a date: ISO 8601)."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value.item()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)

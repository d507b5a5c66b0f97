"""Secrets in literals, pointed out before they are written to a file: by the name they get, or by their shape."""

import ast
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from perijove.notebook.statements import Statement

_NAMED = re.compile(
    r"(?:^|_|\b)(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|access_?key|private_?key|auth_?key|credentials?|"
    r"client_?secret|connection_?string|bearer|sas)(?:$|_|\b)",
    re.IGNORECASE,
)
_SHAPES = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{22,}")),
    ("a Slack token", re.compile(r"\bxox[abposr]-[A-Za-z0-9-]{10,}")),
    ("a Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    ("an API key", re.compile(r"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{20,}")),
    ("a Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}\b")),
    ("a JSON web token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")),
    ("a password in an address", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s:/@{}]+@")),
)
_PLACEHOLDERS = re.compile(
    r"^(?:|x+|\*+|<.*>|\{.*\}|\$.*|your.*|my.*|change.?me|todo|none|null|secret|password|token|example.*|\.\.\.)$",
    re.IGNORECASE,
)
_LONGEST_PLAIN = 4


def secrets_in(statements: Iterable[Statement]) -> list[str]:
    """A sentence for each literal that looks like a secret; the secret itself is not told."""
    return [told for statement in statements for told in _in_statement(statement)]


def _in_statement(statement: Statement) -> Iterator[str]:
    told: set[int] = set()
    for name, node in _named_literals(statement.nodes):
        if _NAMED.search(name) and _is_secret(str(node.value)):
            told.add(id(node))
            yield _sentence(statement, node, f"`{name}` looks like a secret")
    for found in statement.nodes:
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and id(found) not in told:
            shape = next((what for what, pattern in _SHAPES if pattern.search(found.value)), None)
            if shape:
                yield _sentence(statement, found, f"a string looks like {shape}")


def _sentence(statement: Statement, node: ast.AST, what: str) -> str:
    where = f"Cell {statement.cell.number}, line {statement.line_of(node)}"
    return f"{where}: {what}, and the file holds it in plain text. Read it from the environment or make it a parameter."


def _is_secret(text: str) -> bool:
    return len(text) > _LONGEST_PLAIN and not _PLACEHOLDERS.match(text) and " " not in text and _bits(text) > 2.0


def _bits(text: str) -> float:
    """Shannon's entropy in bits a character: a word that repeats itself has little."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def _named_literals(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.Constant]]:
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, value=ast.Constant(value=str()) as literal):
                yield from ((name, literal) for target in targets for name in [_name(target)] if name)
            case ast.AnnAssign(target=target, value=ast.Constant(value=str()) as literal):
                yield _name(target) or "", literal
            case ast.keyword(arg=str(name), value=ast.Constant(value=str()) as literal):
                yield name, literal
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if (
                        isinstance(key, ast.Constant)
                        and isinstance(value, ast.Constant)
                        and isinstance(value.value, str)
                    ):
                        yield str(key.value), value
            case ast.arguments():
                yield from _defaults(node)


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.Constant]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    for arg, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        if isinstance(default, ast.Constant) and isinstance(default.value, str):
            yield arg.arg, default


def _name(target: ast.expr) -> str | None:
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return None

"""A cell's text as Python: IPython's own transformations, with each line's place in the author's text kept.

Magics that have one right translation get it; magics that mean nothing outside a notebook become ``pass``; the
others stay calls of ``get_ipython()``, which the slice refuses where a needed statement holds one.
"""

import ast
import re
import shlex
import warnings
from dataclasses import dataclass, field
from typing import Any

from IPython.core import inputtransformer2

from perijove.notebook.purity import words

RUNS_PYTHON = {
    "time",
    "capture",
    "prun",
    "memit",
    "snakeviz",
    "debug",
    "pyinstrument",
    "scalene",
    "notify",
    "heat",
    "lprun",
}
_CELL_RUNS_PYTHON = RUNS_PYTHON | {"deploy"}  # of a line, `%deploy` takes the flow's name, which is no code
_NOTEBOOK_ONLY = words(
    """
    aimport alias autoawait automagic autoreload autosave autotime bookmark cat clear colors conda config connect_info
    deploy deployments dirs doctest_mode env export gui hist history killbgscripts lab_black less ll load_ext logoff
    logon logstart logstop ls lsmagic magic mamba man matplotlib more nb_black notebook page pdb pdef pdoc perijove
    pfile pinfo pinfo2 pip pprint precision psearch psource pwd qtconsole quickref reload_ext run_deployment runs save
    schedules set_env subplots tb tensorboard timeit unload_ext uv watermark who whos xmode
    """
)
_AUTOMAGIC = {
    "pip",
    "conda",
    "mamba",
    "cd",
    "ls",
    "ll",
    "load_ext",
    "pwd",
    "who",
    "whos",
    "matplotlib",
    "autoreload",
    "config",
    "env",
    "run",
}
_SUSPECT = re.compile(r"^\s*(?:>>>|In ?\[|[%!?,;/])", re.MULTILINE)
_MAGIC_LINE = re.compile(
    r"^(?P<indent>\s*)(?P<target>[^#'\"]*?=\s*)?get_ipython\(\)\.(?P<kind>run_line_magic|system|getoutput)\((?P<args>.*)\)\s*$"
)
_INSTALL = re.compile(
    r"^\s*(?:python3?\s+-m\s+|sys\.executable\s+-m\s+|\{sys\.executable\}\s+-m\s+|uv\s+)?(?:pip3?|conda|mamba)\s+install\b(?P<rest>.*)",
    re.DOTALL,
)
_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.\-]*(?:\[[\w,\-. ]+\])?\s*(?:(?:[<>=!~]=?|===)\s*[\w.*,<>=!~ ]+)?")
_OPTIONS_WITH_VALUE = {
    "-r",
    "-c",
    "-e",
    "-i",
    "-f",
    "-t",
    "--requirement",
    "--index-url",
    "--extra-index-url",
    "--find-links",
    "--target",
    "--channel",
    "-n",
    "--name",
    "-p",
}

_MANAGER: Any = inputtransformer2.TransformerManager()  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class Python:
    """A cell as Python: ``lines[i]`` is the author's line (from 1) that line ``i`` (from 0) of ``text`` came from.

    ``opaque`` tells, in words, why a cell holds no Python that this process could run; ``text`` is then empty.
    ``replaced`` maps a line of ``text`` (from 1) to what the author wrote there, where a magic was translated.
    """

    text: str
    lines: list[int]
    opaque: str | None = None
    binds: tuple[str, ...] = ()
    replaced: dict[int, str] = field(default_factory=dict)
    installs: list[str] = field(default_factory=list)
    tree: ast.Module | None = None


def to_python(source: str) -> Python:
    """Understand a cell's text as IPython would; whoever asks gets a parsed ``tree`` or an ``opaque`` reason."""
    if not _SUSPECT.search(source):
        tree = _parse(source)
        if tree is not None:
            return Python(source, list(range(1, source.count("\n") + 2)), tree=tree)
    return _transformed(source)


def _parse(text: str) -> ast.Module | None:
    with warnings.catch_warnings():  # an author's "\d" is not ours to complain of
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _transformed(source: str) -> Python:
    text, start = _without_blank_start(source)
    if _is_automagic(text):
        text = "%" + text.lstrip()
    python = Python(text, list(range(start, start + text.count("\n") + 1)))
    if re.match(r"\s*%%\w", text):
        return _cell_magic(python)
    lines = _cleaned(text.splitlines(keepends=True))
    python.lines = (python.lines + python.lines[-1:])[: len(lines)]
    _translate_lines(python, lines)
    python.tree = _parse(python.text)
    if python.tree is None:
        python.opaque = "it is not Python that this version can read"
    return python


def _without_blank_start(source: str) -> tuple[str, int]:
    """The text from its first line that is not blank, and that line's number (from 1)."""
    lines = source.splitlines(keepends=True)
    start = next((index for index, line in enumerate(lines) if line.strip()), 0)
    text = "".join(lines[start:])
    return (text if text.endswith("\n") else text + "\n"), start + 1


def _is_automagic(text: str) -> bool:
    first = text.split(maxsplit=1)
    single = len(text.strip().splitlines()) == 1
    return single and bool(first) and first[0] in _AUTOMAGIC and _parse(text.strip()) is None


def _cleaned(lines: list[str]) -> list[str]:
    for transform in _MANAGER.cleanup_transforms:
        lines = transform(lines)
    return lines


def _cell_magic(python: Python) -> Python:
    """A ``%%time``-like wrapper leaves its Python; any other cell magic runs elsewhere and is opaque."""
    head, _, body = python.text.partition("\n")
    name, _, argument = head.strip()[2:].partition(" ")
    if name not in _CELL_RUNS_PYTHON:
        bound = re.findall(r"(?:--out(?:put)?|--save|-o|-c)[ =]+([A-Za-z_]\w*)|^\s*([A-Za-z_]\w*)\s*<<", argument)
        names = tuple(first or second for first, second in bound)
        return Python("", [], opaque=f"%%{name} runs it outside this Python", binds=names)
    inner = to_python(body)
    inner.lines = [line + python.lines[0] for line in inner.lines]
    if name == "capture" and argument.strip() and not argument.strip().startswith("-"):
        inner.binds = (argument.split()[0],)
    return inner


def _translate_lines(python: Python, lines: list[str]) -> None:
    """Apply IPython's token transformations one by one, so that each new line's origin is known."""
    origins = python.lines
    replaced: dict[int, str] = {}  # by index of the author's line
    for _ in range(500):
        changed, after = _next_transformed(lines)
        if not changed:
            break
        first, last = _changed_span(lines, after)
        origin = origins[first]
        replaced[origin] = "".join(lines[first : last + 1]).strip()
        after[first] = _translation(after[first], python)
        origins = [*origins[: first + 1], *origins[last + 1 :]]
        lines = after
    python.text, python.lines = "".join(lines), origins
    python.replaced = {index + 1: replaced[line] for index, line in enumerate(origins) if line in replaced}


def _next_transformed(lines: list[str]) -> tuple[bool, list[str]]:
    try:
        changed, after = _MANAGER.do_one_token_transform(lines)
    except SyntaxError:  # a dedent that fits no block: not Python, as whoever parses it will find
        return False, lines
    return changed, after


def _changed_span(before: list[str], after: list[str]) -> tuple[int, int]:
    """First and last index of the lines in ``before`` that became one line of ``after``."""
    first = next((i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), len(after) - 1)
    return first, first + len(before) - len(after)


def _translation(line: str, python: Python) -> str:
    """A transformed line with the magic translated, where there is one right way; else as IPython made it."""
    match = _MAGIC_LINE.match(line)
    if not match:
        return line
    indent, target = match["indent"], match["target"] or ""
    args = _literal_args(match["args"])
    if args is None:
        return line
    if match["kind"] != "run_line_magic":
        return line if not _note_install(args[0], python) else f"{indent}pass\n"
    name, argument = args[0], args[1] if len(args) > 1 else ""
    if name in {"pip", "conda", "mamba"}:
        _note_install(f"{name} {argument}", python)
    return _magic(name, argument.strip(), indent, target) or line


def _literal_args(text: str) -> list[str] | None:
    try:
        value = ast.literal_eval(f"({text},)")
    except (ValueError, SyntaxError):
        return None
    return [str(item) for item in value]


def _magic(name: str, argument: str, indent: str, target: str) -> str | None:
    if name in RUNS_PYTHON and _parse(argument) and argument:
        return f"{indent}{target}{argument}\n"
    if name in {"env", "set_env"}:
        translated = _environment(argument, target)
        return f"{indent}{translated}\n" if translated else f"{indent}pass\n"
    if name == "cd" and argument and not argument.startswith("-"):
        return f"{indent}os.chdir(os.path.expanduser({argument!r}))\n"
    if name == "pwd" and target:
        return f"{indent}{target}os.getcwd()\n"
    if name == "pylab":
        return f"{indent}import numpy as np; from matplotlib import pyplot as plt; from pylab import *\n"
    if name == "dotenv":
        return f"{indent}load_dotenv({repr(argument) if argument else ''})\n"
    if name in _NOTEBOOK_ONLY and not target:
        return f"{indent}pass\n"
    return None


def _environment(argument: str, target: str) -> str | None:
    if target:
        return f"{target}os.environ[{argument!r}]" if argument else None
    key, equals, value = argument.partition("=")
    if not equals:
        key, _, value = argument.partition(" ")
    if not value or "$" in value or "{" in value:
        return None if not value else f"get_ipython().run_line_magic('env', {argument!r})"
    return f"os.environ[{key.strip()!r}] = {value.strip()!r}"


def _note_install(command: str, python: Python) -> bool:
    """Whether a shell command is an installer's; what it installs is noted as requirements."""
    match = _INSTALL.match(command)
    if not match:
        return False
    try:
        words = shlex.split(match["rest"], comments=True)
    except ValueError:
        return True
    skip = False
    for word in words:
        if skip or word.startswith("-"):
            skip = not skip and word in _OPTIONS_WITH_VALUE
        elif _REQUIREMENT.fullmatch(word):
            python.installs.append(word.replace(" ", ""))
    return True

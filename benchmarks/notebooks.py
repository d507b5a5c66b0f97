"""Exports every function of real notebooks, and judges each export: correct, refused or wrong.

    python -m benchmarks.notebooks DIRECTORY... [--most N] [--show VERDICT] [--modules DIRECTORY]

Nothing of the notebooks is run. An export is wrong when it reads a name that it does not define and the notebook
does, lacks the function, holds another version than the notebook's last, or shows or prints something at import. A
refusal counts where the notebook itself could have run; one of a function that reads a name which nothing in its
notebook gives, or what only a kernel or a person has, is told apart as impossible.
"""

import argparse
import ast
import collections
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from perijove.errors import ExportError
from perijove.notebook import Cell, read_notebook, write_module
from perijove.notebook.purity import words
from perijove.notebook.scopes import stored_names
from perijove.notebook.statements import Program, parse

VERDICTS = ("correct", "impossible", "refused", "wrong")
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
SHOWING = words(
    """
    bar barplot boxplot contour describe display errorbar figure head hist imshow info lineplot plot pprint print
    savefig scatter scatterplot show subplots tail to_csv
    """
)
# What lays out a figure: of one that the function needs it is a change, of a library's current one it shows.
LAYING_OUT = words("axis grid legend suptitle tight_layout title xlabel xlim ylabel ylim")
AXES = re.compile(r"ax(?:is|es|s)?\d*")
# Words of refusals that are right whatever the exporter could do.
IMPOSSIBLE = (
    "asks",
    "awaits",
    "clipboard",
    "deletes",
    "executes code from a string",
    "exists in the kernel only",
    "it makes a widget",
    "means nothing in a module",
    "may define, but",
    "not Python that this version can read",
    "only a running notebook has",
    "which no cell defines",
)


@dataclass
class Judged:
    """One function of one notebook. ``why`` is the refusal, or what is wrong."""

    notebook: Path
    function: str
    verdict: str = "correct"
    why: str = ""
    source: str = ""


@dataclass
class Notebook:
    """A notebook as text and statements; ``last`` is each function's last definition."""

    path: Path
    cells: tuple[Cell, ...]
    program: Program
    last: dict[str, ast.stmt] = field(default_factory=dict)


def notebooks(directory: Path, most: int) -> Iterator[Notebook]:
    """The readable Python notebooks under a directory that define functions: at most ``most``, by a fixed lot."""
    paths = sorted(path for path in directory.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    paths.sort(key=lambda path: hashlib.sha256(str(path.relative_to(directory)).encode()).digest())
    found = 0
    for path in paths:
        if found == most:
            return
        notebook = _read(path)
        if notebook is not None and notebook.last:
            found += 1
            yield notebook


def _read(path: Path) -> Notebook | None:
    try:
        cells = read_notebook(path)
    except ExportError:
        return None
    notebook = Notebook(path, cells, parse(cells))
    for statement in notebook.program.statements:
        if isinstance(statement.node, FUNCTION):
            notebook.last[statement.node.name] = statement.node
        else:
            for name in _assigned(statement.node):
                notebook.last.pop(name, None)
    return notebook


def _assigned(node: ast.AST) -> Iterator[str]:
    return (name for inner in ast.walk(node) for name in stored_names(inner))


def judge(notebook: Notebook) -> list[Judged]:
    """Every function of a notebook."""
    return [_judge(notebook, function) for function in notebook.last]


def _judge(notebook: Notebook, function: str) -> Judged:
    judged = Judged(notebook.path, function)
    try:
        judged.source = write_module(notebook.cells, function, notebook=notebook.path).source
    except ExportError as error:
        judged.why = str(error).replace("\n", " ")
        judged.verdict = "impossible" if any(words in judged.why for words in IMPOSSIBLE) else "refused"
        return judged
    judged.why = next(_faults(judged, notebook), "")
    judged.verdict = "wrong" if judged.why else "correct"
    return judged


def _faults(judged: Judged, notebook: Notebook) -> Iterator[str]:
    try:
        body = ast.parse(judged.source).body
    except SyntaxError as error:
        yield f"syntax: {error}"
        return
    defined = {node.name: node for node in body if isinstance(node, FUNCTION)}
    if judged.function not in defined:
        yield "missing: the function itself"
    for name in defined.keys() & notebook.last.keys():
        if ast.dump(defined[name]) != ast.dump(notebook.last[name]):
            yield f"version: `{name}` is not the notebook's last"
    imported = {name for node in body if isinstance(node, ast.Import | ast.ImportFrom) for name in stored_names(node)}
    shown = (node for node in body if _shows(node, imported) and not _calls_one_of(defined, node))
    yield from (f"effect: {ast.unparse(node).splitlines()[0]}" for node in shown)


def _calls_one_of(defined: Iterable[str], node: ast.stmt) -> bool:
    """Whether a statement calls a function of the notebook's own, which may do more than its name says: draw, say."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name in defined
    return False


def _shows(node: ast.stmt, imported: set[str]) -> bool:
    """Whether a statement only shows something: a look at a value, a call that prints or draws, a block of such."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return False
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=name))) if name in LAYING_OUT:
            return isinstance(owner, ast.Name) and owner.id in imported
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=owner)))) if AXES.fullmatch(owner):
            return False  # kept with the figure that the function draws on
        case ast.Expr(value=ast.Call(func=called)):
            return getattr(called, "attr", getattr(called, "id", "")) in SHOWING
        case ast.Expr(value=value):
            return not any(isinstance(inner, ast.Call | ast.NamedExpr) for inner in ast.walk(value))
        case ast.For() | ast.If() | ast.With():
            return all(_shows(inner, imported) for inner in [*node.body, *getattr(node, "orelse", [])])
    return False


def note_undefined(judged: Iterable[Judged], texts: dict[Path, str]) -> None:
    """Find wrong what reads an undefined name that its notebook, as one text, defines."""
    exports = [item for item in judged if item.source]
    found = _undefined([item.source for item in exports])
    whole = dict(zip(texts, _undefined(list(texts.values())), strict=True))
    for item, names in zip(exports, found, strict=True):
        lost = sorted(names - whole[item.notebook])
        if lost:
            item.verdict, item.why = "wrong", f"undefined: {', '.join(lost)}"


def _undefined(sources: list[str]) -> list[set[str]]:
    """The undefined names of each text, by ruff."""
    with tempfile.TemporaryDirectory() as scratch:
        for number, source in enumerate(sources):
            Path(scratch, f"m{number}.py").write_text(source, encoding="utf-8", errors="replace")
        command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "F821"]
        report = subprocess.run(
            [*command, "--output-format", "json", scratch], capture_output=True, check=False, text=True
        )
    found: list[set[str]] = [set() for _ in sources]
    for item in json.loads(report.stdout or "[]"):
        if item["code"] == "F821":
            found[int(Path(item["filename"]).stem[1:])].add(item["message"].split("`")[1])
    return found


def survey(directory: Path, most: int) -> list[Judged]:
    """Every function of the directory's notebooks, judged."""
    judged: list[Judged] = []
    texts: dict[Path, str] = {}
    for notebook in notebooks(directory, most):
        judged.extend(judge(notebook))
        texts[notebook.path] = "\n".join(s.text for s in notebook.program.statements)
    note_undefined(judged, texts)
    return judged


def _row(name: str, judged: list[Judged], seconds: float) -> str:
    counts = collections.Counter(item.verdict for item in judged)
    books = len({item.notebook for item in judged})
    exportable = len(judged) - counts["impossible"]
    share = 100 * counts["refused"] / exportable if exportable else 0.0
    numbers = "".join(f"{counts[verdict]:12}" for verdict in VERDICTS)
    return f"{name[:38]:38}{books:10}{len(judged):10}{numbers}{share:10.1f}%{1000 * seconds / max(len(judged), 1):8.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notebooks", description=__doc__.partition("\n")[0])
    parser.add_argument("directories", nargs="+", type=Path, metavar="DIRECTORY")
    parser.add_argument("--most", type=int, default=-1, help="notebooks of each directory (default: all)")
    parser.add_argument("--show", action="append", choices=VERDICTS, default=[], help="list what got this verdict")
    parser.add_argument("--modules", type=Path, help="keep the exported modules in this directory")
    args = parser.parse_args()
    heads = "".join(f"{verdict:>12}" for verdict in VERDICTS)
    print(f"{'directory':38}{'notebooks':>10}{'functions':>10}{heads}{'refused':>11}{'ms each':>8}")
    every: list[Judged] = []
    spent = 0.0
    for directory in args.directories:
        started = time.perf_counter()
        judged = survey(directory, args.most)
        took = time.perf_counter() - started
        print(_row(directory.name, judged, took), flush=True)
        every.extend(judged)
        spent += took
    print(_row("all", every, spent))
    for item in every:
        if item.verdict in args.show:
            print(f"{item.verdict}: {item.notebook}: {item.function}: {item.why}")
    if args.modules:
        _keep(every, args.modules)


def _keep(judged: Iterable[Judged], directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for number, item in enumerate(judged):
        if item.source:
            name = f"{number:05}_{item.verdict}_{item.function}.py"
            (directory / name).write_text(f"# {item.notebook}\n{item.source}", encoding="utf-8", errors="replace")


if __name__ == "__main__":
    main()

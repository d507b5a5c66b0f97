"""Runs in a clean process: imports an exported file statement by statement and reports what it found.

It is run as a script, by the path of this file, so that any interpreter can: nothing but the standard library is
imported before the file is, and of Perijove only the parameters' schema, when there is a flow to describe.
"""

import __future__

import ast
import importlib
import json
import linecache
import os
import sys
import time
import types
from pathlib import Path
from typing import Any

_FLAGS = {name: getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
_READS = {
    "socket.connect": "connects to a network address",
    "sqlite3.connect": "opens a database",
    "subprocess.Popen": "starts a process",
}
_CODE = (
    ".py",
    ".pyc",
    ".so",
    ".pyd",
    ".pth",
    ".dll",
    ".zip",
    ".egg-info",
    ".toml",
    ".cfg",
    ".mplstyle",
    "matplotlibrc",
)


class Watch:
    """What the running top-level statement reads, by an audit hook; ``line`` 0 means that nobody is interested."""

    def __init__(self, ignored: tuple[str, ...]) -> None:
        self.line = 0
        self.ignored = (sys.prefix, sys.base_prefix, "/proc", "/sys", "/dev", "/etc", *ignored)
        self.seen: list[list[object]] = []

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if not self.line:
            return
        if event in _READS:
            self.note(_READS[event])
        elif event == "open" and isinstance(args[0], str) and self._is_data(args[0]) and "r" in str(args[1] or "r"):
            self.note(f"reads {Path(args[0]).name}")

    def note(self, what: str) -> None:
        if [self.line, what] not in self.seen:
            self.seen.append([self.line, what])

    def _is_data(self, path: str) -> bool:
        code = path.startswith(self.ignored) or path.endswith(_CODE) or "-packages" in path
        return not code and Path(path).is_file()


def run(path: str, name: str, progress: str, ignored: tuple[str, ...] = ()) -> dict[str, object]:
    """Import the file and find ``name`` in it; ``progress`` is a file that always holds the current line.

    What the file reads below the ``ignored`` directories is nobody's data.
    """
    text = Path(path).read_text(encoding="utf-8")
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    module = types.ModuleType(Path(path).stem.strip(".").replace(".", "_"))
    module.__file__ = path
    sys.modules[module.__name__] = module
    watch = Watch(ignored)
    sys.addaudithook(watch)
    times = []
    tree = ast.parse(text, path)
    flags = _future_flags(tree)
    for node in tree.body:
        line = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        _note_progress(progress, line)
        started = time.perf_counter()
        watch.line = 0 if isinstance(node, (ast.Import, ast.ImportFrom)) else line
        code = compile(ast.Module([node], []), path, "exec", flags=flags, dont_inherit=True)
        try:
            exec(code, module.__dict__)  # noqa: S102 - the file is what we were asked to import
        except BaseException as error:  # noqa: BLE001 - whatever a module raises is its report
            return {
                "error": f"{type(error).__name__}: {error}",
                "line": _line_in(path, error) or line,
                "statement": line,
            }
        finally:
            watch.line = 0
        times.append([line, time.perf_counter() - started, isinstance(node, (ast.Import, ast.ImportFrom))])
    return {"times": times, "reads": watch.seen, **describe(module.__dict__.get(name), name)}


def _future_flags(tree: ast.Module) -> int:
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= _FLAGS.get(alias.name, 0)
    return flags


def _note_progress(path: str, line: int) -> None:
    Path(path).write_text(str(line), encoding="ascii")


def _line_in(path: str, error: BaseException) -> int | None:
    """The line of the file where the error came through last."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def describe(found: object, name: str) -> dict[str, object]:
    """What an object is to a deployment: a flow with its name and parameter schema, or a plain function."""
    if found is None:
        return {"error": f"it defines no {name}", "line": None, "statement": None}
    function = getattr(found, "fn", None)
    if callable(function) and isinstance(getattr(found, "name", None), str):
        return {"kind": "flow", "name": found.name, "parameters": _schema(found, function)}  # type: ignore[attr-defined]
    if not callable(found):
        return {"error": f"{name} is a {type(found).__name__}, which can't be called", "line": None, "statement": None}
    return {"kind": "function", "name": getattr(found, "__name__", name), "parameters": None}


# Imported by name, in whatever interpreter this is: the exporter itself depends on no flow.
def _schema(flow: object, function: object) -> object:
    try:
        parameters = importlib.import_module("perijove.flows.parameters")
    except ImportError:
        return _own_schema(flow)
    return parameters.parameter_schema(function)


def _own_schema(flow: object) -> object:
    """What a flow of Prefect's says of its parameters, where Perijove is not installed; in the same form."""
    own: Any = getattr(flow, "parameters", None)
    if not hasattr(own, "model_dump"):
        return None
    return {name: value for name, value in own.model_dump().items() if name != "required" or value}


def main() -> None:
    """``probe.py FILE NAME REPORT IGNORED...``: the report is a JSON file; REPORT.line holds the line under way."""
    path, name, report, *ignored = sys.argv[1:]
    sys.argv = [path]
    sys.path.insert(0, str(Path.cwd()))
    result = run(path, name, f"{report}.line", tuple(ignored))
    Path(report).write_text(json.dumps(result, default=str), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # threads that the module started are not waited for


if __name__ == "__main__":
    main()

"""Runs notebooks and modules, each in a process of its own forked from a warm one, and tells what a call gave.

Run as a script: ``oracle.py notebook`` or ``oracle.py module``. A line of JSON in, a line of JSON out.
"""

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any


def run_notebook(request: dict[str, Any]) -> dict[str, Any]:
    """Run cells as a kernel does, recorded; answer with the call's result and what was recorded."""
    from IPython.core.interactiveshell import InteractiveShell

    from perijove.notebook import Recorder

    shell = InteractiveShell.instance()
    recorder = Recorder(shell)
    shell.run_cell("pass", store_history=False)
    recorder.start()
    recorder._started_in = None  # no cell called us
    for source, cell_id in request["cells"]:
        shell.run_cell(source, store_history=True, cell_id=cell_id)
    fields = ("source", "number", "id", "execution", "failed", "failed_line")
    cells = [{name: getattr(cell, name) for name in fields} for cell in recorder.cells()]
    if request["export"]:
        cells = _export(recorder, shell.user_ns, request)
    value = repr(eval(request["call"], shell.user_ns)) if request["call"] else None
    return {"value": value, "cells": cells}


def _export(recorder: Any, namespace: dict[str, Any], request: dict[str, Any]) -> Any:
    from perijove.errors import ExportError
    from perijove.notebook import write_module

    options = {name: tuple(request["options"].get(name, ())) for name in ("freeze", "include", "exclude")}
    try:
        module = write_module(recorder.cells(), request["export"], live_namespace=namespace, **options)
    except ExportError as error:
        return {"refused": str(error), "cell": error.cell, "line": error.line}
    return {"source": module.source, "warnings": list(module.warnings)}


def run_module(request: dict[str, Any]) -> dict[str, Any]:
    """Import a module's text as a file would be, and evaluate the call in it."""
    module = ModuleType("exported")
    module.__file__ = str(Path("exported.py").resolve())
    sys.modules["exported"] = module
    exec(compile(request["source"], module.__file__, "exec", dont_inherit=True), module.__dict__)
    return {"value": repr(eval(request["call"], module.__dict__))}


def answer(kind: str, request: dict[str, Any]) -> dict[str, Any]:
    os.chdir(request["directory"])
    sys.path.insert(0, request["directory"])
    with redirect_stdout(io.StringIO()) as printed, redirect_stderr(printed):
        try:
            return run_notebook(request) if kind == "notebook" else run_module(request)
        except BaseException as error:  # noqa: BLE001 - whatever happened is the answer
            return {"error": f"{type(error).__name__}: {error}", "printed": printed.getvalue()[-2000:]}


def serve(kind: str) -> None:
    for library in ("numpy", "pandas"):  # warm: else every run would pay for them
        import_module(library)
    if kind == "notebook":
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        import_module("perijove.notebook.exporter")
        shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
        shell.enable_gui = lambda gui=None: None  # a kernel has one
    for line in sys.stdin:
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            sys.stdin = io.StringIO()
            with os.fdopen(write, "w") as out:
                out.write(json.dumps(answer(kind, json.loads(line))))
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as answered:
            text = answered.read()
        os.waitpid(child, 0)
        print(text or '{"error": "the process died"}', flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])

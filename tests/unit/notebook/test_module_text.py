"""The module reads as if its author wrote it, and knows where it came from."""

import ast
import json
import symtable
import sysconfig
import tomllib
from pathlib import Path

import pytest

from perijove.errors import ExportError
from perijove.notebook import Cell, read_notebook, write_module
from perijove.notebook.bindings import names_of
from perijove.notebook.explain import as_json, as_text, dropped_cells, kept_statements
from perijove.origin import origin_of


def _source(*cells: str, function: str = "f") -> str:
    return write_module([Cell(source, number) for number, source in enumerate(cells, 1)], function).source


def _body(text: str) -> str:
    return text.partition("# ///\n\n")[2]


def test_imports_are_merged_trimmed_and_sorted() -> None:
    text = _source(
        "import sys, os\nfrom collections import deque, Counter, OrderedDict as OD\nimport numpy as np",
        "from collections import abc\nimport json",
        "def f(): return os, np, json, deque, Counter, OD, abc",
    )
    block = (
        "import json\nimport os\nfrom collections import Counter, OrderedDict as OD, abc, deque\n\nimport numpy as np"
    )
    assert _body(text).startswith(f"{block}\n\n\n# %% cell 3")


def test_an_import_after_a_change_of_the_path_stays_behind_it() -> None:
    text = _body(_source("import sys\nsys.path.insert(0, 'lib')\nimport numpy", "def f(): return numpy"))
    assert text.startswith("import sys\n\n\n# %% cell 1\nsys.path.insert(0, 'lib')\nimport numpy\n")


def test_comments_and_blank_lines_stay() -> None:
    cell = "# above\nA = 1  # beside\n\n\n# two\n# lines\nB = 2\nC = 3"
    assert "# %% cell 1\n# above\nA = 1  # beside\n\n\n# two\n# lines\nB = 2\n" in _source(cell, "def f(): return A, B")


def test_the_header_tells_every_lines_cell() -> None:
    text = _source("x = 1", "\n\ny = 2\nz = 3\nw = 4", "def f():\n    return x, y, w")
    origin = origin_of(text)
    assert origin is not None
    lines = text.splitlines()
    places = {line: origin.locate(number) for number, line in enumerate(lines, 1)}
    assert places["x = 1"] == (1, 1)
    assert places["y = 2"] == (2, 3)
    assert places["w = 4"] == (2, 5)
    assert places["    return x, y, w"] == (3, 2)
    assert origin.locate(1) is None


def test_installed_distributions_become_dependencies() -> None:
    text = _source(
        "%pip install numpy openpyxl>=3 -q\n!pip install --upgrade 'some-tool==1.0'",
        "import numpy",
        "def f(): return numpy",
    )
    header = "\n".join(line[2:] for line in text.partition("# /// script\n")[2].partition("# ///")[0].splitlines())
    assert [item.split("==")[0] for item in tomllib.loads(header)["dependencies"]] == [
        "numpy",
        "openpyxl>=3",
        "some-tool",
    ]


def test_secrets_are_pointed_out_without_being_told() -> None:
    cells = [
        "API_KEY = 'q9w8e7r6t5y4u3'\nURL = 'postgres://me:hunter22@db/x'\nTOKEN = 'your-token'",
        "def f(): return API_KEY, URL, TOKEN",
    ]
    told = write_module([Cell(source, number) for number, source in enumerate(cells, 1)], "f").warnings
    assert [sentence.split(",")[0] for sentence in told] == ["Cell 1", "Cell 1"]
    assert "`API_KEY` looks like a secret" in told[0]
    assert "a password in an address" in told[1]
    assert not any("q9w8" in sentence or "hunter" in sentence for sentence in told)


def test_every_kept_statement_is_explained() -> None:
    cells = ["LIMIT = 3\nprint(LIMIT)", "def top(x): return x[:LIMIT]", "print('look')", "def f(x): return top(x)"]
    sliced = write_module([Cell(source, number) for number, source in enumerate(cells, 1)], "f").sliced
    kept, dropped = kept_statements(sliced), dropped_cells(sliced)
    assert [(item.cell, item.why) for item in kept] == [
        (1, "top needs LIMIT, used in cell 2, line 1"),
        (2, "f needs top, used in cell 4, line 1"),
        (4, "the export asks for it"),
    ]
    assert [item.cell for item in dropped] == [3]
    assert as_json(kept, dropped)["dropped"] == [{"cell": 3, "text": "print('look')"}]
    assert "cell 3: print('look')\n    left out" in as_text(kept, dropped)


def test_a_notebook_in_another_language_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.ipynb"
    path.write_text('{"cells": [], "metadata": {"kernelspec": {"language": "R"}}, "nbformat": 4}')
    with pytest.raises(ExportError, match="notebook in R"):
        read_notebook(path)


def test_a_cell_that_was_edited_or_deleted_since_it_ran_is_told(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    saved = [
        {"cell_type": "code", "id": "one", "source": "A = 2"},
        {"cell_type": "code", "id": "f", "source": "def f(): return A, B"},
    ]
    path.write_text(json.dumps({"cells": saved, "nbformat": 4}))
    ran = [Cell("A = 1", 1, id="one"), Cell("B = 1", 2, id="two"), Cell("def f(): return A, B", 3, id="f")]
    told = write_module(ran, "f", notebook=path, live_namespace={"A": 1, "B": 1, "f": None}).warnings
    assert told == (
        "Cell 1 reads otherwise in the saved notebook: the export has what the kernel ran.",
        "Cell 2 is no longer in the saved notebook: the export has what the kernel ran.",
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"cells": 3}', '{"cells": [1]}'])
def test_a_file_that_is_no_notebook_is_refused_in_words(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.ipynb"
    path.write_text(text)
    with pytest.raises(ExportError, match=r"bad\.ipynb is no notebook"):
        read_notebook(path)


def _global_reads(source: str) -> set[str]:
    """The compiler's own opinion: every name that some inner scope looks up in the module or the built-ins."""
    found: set[str] = set()
    stack = symtable.symtable(source, "x", "exec").get_children()
    while stack:
        table = stack.pop()
        stack.extend(table.get_children())
        if table.get_type() in {"function", "class"}:
            found |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}
    return found


def test_reads_agree_with_the_compiler_on_the_standard_library() -> None:
    library = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(library.glob("[a-f]*.py")):
        source = path.read_text(encoding="utf-8", errors="replace")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names = names_of(node)
                expected = _global_reads(ast.unparse(node)) - {"__class__", "__debug__"}
                missing = expected - names.now.keys() - names.later.keys()
                assert not missing, f"{path.name}: {node.name} reads {missing}"

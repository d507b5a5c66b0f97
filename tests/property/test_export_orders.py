"""Cells in any order, re-run, edited, deleted and failing: an export answers as the kernel does, or is refused.

PERIJOVE_SEQUENCES says how many sequences the first test tries; `--hypothesis-seed` gives others.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from perijove.errors import ExportError
from perijove.notebook import Cell, write_module

SEQUENCES = int(os.environ.get("PERIJOVE_SEQUENCES", "500"))
NAMES = st.sampled_from(["a", "b", "c"])
NUMBERS = st.integers(0, 4)
TEMPLATES = [
    "{x} = [{n}]",
    "{x} = {y}",
    "{x} = [{y}, {n}]",
    "{x} = list({y})",
    "{x} = {x} + [{n}]",
    "{x} += [{n}]",
    "{x}.append({n})",
    "{x}.append({y})",
    "{x}[0] = {n}",
    "{x}[0].append({n})",
    "{x}, {y} = {y}, {x}",
    "{x} = [v for v in {y}]",
    "for i in range({n}):\n    {x}.append(i)",
    "for v in {x}:\n    v.append({n})",
    "if {n} > 2:\n    {x} = [{n}]\nelse:\n    {x}.append({n})",
    "if {n} > 2:\n    {x} = {y}",
    "try:\n    {x}.append(1 // {n})\nexcept ZeroDivisionError:\n    {x} = [-1]",
    "{x}.append({n})\n1 // {n}\n{y} = [{n}]",
    "del {x}",
    "d = {{'k': {x}}}",
    "d['k'] = {x}",
    "d['k'].append({n})",
    "d.update(j={y})",
    "{x} = d['k']",
    "def g(v):\n    v.append({n})\n    return v",
    "def g(v):\n    return [v, {x}]",
    "def g(v, w={x}):\n    w.append(v)\n    return w",
    "def g(v):\n    global {x}\n    {x} = [v]",
    "{x} = g({y})",
    "g({x})",
    "h = lambda: {x}",
    "h = g",
    "h().append({n})",
    "h({x})",
    "{x} = h()",
    "class K:\n    items = {x}\n    def add(self, v): self.items.append(v); return self",
    "K.items = {x}",
    "K().add({n})",
    "k = K()",
    "k.add({x}).add({n})",
    "{x} = k.items",
    "k.items = {x}",
    "def make(v):\n    def inner(w=None):\n        v.append({n})\n        return [v, {x}]\n    return inner",
    "h = make({x})",
    "it = iter({x})",
    "{x}.append(next(it))",
    "print({x}, len({y}), sorted(map(str, {x})))",
    "{x}[:] = {y}[1:]",
    "{x}.extend(d.values())",
    "z = ({x}, [{y}])",
    "z[1].append({n})",
    "z[1][0].append({n})",
    "q, r = z",
    "r.append({n})",
    "{x} = r if {n} else {y}",
    "(m := {x}).append({n})",
    "m.append({n})",
    "match {x}:\n    case [first, *rest]:\n        rest.append({n})\n        {y} = rest",
    "with_items = dict.fromkeys([1, 2], {x})\nwith_items[1].append({n})",
]
READ = ("a", "b", "c", "d", "z", "m", "q", "r")


@st.composite
def runs(draw: st.DrawFn) -> list[str]:
    """What a kernel ran: a few cells made of statements, some of them again."""
    line = st.builds(lambda t, x, y, n: t.format(x=x, y=y, n=n), st.sampled_from(TEMPLATES), NAMES, NAMES, NUMBERS)
    cell = st.lists(line, min_size=1, max_size=2).map("\n".join)
    cells = ["a = [1, [2]]\nb = [[3]]\nc = []", *draw(st.lists(cell, min_size=2, max_size=10))]
    again = draw(st.lists(st.integers(0, len(cells) - 1), max_size=4))
    order = list(range(len(cells)))
    for index in again:
        order.insert(draw(st.integers(1, len(order))), index)
    return [cells[index] for index in order]


@dataclass
class Kernel:
    """Runs cells as a kernel does, and remembers them as the recorder would."""

    namespace: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})
    cells: list[Cell] = field(default_factory=list)

    def run(self, source: str) -> None:
        number = len(self.cells) + 1
        try:
            exec(compile(source, "<cell>", "exec"), self.namespace)
        except Exception as error:  # noqa: BLE001 - a kernel goes on
            self.cells.append(Cell(source, number, failed=True, failed_line=_line(error)))
        else:
            self.cells.append(Cell(source, number))


def _line(error: Exception) -> int:
    trace, line = error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<cell>" and trace.tb_frame.f_code.co_name == "<module>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def exported(sources: list[str]) -> tuple[Kernel, str | None]:
    """A kernel that ran the cells and a function that reads what is left, and the module; None when refused."""
    kernel = Kernel()
    for source in sources:
        kernel.run(source)
    held = [name for name in READ if name in kernel.namespace]
    kernel.run(f"def f():\n    return repr(({', '.join(held)},))")
    try:
        return kernel, write_module(kernel.cells, "f", live_namespace=kernel.namespace).source
    except ExportError:
        return kernel, None


def _holds(sources: list[str]) -> None:
    kernel, module = exported(sources)
    if module is None:
        return
    namespace: dict[str, Any] = {"__name__": "exported"}
    exec(compile(module, "exported.py", "exec"), namespace)
    got, expected = namespace["f"](), kernel.namespace["f"]()
    assert got == expected, _told(sources, got, expected, module)


def _told(sources: list[str], got: str, expected: str, module: str) -> str:
    """The whole of a failure: what a shortened list of cells would hide."""
    cells = "\n---\n".join(sources)
    return f"\n{cells}\n\nthe kernel: {expected}\nthe module: {got}\n\n{module}"


@pytest.mark.timeout(600)
@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runs())
def test_an_export_answers_as_the_kernel_does_or_is_refused(sources: list[str]) -> None:
    _holds(sources)


@pytest.mark.full
@pytest.mark.timeout(3600)
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runs())
def test_twenty_thousand_exports_answer_as_the_kernel_does_or_are_refused(sources: list[str]) -> None:
    _holds(sources)


# Nothing is made smaller: each try would be a process, and the test above finds the same in less time.
@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(runs())
def test_an_export_imports_in_a_clean_process(sources: list[str]) -> None:
    kernel, module = exported(sources)
    if module is None:
        return
    code = "import sys, json; n = {'__name__': 'exported'}; exec(sys.stdin.read(), n); print(json.dumps(n['f']()))"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], input=module, capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    got, expected = json.loads(ran.stdout.splitlines()[-1]), kernel.namespace["f"]()
    assert got == expected, _told(sources, got, expected, module)

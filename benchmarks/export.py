"""How long an export takes, by the number of cells: in this process, and as the whole command. Medians of ten runs.

Nothing is verified: importing the result takes as long as its imports do.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from perijove.notebook import read_notebook, write_module

RUNS = 10


def notebook(cells: int, directory: Path) -> Path:
    """An honest analysis of ``cells`` code cells: imports, constants, helpers, frames, plots and a report."""
    sources = ["%matplotlib inline\nimport json\nimport math\nfrom collections import Counter\nCONFIG = {'top': 3}"]
    for number in range(cells - 2):
        kind, before = number % 5, max(number - 5, 0) // 5 * 5 + 1
        if kind == 0:
            sources.append(
                f"rows_{number} = [{{'n': i, 'v': i * {number}}} for i in range(20)]\nprint(len(rows_{number}))"
            )
        elif kind == 1:
            call = f"helper_{before}(rows) + " if number > 1 else ""
            sources.append(
                f"def helper_{number}(rows, top=CONFIG['top']):\n    best = sorted(rows, key=lambda r: r['v'])[:top]\n"
                f"    return {call}math.fsum(r['v'] for r in best)\n"
            )
        elif kind == 2:
            sources.append(f"CONFIG['k{number}'] = {number}\nCONFIG.get('top')")
        elif kind == 3:
            sources.append(f"%time result_{number} = helper_{before}(rows_{number - 3})\nresult_{number}")
        else:
            sources.append(f"# look\nfor row in rows_{number - 4}[:3]:\n    print(row['n'], Counter(row))")
    last = (cells - 4) // 5 * 5 + 1
    sources.append(f"def report(top: int = 3):\n    return helper_{last}(rows_0, top), json.dumps(CONFIG)")
    path = directory / f"{cells}.ipynb"
    document = [{"cell_type": "code", "source": source} for source in sources]
    path.write_text(json.dumps({"cells": document, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}))
    return path


def median(action: Callable[[], object]) -> float:
    """The median time of an action in milliseconds."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def main() -> None:
    print("cells  export ms  whole process ms")
    with tempfile.TemporaryDirectory() as scratch:
        for cells in (50, 200, 800, 3200):
            path = notebook(cells, Path(scratch))
            inside = median(lambda path=path: write_module(read_notebook(path), "report", notebook=path))
            command = [sys.executable, "-m", "perijove", "export", str(path), "report", "--no-verify", "--force"]
            whole = median(lambda command=command: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
            print(f"{cells:5}  {inside:9.0f}  {whole:16.0f}")


if __name__ == "__main__":
    main()

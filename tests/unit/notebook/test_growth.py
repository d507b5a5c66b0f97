"""What an export costs grows with the notebook: the work is counted in calls, which no other load disturbs."""

import json
import subprocess
import sys

import pytest

from perijove.notebook import Cell, write_module

# In a process of its own, where nobody else counts calls.
COUNT = """
import cProfile, json, pstats, sys
from perijove.notebook import Cell, write_module

def calls(sources):
    profile = cProfile.Profile()
    profile.runcall(write_module, [Cell(source, number) for number, source in enumerate(sources, 1)], "report")
    return pstats.Stats(profile).total_calls

print(json.dumps([calls(sources) for sources in json.load(sys.stdin)]))
"""


def _settings_changed_and_read(size: int) -> list[str]:
    cells = ["CONFIG = {'top': 3}\ndef helper_0(): return 0"]
    for number in range(1, size):
        cells.append(f"CONFIG['k{number}'] = {number}")
        cells.append(f"def helper_{number}(top=CONFIG['top']): return helper_{number - 1}() + top")
    return [*cells, f"def report(): return helper_{size - 1}()"]


def _process_settings(size: int) -> list[str]:
    each = "os.environ['K{0}'] = 'x'\nrandom.seed({0})\nvalue_{0} = random.random()"
    cells = [each.format(number) for number in range(size)]
    return ["import os, random", *cells, "def report(): return value_1, os.getpid()"]


def _list_as_default(size: int) -> list[str]:
    each = "ROWS.append({0})\ndef helper_{0}(rows=ROWS): return len(rows) + {0}"
    return ["ROWS = []", *(each.format(number) for number in range(size)), "def report(): return helper_0()"]


def _registered(size: int) -> list[str]:
    steps = [f"@register\ndef step_{number}(x): return x + {number}" for number in range(size)]
    register = "STEPS = {}\ndef register(step):\n    STEPS[step.__name__] = step\n    return step"
    return [register, *steps, "def report(): return [STEPS[name](1) for name in sorted(STEPS)]"]


@pytest.mark.parametrize("notebook", [_settings_changed_and_read, _process_settings, _list_as_default, _registered])
def test_four_times_the_cells_are_little_more_than_four_times_the_work(notebook) -> None:  # type: ignore[no-untyped-def]
    sizes = [notebook(number) for number in (2, 60, 240)]  # the first finds what is found once and kept
    command = [sys.executable, "-c", COUNT]
    counted = subprocess.run(command, input=json.dumps(sizes), stdout=subprocess.PIPE, text=True, check=True)
    _, few, many = json.loads(counted.stdout)
    assert many < 4.8 * few


def test_every_call_that_a_called_function_makes_counts_however_many_there_are() -> None:
    lists = [f"rows_{number} = []" for number in range(150)]
    fill = "".join(f"    add(rows_{number})\n" for number in range(150))
    cells = [*lists, f"def add(rows): rows.append(1)\ndef fill():\n{fill}", "fill()", "def report(): return rows_149"]
    module = write_module([Cell(source, number) for number, source in enumerate(cells, 1)], "report")
    assert "\nfill()\n" in module.source


def test_a_method_that_only_looks_is_no_longer_passed_over_once_it_calls_what_changes() -> None:
    cells = [
        "SEEN = []\ndef show(x): return str(x)\nclass Row:\n    def __str__(self): return show(1)\nrow = Row()",
        "print(row)",
        "def show(x):\n    SEEN.append(x)\n    return ''",
        "f'{row}'",
        "def report(): return SEEN",
    ]
    module = write_module([Cell(source, number) for number, source in enumerate(cells, 1)], "report")
    assert "f'{row}'" in module.source
    assert "print(row)" not in module.source

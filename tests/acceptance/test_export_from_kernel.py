"""The exporter in a real kernel: recorded cells, a flow, and what a clean process finds."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

PREPARE = """
from perijove.notebook import Recorder, export
recorder = Recorder(get_ipython())
recorder.start()
"""
FLOW = '''from perijove import flow, task

@task(retries=1)
def rows(n: int) -> list[int]:
    return [BASE + i for i in range(n)]

@flow(name="daily-report", log_prints=True)
def daily_report(region: str = "EU", top: int = 10) -> int:
    """Sum the rows."""
    return sum(rows(top))'''
EXPORT = """
import json
try:
    done = export(recorder.cells(), "daily_report", live_namespace=globals())
    told = {"path": str(done.path), "source": done.source, "kind": done.interface.kind, "name": done.interface.name,
            "parameters": done.interface.parameters, "warnings": done.warnings}
except Exception as error:
    told = {"error": type(error).__name__ + ": " + str(error), "cell": getattr(error, "cell", None)}
open("told.json", "w").write(json.dumps(told))
"""
Run = Callable[[str], dict[str, object] | None]


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """A kernel of its own, in an empty directory: its manager and a client."""
    manager, client = start_new_kernel(cwd=str(tmp_path))
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def run(kernel: tuple[Any, Any], tmp_path: Path) -> Run:
    """Runs cells in the kernel; answers what an export told."""
    _, client = kernel

    def execute(source: str) -> dict[str, object] | None:
        client.execute_interactive(source, timeout=60, output_hook=lambda message: None)
        told = tmp_path / "told.json"
        return json.loads(told.read_text()) if told.exists() else None

    return execute


def test_a_flow_leaves_the_kernel_with_its_name_and_its_parameters(run: Run) -> None:
    run("BASE = 5")
    for cell in (PREPARE, "noise = 1\nnoise", FLOW, "BASE = 7"):
        run(cell)
    told = run(EXPORT)
    assert told is not None
    assert "error" not in told, told
    assert (told["kind"], told["name"]) == ("flow", "daily-report")
    assert sorted(told["parameters"]["properties"]) == ["region", "top"]  # type: ignore[index]
    assert "BASE = 7" in str(told["source"])
    assert "noise" not in str(told["source"])
    assert "BASE = 5" not in str(told["source"])


def test_a_cell_that_runs_the_export_gives_what_stands_above_it(run: Run) -> None:
    run(PREPARE)
    told = run(f"BASE = 1\n{FLOW}\n{EXPORT}\nBASE = 2")
    assert told is not None
    assert "error" not in told, told
    assert "BASE = 1" in str(told["source"])


def test_a_value_that_no_recorded_cell_explains_is_refused(run: Run) -> None:
    for cell in (PREPARE, "BASE = 5", FLOW, "recorder.stop()", "BASE = 8", "recorder._shell"):
        run(cell)
    told = run(EXPORT)
    assert told is not None
    assert "makes `BASE`, but the kernel holds 8" in str(told["error"])


def test_what_a_run_of_the_flow_left_behind_stays_in_the_kernel(run: Run) -> None:
    counting = FLOW.replace("return sum", "SEEN.append(region)\n    return len(SEEN) + sum")
    for cell in (PREPARE, "BASE = 5\nSEEN = []", counting, "daily_report()"):
        run(cell)
    told = run(EXPORT)
    assert told is not None
    assert "error" not in told, told
    assert "daily_report()" not in str(told["source"])
    assert "it ran a flow here and changed `SEEN`" in str(told["warnings"])


def test_a_kernel_killed_at_any_cell_gives_a_whole_export_or_none(kernel: tuple[Any, Any], run: Run) -> None:
    manager, client = kernel
    cells = ["BASE = 5", "STEP = BASE + 1", FLOW.replace("BASE + i", "BASE + i * STEP")]
    for killed_after in range(len(cells) + 1):
        for cell in (PREPARE, *cells[:killed_after]):
            run(cell)
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
        for cell in (PREPARE, *cells[killed_after:], EXPORT):
            told = run(cell)
        assert told is not None
        if killed_after == 0:
            assert "error" not in told, told
        elif killed_after < len(cells):
            assert "needs `STEP`" in str(told["error"])
        else:
            assert "No cell defines a function named `daily_report`" in str(told["error"])

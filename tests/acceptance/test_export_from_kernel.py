"""The exporter in a real kernel: recorded cells, a flow, and what a clean process finds."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

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
def run(tmp_path: Path) -> Iterator[Run]:
    """Runs cells in a kernel of its own, in an empty directory; answers what an export told."""
    manager, client = start_new_kernel(cwd=str(tmp_path))

    def execute(source: str) -> dict[str, object] | None:
        client.execute_interactive(source, timeout=60, output_hook=lambda message: None)
        told = tmp_path / "told.json"
        return json.loads(told.read_text()) if told.exists() else None

    yield execute
    client.stop_channels()
    manager.shutdown_kernel(now=True)


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


def test_what_a_run_of_the_flow_left_behind_is_refused(run: Run) -> None:
    counting = FLOW.replace("return sum", "SEEN.append(region)\n    return len(SEEN) + sum")
    for cell in (PREPARE, "BASE = 5\nSEEN = []", counting, "daily_report()"):
        run(cell)
    told = run(EXPORT)
    assert told is not None
    assert "runs `daily_report` in the notebook, and the run changed `SEEN`" in str(told["error"])

"""The run monitor in a real JupyterLab: live while the run goes on, and a picture in the notebook that is saved."""

import json

import nbformat
import pytest
from playwright.sync_api import Page, expect

from .conftest import Jupyter, OpenLab

FLOWS = """
import time

from perijove import flow, task
from perijove.artifacts import track


@task
def load(n: int) -> None:
    print("loaded <img src=x onerror='window.harmed = 1'>", n)
    time.sleep(0.2)


@flow(log_prints=True)
def report(count: int = 3, fails: bool = False) -> int:
    for n in track(range(count), "loading"):
        load(n)
    if fails:
        raise ValueError("<b>no</b> orders")
    return count
"""


@pytest.fixture(scope="module")
def deployed(jupyter: Jupyter) -> Jupyter:
    """A JupyterLab with a deployment, and a notebook that runs it and watches."""
    (jupyter.notebooks / "flows.py").write_text(FLOWS)
    jupyter.perijove("deploy", str(jupyter.notebooks / "flows.py"), "report", "--name", "prod")
    cells = ["%load_ext perijove", "%run_deployment report/prod count=4 fails=true --watch", "print('cells go on')"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, jupyter.notebooks / "watch.ipynb")
    return jupyter


def _run_all(page: Page) -> None:
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=60_000)
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")


def _save(page: Page) -> None:
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save() }")


def test_a_run_is_watched_to_its_end_retried_and_run_again_with_changes(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab("watch.ipynb")
    _run_all(page)
    monitor = page.get_by_role("region", name="Flow run")
    expect(page.get_by_text("cells go on", exact=True)).to_be_visible()
    expect(monitor.get_by_role("status")).to_have_text("✕ Failed", timeout=30_000)
    expect(monitor.get_by_role("listitem")).to_have_count(4)
    expect(monitor.get_by_role("log")).to_contain_text("loaded <img src=x")
    expect(monitor).to_contain_text("<b>no</b> orders")
    monitor.get_by_label("Search the log").fill("TRACEBACK")
    expect(monitor.get_by_role("log").locator(".perijove-line")).to_have_count(1)

    monitor.get_by_role("button", name="Run again with changes").click()
    parameters = monitor.get_by_label("Parameters of the new run")
    parameters.fill('{"count": "many"}')
    monitor.get_by_role("button", name="Run", exact=True).click()
    expect(monitor.get_by_role("alert")).to_contain_text("count")
    parameters.fill(json.dumps({"count": 2}))
    monitor.get_by_role("button", name="Run", exact=True).click()
    expect(monitor.get_by_role("status")).to_have_text("✓ Completed", timeout=30_000)
    expect(monitor.get_by_role("listitem")).to_have_count(2)
    assert page.evaluate("() => window.harmed") is None
    _save(page)
    saved = nbformat.read(deployed.notebooks / "watch.ipynb", as_version=4)
    pictures = [output.data.get("text/html", "") for output in saved.cells[1].outputs if "data" in output]
    assert any("Completed" in each and "load-1" in each for each in pictures)

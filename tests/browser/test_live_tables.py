"""The deployment explorer and the schedule calendar in a real JupyterLab: by mouse and keyboard, as things happen."""

import json
import re

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Jupyter, OpenLab

FLOWS = """
from perijove import flow

@flow
def report() -> int:
    return 3
"""
ANOTHER = """
import perijove
with perijove.get_client(sync_client=True) as client:
    late = client.read_deployment_by_name("report/late")
    due = [{"schedule": each.schedule} for each in late.schedules]
    from perijove.schemas.deployments import DeploymentCreate
    client.create_deployment(DeploymentCreate(name="early", flow_id=late.flow_id, schedules=due))
"""
CELLS = (
    "%load_ext perijove\nexplorer = %deployments explore\nexplorer",
    "%schedules calendar",
    "explorer.deployment.full_name",
)


@pytest.fixture(scope="module")
def deployed(jupyter: Jupyter) -> Jupyter:
    """A JupyterLab with two deployments that are due in the same minute, and a notebook that shows them."""
    (jupyter.notebooks / "flows.py").write_text(FLOWS)
    due = ["--cron", "0 8 * * *", "--timezone", "Asia/Tokyo"]
    jupyter.perijove("deploy", str(jupyter.notebooks / "flows.py"), "report", "--name", "late", *due)
    jupyter.python(ANOTHER)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, jupyter.notebooks / "tables.ipynb")
    return jupyter


def _run_cell(page: Page, number: int) -> None:
    page.evaluate("number => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = number }", number)
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-cell')")


def test_deployments_are_searched_opened_and_run_and_their_runs_seen_in_the_calendar(
    deployed: Jupyter, open_lab: OpenLab
) -> None:
    page = open_lab("tables.ipynb")
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=60_000)
    _run_cell(page, 0)
    explorer = page.locator(".perijove-explorer")
    expect(explorer.get_by_role("status")).to_have_text("2 of 2 deployments", timeout=30_000)
    _search_and_open(page, explorer)
    explorer.get_by_role("button", name="Run now").click()
    expect(explorer.get_by_role("img", name="Last runs: Completed").first).to_be_visible(timeout=30_000)
    _run_cell(page, 2)
    expect(page.get_by_text("'report/late'")).to_be_visible()
    _run_cell(page, 1)
    _look_at_the_calendar(page)
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save() }")
    saved = json.dumps(nbformat.read(deployed.notebooks / "tables.ipynb", as_version=4))
    assert saved.count('class=\\"perijove-picture') == 2
    expect(page.locator(".perijove-picture").first).to_be_hidden()


def _search_and_open(page: Page, explorer: Locator) -> None:
    explorer.get_by_label("Search deployments").fill("late")
    expect(explorer.get_by_role("status")).to_have_text("1 of 1 deployments")
    toggle = explorer.get_by_role("button", name="report/late")
    toggle.focus()
    page.keyboard.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(explorer.get_by_text(re.compile(r"GMT\+9 · here |JST · here "))).to_have_count(5)
    page.keyboard.press("b")  # a command of the notebook, where its cells have the focus
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length") == len(CELLS)


def _look_at_the_calendar(page: Page) -> None:
    calendar = page.get_by_role("region", name="Schedule calendar")
    expect(calendar.get_by_text(re.compile("[78] clashes to come"))).to_be_visible(timeout=30_000)
    lane = calendar.get_by_role("button", name=re.compile("report.late: 1 past run"))
    lane.focus()
    page.keyboard.press("ArrowRight")
    told = calendar.locator(".perijove-told")
    expect(told).to_have_text(re.compile("report.late: .+, Completed"))
    page.keyboard.press("ArrowRight")
    expect(told).to_have_text(re.compile(r"report.late: .+ here .+to come.+clashes with others"))
    page.keyboard.press("ArrowUp")
    expect(calendar.get_by_role("button", name=re.compile("report.early: 0 past runs"))).to_be_focused()
    calendar.get_by_role("button", name=re.compile("^Show ")).nth(8).click()
    expect(calendar.get_by_role("button", name="The day after")).to_be_visible()
    expect(calendar.locator(".perijove-mark[data-kind=coming]:visible").first).to_be_attached()

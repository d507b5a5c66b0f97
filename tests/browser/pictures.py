"""The README's pictures of the sidebar, of a real JupyterLab: ``make pictures``."""

import shutil
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import Page, ViewportSize, expect

from .conftest import PATIENCE, ROOT, Jupyter, chromium, open_sidebar, running

IMAGES = ROOT / "docs" / "images"
DIALOG: ViewportSize = {"width": 1280, "height": 860}
PAGE: ViewportSize = {"width": 1500, "height": 860}
NOTEBOOK = "quickstart.ipynb"
FLOWS = '''
import time

from perijove import flow, task
from perijove.artifacts import create_markdown_artifact, create_table_artifact, track

@task
def load(region):
    time.sleep(0.3)
    return {"EU": 3, "US": 4, "APAC": 2}[region]

@task
def sum_up(orders):
    time.sleep(0.2)
    return sum(orders.values())

@flow(log_prints=True)
def report(regions: list[str] = ["EU", "US", "APAC"]):
    """Sums **all** orders."""
    orders = {region: load(region) for region in track(regions, "Regions")}
    create_table_artifact([{"region": each, "sum": orders[each]} for each in regions], key="sums")
    create_markdown_artifact("**All** regions have told their orders.", key="note")
    return {"orders": sum_up(orders), "regions": len(regions)}
'''


def main() -> None:
    """Make the pictures anew."""
    with tempfile.TemporaryDirectory() as directory, running(Path(directory)) as jupyter, chromium() as browser:
        _prepare(jupyter)
        page = browser.new_page(viewport=DIALOG, locale="en-GB", timezone_id="Europe/Berlin")
        page.set_default_timeout(PATIENCE)
        _deploy(page, jupyter)
        page.set_viewport_size(PAGE)
        _changed(page, jupyter)
        _run(page)


def _prepare(jupyter: Jupyter) -> None:
    for name in (NOTEBOOK, "orders.csv"):
        shutil.copy(ROOT / "notebooks" / name, jupyter.notebooks)
    flows = jupyter.notebooks / "flows.py"
    flows.write_text(FLOWS)
    schedule = ("--cron", "0 8 * * 1-5", "--timezone", "Europe/Berlin")
    jupyter.perijove("deploy", str(flows), "report", "--name", "prod", *schedule, "--tag", "finance")
    jupyter.perijove("deploy", str(flows), "report", "--name", "after", "--trigger", "after report/prod Completed")
    notebook = str(jupyter.notebooks / NOTEBOOK)
    jupyter.perijove("deploy", notebook, "weekly_report", "--name", "nightly", "--every", "1h")


def _deploy(page: Page, jupyter: Jupyter) -> None:
    """The dialog that deploys a flow of the open notebook."""
    open_sidebar(page, jupyter, NOTEBOOK)
    page.get_by_text("| Idle").wait_for(timeout=60_000)
    page.evaluate("() => void window.jupyterapp.commands.execute('perijove:deploy-notebook')")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Run it by a schedule").check()
    expect(dialog.get_by_role("list", name="Next runs").get_by_role("listitem")).to_have_count(5)
    expect(dialog.get_by_label("The exported file")).to_contain_text("def weekly_report")
    _save(page, "deploy")
    dialog.get_by_role("button", name="Cancel").click()


def _changed(page: Page, jupyter: Jupyter) -> None:
    """A deployment whose notebook says something else by now."""
    path = jupyter.notebooks / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("WEEKS = 4", "WEEKS = 6")
    nbformat.write(notebook, path)
    open_sidebar(page, jupyter)
    page.get_by_role("button", name="nightly", exact=True).click()
    page.get_by_text("The notebook has changed since it was deployed").click()
    expect(page.get_by_label("What has changed")).to_contain_text("+WEEKS = 6")
    _save(page, "changed")


def _run(page: Page) -> None:
    """A run that has ended, with its tasks, artifacts and result."""
    page.get_by_role("button", name="Run report/prod now").click()
    page.get_by_role("button", name="Show", exact=True).click()
    shown = page.locator(".jp-Perijove-page:not(.lm-mod-hidden)")
    expect(shown.get_by_role("region", name="Result")).to_be_visible(timeout=60_000)
    _save(page, "run")


def _save(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    page.screenshot(path=IMAGES / f"sidebar-{name}.png")


if __name__ == "__main__":
    main()

"""The same panel and pages in Notebook, whose main area holds one document alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .conftest import Jupyter, running
from .test_pages import FLOWS

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """A Notebook with one deployment, report/prod."""
    pytest.importorskip("notebook")
    with running(tmp_path_factory.mktemp("notebook"), app="notebook") as started:
        place = started.notebooks / "flows.py"
        place.write_text(FLOWS)
        started.perijove("deploy", str(place), "report", "--name", "prod", "--param", "name=Ada")
        yield started


def test_a_deployment_is_opened_and_run_in_notebook(jupyter: Jupyter, page: Page) -> None:
    page.goto(f"{jupyter.url}/tree?token={jupyter.token}")
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("async () => { await window.jupyterapp.restored }")
    page.wait_for_function("() => window.jupyterapp.commands.hasCommand('perijove:open-panel')")
    page.evaluate("() => window.jupyterapp.commands.execute('perijove:open-panel')")
    page.get_by_role("button", name="prod", exact=True).click()
    expect(page.get_by_role("heading", name="report/prod")).to_be_in_viewport()
    page.get_by_role("button", name="Run report/prod now").click()
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".jp-Perijove-head").get_by_role("status")).to_contain_text("Completed")
    expect(page.get_by_text("loaded EU")).to_be_visible()

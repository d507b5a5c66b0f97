"""Views in notebooks that were saved, and on pages of other makers: what is left of them without their kernel."""

from pathlib import Path

import nbclient
import nbconvert
import nbformat
import pytest
from playwright.sync_api import Page, expect

from perijove import embed

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
URL = "https://widgets.example/manager.js"

# What Colab's own module does: https://github.com/googlecolab/colabtools
COLAB = f"""
import sys, types
from IPython import get_ipython


def enable_custom_widget_manager():
    def hook(message):
        if {VIEW!r} in message["content"].get("data", {{}}):
            message["content"]["metadata"][{VIEW!r}] = {{"colab": {{"custom_widget_manager": {{"url": {URL!r}}}}}}}
        return message
    get_ipython().display_pub.register_hook(hook)


sys.modules["google.colab.output"] = types.ModuleType("google.colab.output")
sys.modules["google.colab.output"].enable_custom_widget_manager = enable_custom_widget_manager
"""

CELLS = (
    COLAB,
    "%load_ext perijove\nfrom perijove import flow, monitor, run_deployment, run_form",
    "@flow\ndef report(top: int = 3) -> int:\n    print('<script>')\n    return top",
    "%deploy report --name prod --cron '0 8 * * *'",
    "run = run_deployment('report/prod', {'top': 7}, timeout=30)",
    "monitor(run)",
    "monitor([run, run])",
    "run_form('report/prod')",
    "%deployments explore",
    "%schedules calendar",
)

# Draws every view of the page in its place, as a page with widgets does; no kernel answers.
DRAW = """async states => {
  async function draw(id, el) {
    const { _esm: code, _css: css, ...state } = states[id].state;
    for (const child of state.children ?? []) {
      await draw(child.replace('IPY_MODEL_', ''), el);
    }
    if (!code) { return; }
    const sheet = document.createElement('style');
    sheet.textContent = css;
    document.head.append(sheet);
    const { default: view } = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    const model = { get: name => state[name], set() {}, save_changes() {}, on() {}, off() {}, send() {} };
    view.render({ model, el });
  }
  for (const place of document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')) {
    await draw(JSON.parse(place.textContent).model_id, place.parentElement);
  }
}"""


@pytest.fixture(scope="module")
def saved(shared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """A notebook that was executed in a kernel such as Colab's, and saved with its widgets' state."""
    directory = tmp_path_factory.mktemp("saved")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    nbclient.NotebookClient(notebook, timeout=90, resources={"metadata": {"path": str(directory)}}).execute()
    embed.stop()
    return notebook


def test_each_view_has_a_text_a_picture_and_colabs_word_for_its_manager(saved: nbformat.NotebookNode) -> None:
    for cell in saved.cells[5:]:
        view, *pictures = cell.outputs
        assert view.data["text/plain"]
        assert view.metadata[VIEW] == {"colab": {"custom_widget_manager": {"url": URL}}}
        assert pictures
        assert all("<script" not in each.data["text/html"] for each in pictures)


def test_a_saved_page_is_read_without_a_kernel_with_widgets_and_without(
    saved: nbformat.NotebookNode, page: Page, tmp_path: Path
) -> None:
    html, _ = nbconvert.HTMLExporter().from_notebook_node(saved)
    (tmp_path / "saved.html").write_text(html, "utf-8")
    page.route("http*://**", lambda route: route.abort())
    page.goto((tmp_path / "saved.html").as_uri())
    pictures = page.locator(".perijove-picture")
    expect(pictures).to_have_count(6)
    for picture, told in zip(
        pictures.all(), ["top=7", "top=7", "top=7", "top", "at 08:00", "report/prod"], strict=True
    ):
        expect(picture).to_be_visible()
        expect(picture).to_contain_text(told)
    page.evaluate(DRAW, saved.metadata.widgets[STATE].state)
    expect(page.locator(".perijove-view")).to_have_count(6)
    for picture in pictures.all():
        expect(picture).to_be_visible()
    expect(page.locator(".perijove-view:visible")).to_have_count(0)

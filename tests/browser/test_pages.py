"""What a person does with a deployment in JupyterLab, from the panel to the run's end."""

import re

import nbformat
import pytest
from playwright.sync_api import Page, expect

from .conftest import ROOT, Jupyter, OpenLab

FLOWS = '''
import time

from perijove import flow, task
from perijove.artifacts import create_table_artifact, track


@task
def load(region: str) -> int:
    print("loaded", region)
    return 3


@flow(log_prints=True)
def report(name: str, region: str = "EU", top: int = 10, seconds: float = 0, settings: dict = {}):
    """Sums **all** orders <img src=x onerror="window.harmed = 1"><script>window.harmed = 1</script>.

    Args:
        name: who asked
        top: how many
    """
    load(region)
    create_table_artifact([{"area": region, "sum": 7}], key="sums")
    print("<img src=x onerror='window.harmed = 1'> for", name)
    for _ in track(range(100), "waited"):
        time.sleep(seconds / 100)
    return top
'''
NARROW, WIDE = 580, 1900
"""Widths of a window, in pixels: the narrow one leaves 250 to the panel, and as many to a page beside it."""


@pytest.fixture(scope="module")
def deployed(jupyter: Jupyter) -> Jupyter:
    """A JupyterLab with one deployment, report/prod."""
    (jupyter.notebooks / "flows.py").write_text(FLOWS)
    place = str(jupyter.notebooks / "flows.py")
    jupyter.perijove("deploy", place, "report", "--name", "prod", "--cron", "0 8 * * 1-5", "--tag", "finance")
    return jupyter


def _page_of(page: Page, name: str) -> None:
    page.get_by_role("button", name="prod", exact=True).click()
    page.get_by_role("heading", name=name).wait_for()


def test_a_stopped_server_is_started_by_a_click(jupyter: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    expect(page.get_by_role("alert")).to_contain_text("The server is stopped")
    page.get_by_role("button", name="Start it").click()
    expect(page.get_by_text("No deployments yet")).to_be_in_viewport(timeout=60_000)


def test_the_panel_shows_a_deployment_and_pauses_it(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    expect(page.get_by_text("at 08:00, Monday to Friday (UTC)")).to_be_in_viewport()
    page.get_by_role("switch", name="Pause report/prod").click()
    expect(page.get_by_role("switch", name="Resume report/prod")).to_have_attribute("aria-checked", "false")
    page.get_by_role("switch", name="Resume report/prod").click()
    expect(page.get_by_role("switch", name="Pause report/prod")).to_be_in_viewport()
    page.get_by_role("searchbox").fill("nothing is called so")
    expect(page.get_by_text("No deployment is like this")).to_be_in_viewport()
    page.get_by_role("button", name="Show all deployments").first.click()
    expect(page.get_by_text("1 deployment")).to_be_in_viewport()


def test_a_run_asks_for_what_is_missing_and_is_watched_to_its_end(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    page.get_by_role("button", name="Run report/prod now").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(dialog.get_by_role("alert").first).to_contain_text("required")
    dialog.get_by_label("name *").fill("Ada")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".jp-Perijove-head").get_by_role("status")).to_contain_text("Completed")
    expect(page.get_by_text("loaded EU")).to_be_in_viewport()
    expect(page.get_by_text("<img src=x onerror='window.harmed = 1'> for Ada")).to_be_in_viewport()
    expect(page.get_by_text("load-0", exact=True)).to_be_in_viewport()
    expect(page.get_by_role("region", name="Table").get_by_role("row")).to_have_text(["areasum", "EU7"])
    expect(page.get_by_label("Result").get_by_text("10", exact=True)).to_be_visible()
    assert page.evaluate("window.harmed") is None


def test_a_value_that_the_server_refuses_is_told_at_its_field(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    page.get_by_role("button", name="Run report/prod now").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("name *").fill("Ada")
    dialog.get_by_label("settings").fill("[1]")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#perijove-parameter_settings__error")).to_contain_text("[1] is not of type 'object'")
    dialog.get_by_role("button", name="Cancel").click()


def test_a_run_that_goes_on_is_cancelled(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    page.get_by_role("button", name="Run report/prod now").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("name *").fill("Ada")
    dialog.get_by_label("seconds").fill("60")
    dialog.get_by_role("button", name="Run", exact=True).click()
    state = page.locator(".jp-Perijove-head").get_by_role("status")
    expect(state).to_contain_text("Running")
    expect(page.get_by_role("log").get_by_text("loaded EU")).to_be_visible()
    expect(page.get_by_label("waited")).to_have_attribute("value", re.compile("[1-9]"))  # pushed: nothing else happens
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(state).to_contain_text("Cancelled")
    expect(page.get_by_role("button", name=re.compile(": Cancelled"))).to_be_in_viewport()


def test_a_schedule_is_explained_as_it_is_typed_and_kept(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    _page_of(page, "report/prod")
    page.get_by_role("button", name="Add a schedule").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("list", name="Next runs").get_by_role("listitem")).to_have_count(5)
    dialog.get_by_label("Runs", exact=True).select_option("cron")
    dialog.get_by_label("Cron line").fill("0 8 * *")
    expect(dialog.locator(".jp-Perijove-error")).to_be_in_viewport()
    dialog.get_by_label("Cron line").fill("30 2 * * 0")
    dialog.get_by_label("Timezone").fill("Europe/Berlin")
    expect(dialog.get_by_text("at 02:30, every Sunday (Europe/Berlin)")).to_be_in_viewport()
    dialog.get_by_label("When the server was off at the time").select_option("none")
    dialog.get_by_label("When the run before it still goes on").select_option("queue")
    dialog.get_by_role("button", name="Save").click()
    kept = page.locator(".jp-Perijove-schedules").get_by_role("listitem").filter(has_text="02:30")
    expect(kept).to_be_in_viewport()
    assert deployed.python(_OPTIONS).split() == ["none", "queue"]
    kept.get_by_role("button", name=re.compile("Delete")).click()
    expect(kept).to_have_count(0)


def test_a_flow_of_the_open_notebook_is_deployed_by_a_cell(deployed: Jupyter, open_lab: OpenLab) -> None:
    cells = [
        "from perijove import flow\nUNIT = 2",
        "print('a look')",
        "@flow\ndef doubled(n: int = 1):\n    return n * UNIT",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, deployed.notebooks / "doubled.ipynb")
    page = open_lab("doubled.ipynb")
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=60_000)
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(page.get_by_text("[3]:", exact=True)).to_be_attached(timeout=60_000)
    page.get_by_role("button", name="Deploy a flow of this notebook").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("The exported file")).to_contain_text("UNIT = 2")
    expect(dialog.get_by_label("The exported file")).not_to_contain_text("a look")
    dialog.get_by_label("Name", exact=True).fill("nightly")
    dialog.get_by_label("Run it by a schedule").check()
    expect(dialog.get_by_role("list", name="Next runs").get_by_role("listitem")).to_have_count(5)
    dialog.get_by_role("button", name="Write the cell and run it").click()
    expect(page.get_by_text("%deploy doubled --name nightly").first).to_be_visible()
    expect(page.get_by_role("button", name="nightly", exact=True)).to_be_in_viewport()
    assert (deployed.notebooks / "perijove_exports" / "doubled.py").exists()
    page.evaluate(_EDIT)
    expect(page.get_by_role("button", name="(changed since it was deployed: doubled)")).to_be_visible()
    page.get_by_role("button", name="nightly", exact=True).click()
    expect(page.get_by_text("changed since", exact=True)).to_be_in_viewport()
    page.get_by_text("The notebook has changed since it was deployed").click()
    expect(page.get_by_label("What has changed")).to_contain_text("-UNIT = 2")
    expect(page.get_by_label("What has changed")).to_contain_text("+UNIT = 3")
    page.get_by_role("button", name="doubled.ipynb").click()
    expect(page.get_by_text("%deploy doubled --name nightly").first).to_be_visible()


def test_a_description_is_sanitized_and_fetches_nothing(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    _page_of(page, "report/prod")
    expect(page.locator(".jp-Perijove-page strong").get_by_text("all")).to_be_in_viewport()
    expect(page.locator(".jp-Perijove-page li").filter(has_text="how many")).to_have_text("top: how many")
    assert page.locator(".jp-Perijove-page img").count() == 0
    assert page.evaluate("window.harmed") is None


def test_a_run_that_somebody_else_asked_for_is_told_at_once(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    expect(page.get_by_role("switch", name="Pause report/prod")).to_be_in_viewport()
    page.evaluate(_HEAR)
    deployed.perijove("deployment", "run", "report/prod", "--param", "name=Ada", "--watch")
    page.wait_for_function("() => window.heard.at(-1) === 'COMPLETED'")
    heard = page.evaluate("window.heard")
    assert heard == ["SCHEDULED", "PENDING", "RUNNING", "COMPLETED"]
    expect(page.get_by_role("button", name=re.compile(": Completed")).first).to_be_in_viewport()
    deployment_id = page.locator("[data-row]").filter(has_text="prod").get_attribute("data-row")
    took = sorted(page.evaluate(_PUSHED, [deployment_id, 9]))
    print(f"A change is shown after {took[len(took) // 2]:.0f} ms (median), {took[-1]:.0f} ms (most).")
    assert took[len(took) // 2] < 200


def test_commands_are_about_all_that_are_shown_or_ask_which_deployment_is_meant(
    deployed: Jupyter, open_lab: OpenLab
) -> None:
    page = open_lab()
    page.get_by_role("button", name="For all deployments").click()
    page.get_by_role("menuitem", name="Pause All Shown…").click()
    page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    expect(page.get_by_role("switch", name="Resume report/prod")).to_be_in_viewport()
    page.evaluate("() => void window.jupyterapp.commands.execute('perijove:resume-all')")
    page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    expect(page.get_by_role("switch", name="Pause report/prod")).to_be_in_viewport()
    page.evaluate("() => void window.jupyterapp.commands.execute('perijove:open-deployment')")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").select_option("report/prod")
    dialog.get_by_role("button", name="Ok").click()
    expect(page.get_by_role("heading", name="report/prod")).to_be_in_viewport()


@pytest.mark.full
def test_the_panel_and_the_palette_are_used_by_keyboard_alone(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    row = page.get_by_role("button", name="prod", exact=True)
    expect(row).to_be_in_viewport()
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    expect(row).not_to_be_in_viewport()
    page.keyboard.press("Control+Alt+d")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="report/prod")).to_be_in_viewport()
    page.keyboard.press("Control+Shift+c")
    page.keyboard.type("Run with Parameters")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog").filter(has_text="Run report/prod")  # the page in front is meant
    expect(dialog.get_by_label("name *")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@pytest.mark.full
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_panel_and_pages_fit_their_width(deployed: Jupyter, open_lab: OpenLab, width: int) -> None:
    deployed.perijove("deployment", "run", "report/prod", "--param", "name=Ada", "--watch")
    page = open_lab()
    page.set_viewport_size({"width": width, "height": 860})
    _page_of(page, "report/prod")
    expect(page.get_by_text("at 08:00, Monday to Friday (UTC)").last).to_be_visible()
    page.locator(".jp-Perijove-runs").get_by_role("button").first.click()
    expect(page.get_by_role("log")).to_be_visible()
    sizes = page.locator(".jp-Perijove-panel, .jp-Perijove-page").evaluate_all(_SIZES)
    assert len(sizes) == 3
    assert all(content <= room for content, room in sizes)


_SIZES = "all => all.map(one => [one.scrollWidth, one.clientWidth])"

# Runs of their own are cancelled one after another; how long after the server has said so does the row show each?
_PUSHED = """async ([deployment, count]) => {
    const { serverSettings } = window.jupyterapp.serviceManager;
    const post = async (path, body) => (await fetch(`${serverSettings.baseUrl}perijove/api/${path}`, {
        method: 'POST',
        headers: { Authorization: `token ${serverSettings.token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body)
    })).json();
    const shown = name => new Promise(resolve => {
        const look = () => document.querySelector(`[aria-label^="${name}: Cancelled"]`) && resolve(performance.now());
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
        look();
    });
    const took = [];
    for (let number = 0; number < count; number++) {
        const later = { type: 'SCHEDULED', state_details: { scheduled_time: new Date(Date.now() + 3.6e6) } };
        const body = { parameters: { name: 'Ada' }, state: later };
        const { id, name } = await post(`deployments/${deployment}/create_flow_run`, body);
        const seen = shown(name);
        await post(`flow_runs/${id}/set_state`, { state: { type: 'CANCELLED' }, force: true });
        const told = performance.now();
        took.push(Math.max(await seen - told, 0));
    }
    return took;
}"""

_OPTIONS = """
from perijove.client import get_client
with get_client(sync_client=True) as client:
    schedules = client.read_deployment_by_name("report/prod").schedules
    print(*[f"{each.catchup} {each.overlap}" for each in schedules if "30 2" in str(each.schedule)])
"""

_EDIT = """async () => {
    const { content, context } = window.jupyterapp.shell.currentWidget;
    content.model.sharedModel.cells[0].setSource('from perijove import flow\\nUNIT = 3');
    await context.save();
}"""

_HEAR = """() => {
    window.heard = [];
    window.jupyterapp.serviceManager.events.stream.connect((_, event) => {
        if (event.kind === 'flow_run') window.heard.push(event.state_type);
    });
}"""


@pytest.mark.full
def test_what_was_open_is_open_after_a_reload(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    _page_of(page, "report/prod")
    expect(page.get_by_text("1 deployment")).to_be_in_viewport()
    page.wait_for_timeout(1500)  # JupyterLab saves its layout a while after it changed, and says nothing
    page = open_lab(reset=False)
    expect(page.get_by_role("heading", name="report/prod")).to_be_in_viewport()
    expect(page.get_by_text("1 deployment")).to_be_in_viewport()


@pytest.mark.parametrize(
    "theme",
    [
        "JupyterLab Light",
        pytest.param("JupyterLab Dark", marks=pytest.mark.full),
        pytest.param("JupyterLab Dark High Contrast", marks=pytest.mark.full),
    ],
)
def test_panel_pages_and_dialogs_have_no_faults_that_axe_finds(
    deployed: Jupyter, open_lab: OpenLab, theme: str
) -> None:
    deployed.perijove("deployment", "run", "report/prod", "--param", "name=Ada", "--watch")
    page = open_lab()
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    page.add_script_tag(path=ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js")
    _page_of(page, "report/prod")
    assert _faults(page, ".jp-Perijove-panel") == []
    assert _faults(page, ".jp-Perijove-page") == []
    page.get_by_role("button", name="Add a schedule").click()
    expect(page.get_by_role("list", name="Next runs")).to_be_in_viewport()
    assert _faults(page, ".jp-Perijove-dialog") == []
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Run…").click()
    expect(page.get_by_role("dialog").get_by_label("name *")).to_be_visible()
    assert _faults(page, ".jp-Perijove-dialog") == []
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("row").filter(has_text="Completed").locator(".jp-Perijove-link").first.click()
    expect(page.get_by_role("log")).to_be_in_viewport()
    assert _faults(page, ".jp-Perijove-page:not(.lm-mod-hidden)") == []


def _faults(page: Page, place: str) -> list[str]:
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    script = "([place, tags]) => axe.run(place, { runOnly: { type: 'tag', values: tags } })"
    found = page.evaluate(script, [place, tags])
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]

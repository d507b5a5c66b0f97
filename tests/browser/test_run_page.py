"""The page of a flow run: what can be done about a run, its tasks, its log, and the runs above and below it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Jupyter, OpenLab

FLOWS = """
from pydantic import SecretStr

from perijove import flow, get_run_logger, task


@task
def load(number):
    return number


@flow
def child(number: int = 7):
    return load(number)


@flow
def parent(fails: bool = True, count: int = 3):
    log = get_run_logger()
    for number in range(count):
        load(number)
        log.info("line %s of many", number)
    log.warning("a \\x1b[31mred\\x1b[0m warning")
    child()
    if fails:
        raise ValueError("it was asked to fail")
    return count


@flow
def guarded(token: SecretStr, top: int = 1):
    return f"{len(token.get_secret_value())} letters, {top} at the top"
"""
TASKS = 230


@pytest.fixture(scope="module")
def deployed(jupyter: Jupyter) -> Jupyter:
    """A JupyterLab with a deployment, parent/prod, whose first run has failed."""
    place = jupyter.notebooks / "flows.py"
    place.write_text(FLOWS)
    jupyter.perijove("deploy", str(place), "parent", "--name", "prod")
    jupyter.python(_RUN)
    return jupyter


def _open_run(page: Page) -> Locator:
    """The page of the one run that has failed."""
    page.get_by_role("button", name=re.compile(": Failed")).first.click()
    shown = page.locator(".jp-Perijove-page:not(.lm-mod-hidden)")
    expect(shown.get_by_role("log")).to_be_visible()
    return shown


def _state(shown: Locator) -> Locator:
    return shown.locator(".jp-Perijove-head").get_by_role("status")


def test_a_log_is_filtered_searched_and_followed_and_is_a_file(
    deployed: Jupyter, open_lab: OpenLab, tmp_path: Path
) -> None:
    page = open_lab()
    shown = _open_run(page)
    log = shown.get_by_role("log")
    expect(log).to_contain_text("line 2 of many")
    shown.get_by_label("Least level").select_option("WARNING")
    expect(log).not_to_contain_text("line 2 of many")
    expect(log).to_contain_text("a red warning")
    expect(log.locator(".ansi-red-fg")).to_have_text("red")
    shown.get_by_label("Least level").select_option("all levels")
    shown.get_by_label("Search the log").fill("LINE 1 ")
    expect(log.locator(".jp-Perijove-logLine")).to_have_count(1)
    shown.get_by_label("Search the log").fill("nothing is said so")
    expect(shown.get_by_text("No line is like this.")).to_be_visible()
    shown.get_by_label("Search the log").fill("")
    with page.expect_download() as saving:
        shown.get_by_role("button", name="Download the log").click()
    saving.value.save_as(tmp_path / "run.log")
    text = (tmp_path / "run.log").read_text()
    assert "WARNING" in text
    assert "a red warning" in text
    assert saving.value.suggested_filename.endswith(".log")


def test_a_run_leads_to_the_run_below_it_and_back(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    shown = _open_run(page)
    name = shown.get_by_role("heading", level=2).inner_text()
    shown.get_by_role("region", name="Subflows").get_by_role("button").click()
    expect(shown.get_by_role("definition").filter(has_text=name)).to_be_visible()
    expect(_state(shown)).to_contain_text("Completed")
    shown.get_by_role("button", name=name).click()
    expect(shown.get_by_role("heading", level=2)).to_have_text(name)


def test_a_failed_run_is_tried_again_and_run_with_changes(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    shown = _open_run(page)
    page.evaluate("() => void window.jupyterapp.commands.execute('perijove:retry-run')")  # the one in front
    expect(shown.get_by_role("definition").filter(has_text=re.compile("^2$"))).to_be_visible(timeout=30_000)
    expect(_state(shown)).to_contain_text("Failed")
    shown.get_by_role("button", name="Retry").click()
    expect(shown.get_by_role("definition").filter(has_text=re.compile("^3$"))).to_be_visible(timeout=30_000)
    shown.get_by_role("button", name="Run again…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("count")).to_have_value("3")
    dialog.get_by_label("fails").uncheck()
    dialog.get_by_label("count").fill(str(TASKS))
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(_state(shown)).to_contain_text("Completed")
    expect(shown.get_by_label("Result").get_by_text(str(TASKS), exact=True)).to_be_visible()
    tasks = shown.locator(".jp-Perijove-timeline").get_by_role("listitem")
    expect(tasks).to_have_count(200)
    expect(shown.get_by_role("heading", name=f"Tasks: the latest 200 of {TASKS + 1}")).to_be_visible()
    shown.get_by_role("button", name="Show earlier ones, too").click()
    expect(tasks).to_have_count(TASKS + 1)
    expect(tasks.first).to_contain_text("load-0")
    expect(tasks.last).to_contain_text("child-0")


def test_a_secret_is_on_no_page_and_a_run_with_changes_keeps_it(deployed: Jupyter, open_lab: OpenLab) -> None:
    schedule = ("--cron", "0 8 1 1 *", "--schedule-param", "token=also-secret")
    deployed.perijove(
        "deploy",
        str(deployed.notebooks / "flows.py"),
        "guarded",
        "--name",
        "vault",
        "--param",
        "token=hush-hush",
        *schedule,
    )
    deployed.python("import perijove; perijove.run_deployment('guarded/vault', timeout=60)")
    page = open_lab()
    page.get_by_role("button", name="vault", exact=True).click()
    shown = page.locator(".jp-Perijove-page:not(.lm-mod-hidden)")
    expect(shown.get_by_text('"••••••••"', exact=True)).to_be_visible()
    expect(shown.get_by_text('{"token":"••••••••"}')).to_be_visible()
    assert "secret" not in shown.inner_text()
    assert "hush" not in shown.inner_text()
    shown.get_by_role("button", name="Edit the schedule").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Parameters")).to_have_value('{"token":"••••••••"}')
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    kept = (
        "print(perijove.get_client(sync_client=True).read_deployment_by_name('guarded/vault').schedules[0].parameters)"
    )
    assert "also-secret" in deployed.python(f"import perijove; {kept}")
    shown.get_by_role("table").get_by_role("button").first.click()
    expect(shown.get_by_role("region", name="Result")).to_contain_text("9 letters, 1 at the top")
    assert "hush" not in shown.inner_text()
    shown.get_by_role("button", name="Run again…").click()
    expect(dialog.get_by_label("token")).to_have_attribute("type", "password")
    dialog.get_by_label("top").fill("2")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(shown.get_by_role("region", name="Result")).to_contain_text("9 letters, 2 at the top")
    assert "hush" not in shown.inner_text()


@pytest.mark.full
def test_ends_of_runs_are_told_as_the_settings_say(deployed: Jupyter, open_lab: OpenLab) -> None:
    settings = deployed.notebooks.with_name("settings") / "perijove" / "plugin.jupyterlab-settings"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text('{"notifyCompleted": true}')
    page = open_lab()
    expect(page.get_by_role("button", name="prod", exact=True)).to_be_in_viewport()
    deployed.python(_RUN)
    expect(page.get_by_role("alert").filter(has_text="failed")).to_be_visible()
    deployed.python(_RUN.replace("timeout", "parameters={'fails': False}, timeout"))
    told = page.get_by_role("alert").filter(has_text="completed")
    told.get_by_role("button", name="Show").click()
    expect(_state(page.locator(".jp-Perijove-page:not(.lm-mod-hidden)"))).to_contain_text("Completed")


_RUN = """
from perijove import run_deployment
run_deployment("parent/prod", timeout=60)
"""

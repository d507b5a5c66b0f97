"""The sidebar in another language than English: a catalogue in which every message is marked, so that others show."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import ROOT, Jupyter, OpenLab

FLOWS = """
from typing import Literal

from perijove import flow, task


@task
def load():
    print("loaded")


@flow(log_prints=True)
def report(region: Literal["EU", "US"] = "EU", settings: dict = {}):
    load()
"""
LAST_FRIDAY = "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=8;BYMINUTE=0;BYSECOND=0"
DATA = re.compile(
    r"report|prod|load|finance|local|EU|US|UTC|RRULE|flows\.py|region|settings|null|INFO|WARNING|ERROR|CRITICAL"
    r"|\b[0-9a-f]{12}\b|\d m?s\b"
)
"""What is nobody's to translate: names of this test's, and the terms of a notation."""


@pytest.fixture(scope="module")
def deployed(jupyter: Jupyter) -> Jupyter:
    """A JupyterLab with a deployment of several schedules, report/prod, that has run once."""
    place = jupyter.notebooks / "flows.py"
    place.write_text(FLOWS)
    jupyter.perijove("deploy", str(place), "report", "--name", "prod", "--cron", "0 8 * * 1-5", "--tag", "finance")
    jupyter.perijove("schedule", "add", "report/prod", "--every", "15m")
    jupyter.perijove("schedule", "add", "report/prod", "--rrule", LAST_FRIDAY)
    jupyter.perijove("deployment", "run", "report/prod", "--watch")
    return jupyter


@pytest.fixture
def german(deployed: Jupyter, page: Page, open_lab: OpenLab) -> Page:
    """JupyterLab in German, where the sidebar's messages are marked ``«so»``."""
    catalogue = json.dumps({"data": {"perijove": _marked(ROOT / "labextension" / "src")}, "message": ""})

    def answer(route: Route) -> None:
        route.fulfill(body=catalogue, content_type="application/json")

    page.route("**/api/translations/**", answer)
    return open_lab()


@pytest.mark.full
def test_every_message_is_translated(german: Page) -> None:
    page = german
    expect(page.get_by_text("«1 deployment»")).to_be_visible()
    page.get_by_role("button", name="«Filters»").click()
    assert _left(page, ".jp-Perijove-panel") == []
    page.get_by_role("button", name="«More for report/prod»").click()
    assert _left(page, ".lm-Menu") == []
    page.get_by_role("menuitem", name="«Add a Schedule…»").click()
    expect(page.get_by_role("list", name="«Next runs»")).to_be_visible()
    for kind in ("interval", "cron", "rrule"):
        page.get_by_label("«Runs»").select_option(kind)
        assert _left(page, ".jp-Perijove-formDialog") == []
    page.get_by_role("button", name="Cancel").click()  # JupyterLab's own word
    page.get_by_role("button", name="«Run report/prod now»").wait_for()
    page.get_by_role("button", name="prod", exact=True).click()
    page.get_by_role("heading", name="report/prod").wait_for()
    assert _left(page, ".jp-Perijove-page") == []
    page.get_by_role("button", name="«Run…»").click()
    assert _left(page, ".jp-Perijove-formDialog") == []
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("row").filter(has_text="«Completed»").get_by_role("button").click()
    expect(page.get_by_role("log")).to_be_visible()
    assert _left(page, ".jp-Perijove-page:not(.lm-mod-hidden)") == []


@pytest.mark.full
def test_schedules_and_times_are_told_in_the_language(german: Page) -> None:
    page = german
    schedules = page.locator(".jp-Perijove-schedule")
    expect(schedules).to_contain_text("Um 08:00, Montag bis Freitag (UTC)")
    expect(schedules).to_contain_text("«every 15 Minuten, from ")
    expect(schedules).to_contain_text("Um 08:00, am letzten Freitag des Monats (UTC)")
    expect(page.get_by_role("button", name=re.compile("«Completed», vor"))).to_be_visible()


def _marked(sources: Path) -> dict[str, object]:
    """A catalogue with every message of the sources, each marked."""
    text = "\n".join(path.read_text() for path in sources.rglob("*.ts*") if ".test." not in path.name)
    messages = re.findall(r"trans\.(?:__|_n)\(\s*'((?:[^'\\]|\\.)*)'(?:,\s*'((?:[^'\\]|\\.)*)')?", text)
    assert len(messages) == len(re.findall(r"trans\.\w+\(", text)), (
        "a message that no tool finds: write it as a literal"
    )
    entries = {one: [f"«{each}»" for each in (one, many) if each] for one, many in messages}
    return {"": {"language": "de-DE", "plural_forms": "nplurals=2; plural=(n != 1);"}, **entries}


def _left(page: Page, place: str) -> list[str]:
    """What can be read there, or is read aloud, and comes neither from the catalogue nor from data."""
    found: list[str] = page.locator(place).first.evaluate(_READ)
    run_names = page.locator(".jp-Perijove-stripRun").evaluate_all("all => all.map(one => one.title.split(':')[0])")
    left = []
    for text in found:
        while (bare := re.sub(r"«[^«»]*»", "", text)) != text:
            text = bare
        for name in run_names:
            text = text.replace(name, "")
        if re.search(r"[A-Za-z]{2}", DATA.sub("", text)):
            left.append(text)
    return left


# The text and the spoken words below an element, but for what is quoted (code, logs) or told by the browser (times).
_READ = """root => {
    const quoted = 'time, code, pre, datalist, [role=log], .jp-Perijove-stripRun, .jp-Perijove-schedule, '
        + '.jp-Perijove-scheduleWords, .jp-Perijove-preview, .jp-Perijove-days, .jp-Dialog-footer, '
        + '.jp-Perijove-timelineTook';
    const found = [];
    for (const element of root.querySelectorAll('*')) {
        if (element.closest(quoted)) continue;
        for (const name of ['aria-label', 'title', 'placeholder']) found.push(element.getAttribute(name) ?? '');
        for (const child of element.childNodes) if (child.nodeType === Node.TEXT_NODE) found.push(child.data);
    }
    return found;
}"""

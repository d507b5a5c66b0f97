"""The parameter form in a real JupyterLab: mistakes told as they are typed, refusals at their field, and the run."""

import json

import nbformat
import pytest
from playwright.sync_api import Page, expect

from .conftest import Jupyter, OpenLab

FLOWS = '''
import datetime as dt
from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from perijove import flow


class Region(Enum):
    EU = "Europe"
    US = "America"


class Limits(BaseModel):
    """How much a run may use."""

    memory: Annotated[int, Field(ge=64, description="MiB")] = 512
    label: str = "small"


@flow(log_prints=True)
def report(
    customer: str,
    region: Region = Region.EU,
    top: Annotated[int, Field(ge=1, le=10)] = 3,
    share: float = 0.5,
    quick: bool = False,
    mode: Literal["fast", "slow"] = "fast",
    day: dt.date = dt.date(2026, 3, 1),
    since: dt.datetime | None = None,
    at: dt.time = dt.time(8, 30),
    tags: list[str] = ["a"],
    options: dict[str, int] = {},
    limits: Limits = Limits(),
    note: str | None = None,
    token: SecretStr = SecretStr("hush"),
) -> dict:
    """A report.

    Args:
        customer: whom it is for, <b>by name</b>
        top: how many products to name
    """
    print("secret of", len(token if isinstance(token, str) else token.get_secret_value()), "letters")
    return {"customer": customer, "region": region.value, "top": top, "tags": tags, "memory": limits.memory,
            "since": since and since.isoformat()}
'''


@pytest.fixture(scope="module")
def deployed(jupyter: Jupyter) -> Jupyter:
    """A JupyterLab with a deployment, and a notebook that shows its form."""
    (jupyter.notebooks / "flows.py").write_text(FLOWS)
    jupyter.perijove("deploy", str(jupyter.notebooks / "flows.py"), "report", "--name", "prod")
    cells = ["import perijove\nform = perijove.run_form('report/prod')\nform", "print(form.run.wait(60).result())"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, jupyter.notebooks / "form.ipynb")
    return jupyter


def _run_cell(page: Page, number: int) -> None:
    page.evaluate("number => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = number }", number)
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-cell')")


def test_a_form_checks_what_is_typed_and_runs_it(deployed: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab("form.ipynb")
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=60_000)
    _run_cell(page, 0)
    form = page.get_by_role("form", name="Parameters of report/prod")
    run = form.get_by_role("button", name="Run", exact=True)
    expect(form.get_by_text("This needs a value.")).to_be_visible()
    expect(form.get_by_text("<b>by name</b>")).to_be_visible()
    expect(run).to_be_disabled()
    form.get_by_label("customer").fill("Ada")
    expect(run).to_be_enabled()
    form.get_by_label("top").fill("11")
    expect(form.get_by_text("11 is greater than the maximum of 10")).to_be_visible()
    expect(form.get_by_label("top")).to_have_attribute("aria-invalid", "true")
    expect(run).to_be_disabled()
    form.get_by_label("top").fill("4")
    form.get_by_label("region").select_option("America")
    form.get_by_label("memory").fill("128")
    form.get_by_role("button", name="Add to tags").click()
    form.get_by_role("textbox", name="tags 2").fill("b")
    form.get_by_label("since", exact=True).fill("2026-07-01T08:00")
    form.get_by_label("Timezone of since").fill("Europe/Berlin")
    form.get_by_label("token").fill("confidential")
    expect(run).to_be_enabled()
    form.get_by_label("customer").press("Enter")
    monitor = page.get_by_role("region", name="Flow run")
    expect(monitor.get_by_role("status")).to_have_text("✓ Completed", timeout=30_000)
    expect(monitor.get_by_role("log")).to_contain_text("secret of 12 letters")
    expect(page.locator("body")).not_to_contain_text("confidential")
    _run_cell(page, 1)
    expected = "{'customer': 'Ada', 'region': 'America', 'top': 4, 'tags': ['a', 'b'], 'memory': 128,"
    expect(page.get_by_text(expected)).to_contain_text("'since': '2026-07-01T08:00:00+02:00'}")


@pytest.mark.full
def test_a_refusal_of_the_server_is_told_at_its_field_and_what_is_typed_stays(
    deployed: Jupyter, open_lab: OpenLab
) -> None:
    page = open_lab("form.ipynb")
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=60_000)
    _run_cell(page, 0)
    form = page.get_by_role("form", name="Parameters of report/prod")
    form.get_by_label("customer").fill("Ada")
    # The flow is deployed anew, with a stricter schema, while its form is open.
    stricter = FLOWS.replace("customer: str", "customer: Annotated[str, Field(min_length=5)]")
    (deployed.notebooks / "flows.py").write_text(stricter)
    deployed.perijove("deploy", str(deployed.notebooks / "flows.py"), "report", "--name", "prod")
    form.get_by_role("button", name="Run", exact=True).click()
    expect(form.get_by_text("'Ada' is too short")).to_be_visible()
    expect(form.get_by_label("customer")).to_have_value("Ada")
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save() }")
    saved = json.dumps(nbformat.read(deployed.notebooks / "form.ipynb", as_version=4))
    assert "how many products to name" in saved
    assert "hush" not in saved

"""The sidebar while servers stop and come back, and while nobody looks at it."""

import contextlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, Request, expect

from .conftest import Jupyter, OpenLab, running

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]

FLOWS = """
from perijove import flow

@flow
def report():
    print("done")
"""
BACK = 20_000
"""Milliseconds after which a page has to show a server that has come back."""


@pytest.fixture
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """A JupyterLab of the test's own, with one deployment, report/prod."""
    with running(tmp_path_factory.mktemp("live")) as started:
        place = started.notebooks / "flows.py"
        place.write_text(FLOWS)
        started.perijove("deploy", str(place), "report", "--name", "prod")
        yield started


def test_the_panel_recovers_from_a_restart_of_jupyter_server(jupyter: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    row = page.get_by_role("button", name="prod", exact=True)
    expect(row).to_be_in_viewport()
    jupyter.stop()
    expect(page.get_by_role("alert").filter(has_text="Jupyter Server does not answer")).to_be_attached(timeout=60_000)
    jupyter.start()
    expect(row).to_be_attached(timeout=BACK)
    _is_told_of_runs(jupyter, page)


def test_the_panel_recovers_from_a_restart_of_perijoves_server(jupyter: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    row = page.get_by_role("button", name="prod", exact=True)
    expect(row).to_be_in_viewport()
    jupyter.perijove("server", "stop")
    expect(page.get_by_role("alert").filter(has_text="The server is stopped")).to_be_in_viewport()
    jupyter.perijove("server", "start")
    expect(row).to_be_in_viewport(timeout=BACK)
    _is_told_of_runs(jupyter, page)


def test_a_target_that_can_not_be_used_has_words_and_a_way_on(jupyter: Jupyter, open_lab: OpenLab) -> None:
    page = open_lab()
    row = page.get_by_role("button", name="prod", exact=True)
    expect(row).to_be_in_viewport()
    problem = page.locator(".jp-Perijove-panel").get_by_role("alert")
    with _another_server(404) as other, _another_server(401) as closed:
        for target, words in (
            ("http://127.0.0.1:9/api", "The server does not answer"),
            (other, "This is not the right address"),
            (closed, "The server refuses the token"),
        ):
            jupyter.perijove("target", target)
            expect(problem).to_contain_text(words, timeout=BACK)
            expect(problem.get_by_role("button", name="Try again")).to_be_in_viewport()
    jupyter.perijove("target", "embedded")
    problem.get_by_role("button", name="Try again").click()
    expect(row).to_be_in_viewport()


class _Elsewhere(BaseHTTPRequestHandler):
    """Answers nothing but its server's ``status``."""

    def do_POST(self) -> None:  # the name is http.server's
        self.send_error(self.server.status)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def _another_server(status: int) -> Iterator[str]:
    """The address of a server that is not Perijove's nor Prefect's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        server.status = status  # type: ignore[attr-defined]
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def _is_told_of_runs(jupyter: Jupyter, page: Page) -> None:
    jupyter.perijove("deployment", "run", "report/prod", "--watch")
    expect(page.get_by_role("button", name=re.compile(": Completed"))).to_be_attached()


def test_nothing_is_asked_for_while_the_page_is_hidden(jupyter: Jupyter, open_lab: OpenLab, page: Page) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/perijove/" in request.url:
            asked.append(request.url)

    page.on("request", note)
    page.add_init_script(_HIDE)
    page.clock.install()
    open_lab()
    page.get_by_role("button", name="prod", exact=True).click()
    page.get_by_role("heading", name="report/prod").wait_for()
    jupyter.perijove("deployment", "run", "report/prod", "--watch")
    expect(page.get_by_role("button", name=re.compile(": Completed"))).to_be_attached()
    page.wait_for_load_state("networkidle")
    page.evaluate("window.hide(true)")
    asked.clear()
    page.clock.run_for("10:00")
    jupyter.perijove("deployment", "run", "report/prod", "--watch")
    assert asked == []
    page.evaluate("window.hide(false)")
    expect(page.get_by_role("button", name=re.compile(": Completed"))).to_have_count(2)
    with page.expect_request(re.compile("/perijove/rows")):  # somebody looks: what was not told is asked for
        page.clock.run_for("01:00")


# A page of a browser without windows is never hidden; this one says that it is when it is told to.
_HIDE = """
let hidden = false;
Object.defineProperty(document, 'hidden', { get: () => hidden });
Object.defineProperty(document, 'visibilityState', { get: () => hidden ? 'hidden' : 'visible' });
window.hide = how => { hidden = how; document.dispatchEvent(new Event('visibilitychange')); };
"""

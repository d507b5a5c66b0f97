"""Text that tries to be more than text, in every field that the sidebar shows: nothing of it runs or is fetched."""

import html
import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, Request, expect

from .conftest import Jupyter, OpenLab

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]

HARM = "window.harmed=1"
ELSEWHERE = "http://elsewhere.example"
TRIES = [
    f"<img src=x onerror='{HARM}'>",
    f"<svg onload='{HARM}'></svg>",
    f"<svg><animate onbegin='{HARM}' attributeName=x dur=1s></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={HARM} />#x'></use></svg>",
    f"<script>{HARM}</script>",
    f"<iframe srcdoc='<script>parent.{HARM}</script>'></iframe>",
    f"<a href='javascript:{HARM}'>follow</a>",
    f"<a href='java&#10;script:{HARM}'>follow</a>",
    f"[follow](javascript:{HARM})",
    f"[follow](data:text/html,<script>{HARM}</script>)",
    f"![picture]({ELSEWHERE}/picture.png)",
    f"<img src='{ELSEWHERE}/picture.png'>",
    f"<link rel=stylesheet href='{ELSEWHERE}/style.css'>",
    f"<style>@import '{ELSEWHERE}/style.css'; * {{ background: url({ELSEWHERE}/x) }}</style>",
    f"<div style='background: url({ELSEWHERE}/x)'>coloured</div>",
    f"<base href='{ELSEWHERE}/'>",
    f"<meta http-equiv=refresh content='0; url={ELSEWHERE}'>",
    f"<form id=jupyterapp action='{ELSEWHERE}'><input name=commands autofocus onfocus='{HARM}'></form>",
    f"<details open ontoggle='{HARM}'>open</details>",
    f"<video><source onerror='{HARM}'></video>",
    f"<object data='{ELSEWHERE}/x.swf'></object>",
    f"<math><mtext><mglyph><style><img src=x onerror='{HARM}'></style></mglyph></mtext></math>",
    f"<noscript><p title=\"</noscript><img src=x onerror='{HARM}'>\"></noscript>",
    f"$\\href{{javascript:{HARM}}}{{x}} \\require{{html}} \\style{{background:url({ELSEWHERE}/x)}}{{y}}$",
    f"\x1b]8;;javascript:{HARM}\x07follow\x1b]8;;\x07",
    f"\x1b[31m<img src=x onerror='{HARM}'>\x1b[0m\x1b]52;c;aGFybQ==\x07\x9b2J",
]
DISGUISES: list[Callable[[str], str]] = [
    str,
    lambda text: re.sub(r"<(/?)(\w+)", lambda tag: f"<{tag[1]}{tag[2].upper()}", text),
    lambda text: f'"><{text}',
    lambda text: f"'-->{text}<!--",
    lambda text: f"</pre></code></textarea>{text}",
    lambda text: f"- a list\n\n  {text}",
    lambda text: f"| a | b |\n|---|---|\n| {text} | x |",
    lambda text: f"> *{text}*",
    lambda text: f"`{text}",
    lambda text: text.replace("<", "<\n"),
    lambda text: text.replace("<", "<\x00"),
    lambda text: text.replace(" on", "/on"),
    lambda text: text.replace("'", ""),
    lambda text: text.replace("javascript", "JaVa\tScRiPt"),
    html.escape,
    lambda text: html.escape(html.escape(text)),
    lambda text: f"<b>{text}",
    lambda text: f"<svg>{text}</svg>",
    lambda text: f"<math>{text}</math>",
    lambda text: f"\x1b[1;31m{text}\x1b[0m",
]
TEXTS = [disguise(text) for text in TRIES for disguise in DISGUISES]


def test_hostile_text_is_text_wherever_the_sidebar_shows_it(jupyter: Jupyter, open_lab: OpenLab, page: Page) -> None:
    texts = jupyter.notebooks / "texts.json"
    texts.write_text(json.dumps(TEXTS))
    jupyter.python(_SEED.format(texts=str(texts), name=TRIES[0]))
    dialogs: list[str] = []
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((jupyter.url, jupyter.url.replace("http", "ws"), "data:", "blob:")):
            elsewhere.append(request.url)

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("request", note)
    open_lab()
    page.locator("[data-row]").click()
    shown = page.locator(".jp-Perijove-page:not(.lm-mod-hidden)")
    expect(shown.get_by_text("picture").first).to_be_attached()
    shown.get_by_role("button", name="Run…").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    shown.get_by_role("table").get_by_role("button").first.click()
    expect(shown.get_by_role("log").locator(".jp-Perijove-logLine").first).to_be_visible()
    expect(shown.get_by_role("region", name="Table")).to_have_count(len(TEXTS) // 100 + 1)
    expect(shown.get_by_role("region", name="Artifacts").get_by_text("coloured").first).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert len(TEXTS) >= 500
    assert page.evaluate("window.harmed") is None
    assert dialogs == []
    assert elsewhere == []
    assert page.evaluate(_DANGEROUS) == []


# What would do harm if somebody clicked it, or has no business in text.
_DANGEROUS = """() => [...document.querySelectorAll('.jp-Perijove-panel *, .jp-Perijove-page *')]
    .filter(one => ['script', 'style', 'iframe', 'object', 'img', 'base', 'meta', 'link'].includes(one.localName)
        || [...one.attributes].some(({ name, value }) => name.startsWith('on')
            || ['href', 'src'].includes(name) && /^\\s*(javascript|data):/i.test(value)))
    .map(one => one.outerHTML.slice(0, 200))"""

_SEED = """
import json
from pathlib import Path

from perijove import clock
from perijove.client import get_client
from perijove.schemas.artifacts import ArtifactCreate
from perijove.schemas.deployments import DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.flows import FlowCreate
from perijove.schemas.logs import LogCreate
from perijove.schemas.states import StateCreate, StateType

texts = json.loads(Path({texts!r}).read_text())
described = "\\n\\n".join(texts)
short = [text.replace("\\x00", " ") for text in texts if len(text) < 100]
with get_client(sync_client=True) as client:
    flow = client.create_flow(FlowCreate(name="hostile"))
    made = client.create_deployment(DeploymentCreate(
        name="hostile", flow_id=flow.id, tags=short[:40], description=described.replace("\\x00", " ")[:60_000],
        version=short[0], entrypoint=short[1], parameters=dict(zip(short[:100], short)), enforce_parameter_schema=False,
    ))
    run = client.create_flow_run_from_deployment(made.id, DeploymentFlowRunCreate(name={name!r}, tags=short[:40]))
    client.set_flow_run_state(run.id, StateCreate(type=StateType.RUNNING), force=True)
    said = dict(name="x", level=40, flow_run_id=run.id)
    client.create_logs([LogCreate(message=text, timestamp=clock.now(), **said) for text in texts])
    for first in range(0, len(texts), 100):
        part = texts[first : first + 100]
        rows = json.dumps([{{text: text}} for text in part[:1]] + [{{part[0]: text}} for text in part])
        shown = dict(table=rows, markdown="\\n\\n".join(part), image=part[0], progress=part[1])
        for kind, data in shown.items():
            client.create_artifact(ArtifactCreate(type=kind, data=data, description=part[2], flow_run_id=run.id))
    client.set_flow_run_state(run.id, StateCreate(type=StateType.FAILED, name=short[2], message=described), force=True)
"""

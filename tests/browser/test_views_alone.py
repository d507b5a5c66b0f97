"""Views on a page that has nothing of ours but their own module, as in VS Code or Colab."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from perijove.widgets import form_fields, showing
from perijove.widgets.typed import shown

# What any page that hosts anywidget's modules gives them: a model, and an element to draw in.
HOST = """async ([code, style, state]) => {
  const sheet = document.createElement('style');
  sheet.textContent = style;
  document.head.append(sheet);
  const heard = {};
  window.sent = [];
  window.model = {
    get: name => state[name],
    set(name, value) { state[name] = value; },
    save_changes() {},
    on(name, act) { heard[name] = act; },
    off() {},
    send(message) { window.sent.push(message); }
  };
  window.tell = message => heard['msg:custom'](message);
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const { default: view } = await import(url);
  view.render({ model: window.model, el: document.body });
}"""


def _host(page: Page, name: str, state: dict[str, Any]) -> list[str]:
    """Draw a view, and return what it asks other places for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(HOST, [showing.script(name), showing.style(name), state])
    return [url for url in asked if not url.startswith("blob:")]


@pytest.fixture(params=["light", "dark"])
def bare(page: Page, request: pytest.FixtureRequest) -> Page:
    """An empty page without Jupyter's variables."""
    page.emulate_media(color_scheme=request.param)
    return page


def test_the_monitor_needs_its_own_module_alone(bare: Page) -> None:
    assert _host(bare, "monitor", {"is_open": True}) == []
    assert bare.evaluate("() => window.sent") == [{"type": "attach"}]
    run = {
        "id": "1", "name": "tall-otter", "state_type": "RUNNING", "state_name": "Running", "parameters": {"top": 3},
        "tags": [], "deployment_id": None, "start_time": "2026-11-23T12:00:00Z", "end_time": None,
    }  # fmt: skip
    line = {"id": "2", "level": 20, "message": "<b>loud</b>", "timestamp": "2026-11-23T12:00:01Z"}
    bare.evaluate("message => window.tell(message)", {"type": "news", "run": run, "logs": [line]})
    expect(bare.get_by_role("status")).to_have_text("▸ Running")
    expect(bare.get_by_role("log")).to_contain_text("<b>loud</b>")
    bare.get_by_role("button", name="Cancel").click()
    assert bare.evaluate("() => window.sent.at(-1)") == {"type": "cancel"}


def test_the_form_needs_its_own_module_alone(bare: Page) -> None:
    schema = {"properties": {"top": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}}}
    fields = form_fields.fields(schema, {"top": 3})
    state = {
        "title": "report/prod", "is_busy": False, "problems": {}, "fields": [each.json() for each in fields],
        "typed": {each.name: shown(each, each.value) for each in fields},
    }  # fmt: skip
    assert _host(bare, "form", json.loads(json.dumps(state))) == []
    bare.get_by_label("top").fill("5")
    bare.get_by_role("button", name="Add to tags").press("Enter")
    bare.keyboard.type("new")
    assert bare.evaluate("() => window.model.get('typed')") == {"top": "5", "tags": ["new"]}
    bare.get_by_label("top").press("Enter")
    assert bare.evaluate("() => window.sent") == [{"type": "run"}]

"""Views on a page that has nothing of ours but their own module, as in VS Code or Colab."""

import itertools
import json
import re
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


def _host(page: Page, name: str, state: dict[str, Any], *parts: str) -> list[str]:
    """Draw a view, and return what it asks other places for."""
    assert not re.findall(r"var\(--jp-[\w-]+\)", showing.style(name, *parts)), "each needs something in its stead"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(HOST, [showing.script(name, *parts), showing.style(name, *parts), state])
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
    bare.evaluate("() => window.tell({ type: 'attached' })")
    bare.get_by_label("top").fill("5")
    bare.get_by_role("button", name="Add to tags").press("Enter")
    bare.keyboard.type("new")
    assert bare.evaluate("() => window.model.get('typed')") == {"top": "5", "tags": ["new"]}
    bare.get_by_label("top").press("Enter")
    assert bare.evaluate("() => window.sent") == [{"type": "attach"}, {"type": "run"}]


def test_the_items_of_a_list_keep_what_is_typed_when_one_before_them_is_removed(bare: Page) -> None:
    schema = {"properties": {"tokens": {"type": "array", "items": {"type": "string", "format": "password"}}}}
    fields = [each.json() for each in form_fields.fields(schema, {})]
    _host(bare, "form", {"title": "t", "is_busy": False, "problems": {}, "fields": fields, "typed": {"tokens": []}})
    bare.evaluate("() => window.tell({ type: 'attached' })")
    for number, text in enumerate(("first", "second", "third"), 1):
        bare.get_by_role("button", name="Add to tokens").click()
        bare.get_by_label(f"tokens {number}", exact=True).fill(text)
    bare.get_by_role("button", name="Remove tokens 2").click()
    assert bare.evaluate("() => window.sent.at(-1)") == {"type": "removed", "place": "tokens", "number": 1}
    expect(bare.get_by_label("tokens 2", exact=True)).to_have_value("third")
    bare.get_by_label("tokens 2", exact=True).fill("other")
    assert bare.evaluate("() => window.sent.at(-1)") == {"type": "secret", "place": "tokens.1", "text": "other"}
    assert bare.evaluate("() => window.model.get('typed')") == {"tokens": ["", ""]}


RUN = {
    "id": "3", "name": "tall-otter", "state_type": "FAILED", "state_name": "Failed", "expected_start_time": None,
    "start_time": "2026-11-23T12:00:00Z", "end_time": "2026-11-23T12:00:04Z", "total_run_time": 4,
}  # fmt: skip


def test_the_explorer_needs_its_own_module_alone(bare: Page) -> None:
    assert _host(bare, "explorer", {"wanted": {}}, "runs") == []
    schedule = {"schedule": {"cron": "0 8 * * *", "timezone": "Asia/Tokyo"}, "active": True, "words": "at 08:00"}
    row = {
        "id": "1", "name": "prod", "flow_name": "<b>loud</b>", "paused": False, "tags": ["ops"],
        "schedules": [schedule], "next_run": "2126-11-23T23:00:00Z",
    }  # fmt: skip
    page = {"rows": [row], "next": {"flow": 1}, "total": 7, "cursor": {}, "strips": {"1": {"flow_runs": [RUN]}}}
    bare.evaluate("message => window.tell(message)", {"type": "page", **page})
    expect(bare.get_by_role("status")).to_have_text("1 of 7 deployments")
    expect(bare.get_by_role("img", name="Last runs: Failed")).to_be_visible()
    bare.get_by_role("button", name="<b>loud</b>/prod").click()
    assert bare.evaluate("() => window.sent.at(-1)") == {"type": "open", "id": "1"}
    coming = [{"instant": row["next_run"], "zone": "Asia/Tokyo"}]
    bare.evaluate(
        "message => window.tell(message)", {"type": "history", "id": "1", "flow_runs": [RUN], "coming": coming}
    )
    expect(bare.get_by_text("Longest 4.0 s, median 4.0 s, of 1 run")).to_be_visible()
    bare.get_by_role("button", name="Next").click()
    assert bare.evaluate("() => window.sent.at(-1)") == {"type": "turn", "cursor": {"flow": 1}}
    bare.get_by_label("Search deployments").fill("quiet")
    bare.wait_for_function("() => window.model.get('wanted').search === 'quiet'")


def test_the_calendar_needs_its_own_module_alone_and_draws_to_scale(bare: Page) -> None:
    assert _host(bare, "calendar", {"wanted": {}, "zone": "UTC"}, "runs") == []
    assert [each["type"] for each in bare.evaluate("() => window.sent")] == ["zone", "attach"]
    day, hour = 86_400_000, 3_600_000
    days = [1_795_000_000_000 + number * day for number in range(16)]
    mark = {
        "start": days[1],
        "end": days[3],
        "type": "FAILED",
        "state": "Failed",
        "run": "x",
        "count": 1,
        "meets": False,
    }
    lane = {
        "name": "<b>loud</b>",
        "words": "",
        "zone": "UTC",
        "marks": [mark, {**mark, "start": days[9], "type": None}],
    }
    clash = {
        "start": days[9],
        "end": days[9] + hour,
        "names": ["a", "b"],
        "count": 9,
        "times": 4,
        "in_one_minute": False,
    }
    agenda = {
        "days": days, "zone": "UTC", "zones": ["UTC"], "lanes": [lane], "first": 0, "count": 1, "step": 25,
        "load": [[0, 0]] * 359 + [[4, 1]], "clashes": [clash], "clash_count": 4, "notes": ["<i>a note</i>"],
    }  # fmt: skip
    bare.evaluate("message => window.tell(message)", {"type": "agenda", **agenda})
    expect(bare.get_by_text("4 clashes to come")).to_be_visible()
    expect(bare.get_by_text("<i>a note</i>")).to_be_visible()
    track, bar = (
        bare.locator(f".perijove-lane {each}").last.bounding_box() for each in (".perijove-track", "[data-tone=bad]")
    )
    assert track
    assert bar
    assert bar["x"] - track["x"] == pytest.approx(track["width"] / 15, abs=1)
    assert bar["width"] == pytest.approx(track["width"] * 2 / 15, abs=1)
    bare.get_by_role("button", name="<b>loud</b>: 1 past run, 1 of them failed, 1 to come").press("ArrowRight")
    expect(bare.locator(".perijove-told")).to_contain_text("<b>loud</b>: x, Failed")
    bare.get_by_text("4 clashes to come").click()
    expect(bare.get_by_role("cell", name="a, b and 7 more")).to_be_visible()
    bare.get_by_role("row", name="a, b and 7 more").get_by_role("button").click()
    expect(bare.get_by_role("button", name="The day before")).to_be_visible()
    bare.set_viewport_size({"width": 584, "height": 800})
    bare.get_by_role("button", name="The day before").click()
    ticks = bare.locator(".perijove-tick:visible")
    expect(ticks.filter(has_text="AM").nth(1)).to_be_visible()
    boxes = [box for tick in ticks.all() if (box := tick.bounding_box())]
    assert all(one["x"] + one["width"] <= next_one["x"] for one, next_one in itertools.pairwise(boxes))

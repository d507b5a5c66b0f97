"""The Jupyter Server extension's routes: closed to strangers, and what they answer to the sidebar."""

import json
import re
from collections.abc import Iterator
from uuid import uuid4

import httpx2 as httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from perijove.lab.routes import ROUTES

from .conftest import Jupyter

_METHODS = ("get", "post", "patch", "delete", "put", "head")
EVERY_ROUTE = [
    (method.upper(), re.sub(r"\(\.\*\)", "deployments/filter", pattern))
    for pattern, handler in ROUTES
    for method in _METHODS
    if method in vars(handler)
]


@pytest.fixture(scope="module")
def stranger(jupyter: Jupyter) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=jupyter.url) as client:
        yield client


@pytest.fixture(scope="module")
def user(jupyter: Jupyter) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=jupyter.url, headers={"Authorization": f"token {jupyter.token}"}, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def running(user: httpx.Client) -> httpx.Client:
    """The user, once the embedded server runs."""
    assert user.post("/perijove/target").status_code == 200
    return user


@pytest.fixture(scope="module")
def seeded(running: httpx.Client, jupyter: Jupyter) -> httpx.Client:
    """The user, with more deployments than fit a page."""
    jupyter.python(_SEED)
    return running


def test_a_stopped_server_is_a_state_of_its_own(user: httpx.Client) -> None:
    answer = user.get("/perijove/target")
    assert (answer.status_code, answer.json()["kind"]) == (503, "stopped")


def test_every_route_is_counted() -> None:
    assert len(EVERY_ROUTE) >= len(ROUTES) + 3


@pytest.mark.parametrize(("method", "path"), EVERY_ROUTE)
def test_a_route_is_closed_without_the_token(stranger: httpx.Client, method: str, path: str) -> None:
    assert stranger.request(method, path).status_code == 403
    assert stranger.request(method, path, headers={"Authorization": "token wrong"}).status_code == 403


@pytest.mark.parametrize(("method", "path"), EVERY_ROUTE)
def test_a_route_is_closed_to_a_host_that_is_not_ours(user: httpx.Client, method: str, path: str) -> None:
    assert user.request(method, path, headers={"Host": "rebound.example"}).status_code == 403


@pytest.mark.parametrize(("method", "path"), [one for one in EVERY_ROUTE if one[0] != "GET"])
def test_a_logged_in_browser_needs_the_xsrf_token_too(jupyter: Jupyter, method: str, path: str) -> None:
    with httpx.Client(base_url=jupyter.url, follow_redirects=True) as browser:
        browser.get("/lab", params={"token": jupyter.token})
        assert browser.get("/api/me").status_code == 200
        assert browser.request(method, path).status_code == 403


def test_answers_are_no_pages(running: httpx.Client) -> None:
    headers = running.get("/perijove/target").headers
    assert headers["content-type"] == "application/json"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_the_target_is_told_without_its_token(running: httpx.Client, jupyter: Jupyter) -> None:
    told = running.get("/perijove/target").json()
    assert told["kind"] == "embedded"
    token = jupyter.python("from perijove import embed; print(embed.find().token())").strip()
    assert len(token) > 20
    assert token not in str(told)


@pytest.mark.parametrize(
    "path",
    ["admin/version", "events", "..%2fready", "deployments/../admin/version", "deployments/%2e%2e/admin/version", ""],
)
def test_only_resources_of_the_wire_are_passed_on(running: httpx.Client, path: str) -> None:
    assert running.get(f"/perijove/api/{path}").status_code == 404


def test_what_the_target_refuses_is_told_in_its_words(running: httpx.Client) -> None:
    missing = running.get(f"/perijove/api/deployments/{uuid4()}")
    assert (missing.status_code, missing.json()["kind"]) == (404, "not_found")
    wrong = running.post("/perijove/api/deployments/filter", json={"limit": 100_000})
    assert (wrong.status_code, wrong.json()["kind"]) == (422, "invalid")
    assert "limit" in wrong.json()["message"]


def test_rows_are_ordered_by_flow_and_come_in_pages(seeded: httpx.Client) -> None:
    rows, cursor, pages = [], {"flow": 0, "deployment": 0}, 0
    while cursor:
        page = seeded.post("/perijove/rows", json={"cursor": cursor}).json()
        rows += page["rows"]
        cursor, pages = page["next"], pages + 1
    names = [(row["flow_name"], row["name"]) for row in rows]
    assert names == sorted(names)
    assert len(set(names)) == len(names) == page["total"] == 52 + 105
    assert pages > 2
    [schedule] = rows[0]["schedules"]
    assert (schedule["words"], schedule["active"]) == ("at 08:00, Monday to Friday (Europe/Berlin)", True)
    assert schedule["schedule"]["cron"] == "0 8 * * 1-5"
    assert rows[0]["next_run"]


def test_rows_are_filtered_by_the_server(seeded: httpx.Client) -> None:
    def names(**asked: object) -> list[str]:
        return [row["name"] for row in seeded.post("/perijove/rows", json=asked).json()["rows"]]

    assert names(search="MANY")[:1] == ["d000"]
    assert names(tags=["odd"], search="flow-0") == ["prod"] * 5
    assert names(status="paused") == ["d007"]
    assert names(work_pools=["nobody's"]) == []
    assert names(status="running") == []


def test_a_strip_has_the_latest_runs_and_the_next_one(seeded: httpx.Client) -> None:
    row = seeded.post("/perijove/rows", json={"search": "flow-00"}).json()["rows"][0]
    made = seeded.post(f"/perijove/api/deployments/{row['id']}/create_flow_run", json={}).json()
    cancelled = {"state": {"type": "CANCELLED"}, "force": True}
    seeded.post(f"/perijove/api/flow_runs/{made['id']}/set_state", json=cancelled)
    strip = seeded.post("/perijove/strips", json={"deployment_ids": [row["id"]]}).json()[row["id"]]
    assert [run["state_type"] for run in strip["flow_runs"]] == ["CANCELLED"]
    assert strip["next_run"] == row["next_run"]


def test_an_answer_without_content_is_passed_on(seeded: httpx.Client) -> None:
    row = seeded.post("/perijove/rows", json={"search": "flow-01"}).json()["rows"][0]
    path = f"/perijove/api/deployments/{row['id']}"
    assert seeded.patch(path, json={"description": "Now described."}).status_code == 204
    assert seeded.get(path).json()["description"] == "Now described."
    assert seeded.delete(path).status_code == 204
    assert seeded.get(path).status_code == 404


def test_all_that_a_filter_finds_is_paused_and_deleted(seeded: httpx.Client) -> None:
    def count(**asked: object) -> int:
        total: int = seeded.post("/perijove/rows", json={"search": "flow-3", **asked}).json()["total"]
        return total

    def act(action: str) -> int:
        done: int = seeded.post("/perijove/bulk", json={"search": "flow-3", "action": action}).json()["count"]
        return done

    assert (count(), act("pause"), count(status="paused")) == (10, 10, 10)
    assert (act("resume"), count(status="paused")) == (10, 0)
    assert (act("delete"), count()) == (10, 0)
    assert seeded.post("/perijove/rows", json={"search": "flow-4"}).json()["total"] == 10


def test_what_sets_a_deployment_off_is_told_in_words(seeded: httpx.Client) -> None:
    row = seeded.post("/perijove/rows", json={"search": "flow-04"}).json()["rows"][0]
    other = seeded.post("/perijove/rows", json={"search": "flow-06"}).json()["rows"][0]
    match = {"prefect.resource.id": f"prefect.deployment.{other['id']}"}
    trigger = {"type": "event", "expect": ["orders.arrived"], "threshold": 2, "within": 60, "match_related": match}
    action = {"type": "run-deployment", "source": "selected", "deployment_id": row["id"]}
    made = {"name": "on orders", "trigger": trigger, "actions": [action]}
    assert seeded.post("/perijove/api/automations/", json=made).status_code == 201
    told = seeded.get(f"/perijove/triggers/{row['id']}").json()
    assert [(one["name"], one["enabled"], one["when"], one["of"]) for one in told] == [
        ("on orders", True, ["orders.arrived 2 times within 0:01:00"], ["flow-06/prod"])
    ]


def test_an_id_that_is_none_is_not_found(running: httpx.Client) -> None:
    for path in ("triggers", "secrets", "origin", "result"):
        assert running.get(f"/perijove/{path}/none").status_code == 404


def test_a_log_is_pushed_as_it_is_written(seeded: httpx.Client, jupyter: Jupyter) -> None:
    row = seeded.post("/perijove/rows", json={"search": "flow-05"}).json()["rows"][0]
    made = seeded.post(f"/perijove/api/deployments/{row['id']}/create_flow_run", json={}).json()
    url = f"{jupyter.url.replace('http', 'ws')}/perijove/logs/{made['id']}"
    with connect(url, additional_headers={"Authorization": f"token {jupyter.token}"}) as socket:
        assert json.loads(socket.recv(30)) == {"logs": []}
        jupyter.python(_WRITE_LOG.format(made["id"]))
        assert [one["message"] for one in json.loads(socket.recv(30))["logs"]] == ["one", "two"]


def test_a_log_is_pushed_to_no_other_site(jupyter: Jupyter) -> None:
    with httpx.Client(base_url=jupyter.url, follow_redirects=True) as browser:
        browser.get("/lab", params={"token": jupyter.token})
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    url = f"{jupyter.url.replace('http', 'ws')}/perijove/logs/{uuid4()}"
    with connect(url, origin=Origin(jupyter.url), additional_headers=cookies):
        pass
    with pytest.raises(InvalidStatus, match="403"):
        connect(url, origin=Origin("https://other.example"), additional_headers=cookies)


def test_a_schedule_is_previewed_by_the_one_recurrence(running: httpx.Client) -> None:
    typed = {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}
    told = running.post("/perijove/schedules/preview", json=typed).json()
    assert told["words"] == "at 02:30, every day (Europe/Berlin)"
    assert len(told["instants"]) == 5
    assert told["instants"][0]["wall"]["time"].endswith("T02:30:00")
    assert told["instants"][0]["wall"]["zone"] in ("CET", "CEST")
    assert told["schedule"]["cron"] == "30 2 * * *"


def test_a_mistake_in_a_schedule_is_explained(running: httpx.Client) -> None:
    wrong = running.post("/perijove/schedules/preview", json={"cron": "0 8 * *", "timezone": "Europe/Berlni"})
    assert wrong.status_code == 422
    assert wrong.json()["kind"] == "invalid"
    zone = running.post("/perijove/schedules/preview", json={"cron": "0 8 * * *", "timezone": "Europe/Berlni"})
    assert "Europe/Berlin" in zone.json()["message"]


CELLS = [
    {"id": "a", "source": "import math\nimport perijove\nUNIT = 2"},
    {"id": "b", "source": "print('a look')"},
    {
        "id": "c",
        "source": "@perijove.flow(name='x')\ndef area(radius: float = 1.0):\n    return math.pi * radius * UNIT",
    },
    {"id": "d", "source": "def helper(): ..."},
]


def test_the_flows_of_an_open_notebook_are_known_without_running_it(user: httpx.Client) -> None:
    assert user.post("/perijove/notebook/flows", json={"path": "a.ipynb", "cells": CELLS}).json() == ["area"]


def test_an_export_is_shown_with_its_reasons_and_nothing_is_written(user: httpx.Client, jupyter: Jupyter) -> None:
    asked = {"path": "a.ipynb", "cells": CELLS, "function": "area"}
    told = user.post("/perijove/notebook/export", json=asked).json()
    assert "import math" in told["source"]
    assert "UNIT = 2" in told["source"]
    assert "a look" not in told["source"]
    assert [one["cell"] for one in told["dropped"]] == [2, 4]
    assert {"cell": 1, "line": 3} in [{"cell": one["cell"], "line": one["line"]} for one in told["kept"]]
    assert not (jupyter.notebooks / "perijove_exports").exists()


def test_what_can_not_be_exported_is_told_in_the_exporters_words(user: httpx.Client) -> None:
    cells = [{"id": "a", "source": "@flow\ndef lost():\n    return nowhere"}]
    refused = user.post("/perijove/notebook/export", json={"path": "a.ipynb", "cells": cells, "function": "lost"})
    assert refused.status_code == 422
    assert "nowhere" in refused.json()["message"] or "flow" in refused.json()["message"]
    outside = user.post("/perijove/notebook/export", json={"path": "../a.ipynb", "cells": CELLS, "function": "area"})
    assert outside.status_code == 422


def test_timezones_are_those_of_the_server(running: httpx.Client) -> None:
    names = running.get("/perijove/timezones").json()
    assert {"UTC", "Europe/Berlin", "Asia/Kolkata"} <= set(names)


_WRITE_LOG = """
from perijove import clock
from perijove.client import get_client
from perijove.schemas.logs import LogCreate

said = {{"name": "x", "level": 20, "timestamp": clock.now(), "flow_run_id": "{}"}}
lines = [LogCreate(message=word, **said) for word in ("one", "two")]
with get_client(sync_client=True) as client:
    client.create_logs(lines)
"""

_SEED = """
from perijove.client import get_client
from perijove.schemas.deployments import DeploymentCreate
from perijove.schemas.flows import FlowCreate
from perijove.schemas.schedules import CronSchedule, DeploymentScheduleCreate

weekdays = DeploymentScheduleCreate(schedule=CronSchedule(cron="0 8 * * 1-5", timezone="Europe/Berlin"))
with get_client(sync_client=True) as client:
    for number in range(52):
        flow = client.create_flow(FlowCreate(name=f"flow-{number:02}"))
        tags = ["odd"] if number % 2 else []
        client.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, schedules=[weekdays], tags=tags))
    many = client.create_flow(FlowCreate(name="many"))
    client.create_flow(FlowCreate(name="a flow without deployments"))
    for number in range(105):
        paused = number == 7
        client.create_deployment(DeploymentCreate(name=f"d{number:03}", flow_id=many.id, paused=paused))
"""

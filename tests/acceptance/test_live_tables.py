"""What the explorer and the calendar know of a real server, and what they tell a page as that changes."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import perijove
from perijove import deployments, embed
from perijove.client import SyncClient, get_client
from perijove.deployments.define import Wishes, schedules
from perijove.errors import PerijoveError, ScheduleError, UsageError
from perijove.schemas.deployments import DeploymentCreate
from perijove.schemas.flows import FlowCreate
from perijove.schemas.states import StateType
from perijove.widgets.live_view import LiveView

FLOWS = """
from perijove import flow

@flow
def report(fails: bool = False) -> int:
    return 1 // (not fails)
"""

Message = dict[str, Any]


@pytest.fixture(scope="module")
def server(shared_server: embed.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> embed.EmbeddedServer:
    """A server with two deployments that are due in the same minute, each day."""
    file = tmp_path_factory.mktemp("flows") / "flows.py"
    file.write_text(FLOWS)
    due = schedules(cron=["0 8 * * *"], timezone="Europe/Berlin")
    deployments.deploying.deploy_file(file, "report", Wishes(name="prod", schedules=due, tags=["of-report"]))
    with get_client(sync_client=True) as client:
        flow = client.create_flow(FlowCreate(name="load"))
        client.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, schedules=due or [], tags=["of-load"]))
    return shared_server


@pytest.fixture
def told(server: embed.EmbeddedServer) -> Iterator[Callable[[LiveView], Callable[[str], Message]]]:
    """Attach a page to a view: what it is told next of a kind, waited for."""
    shown: list[LiveView] = []

    def attach(view: LiveView) -> Callable[[str], Message]:
        messages: list[Message] = []
        view.send = lambda message, buffers=None: messages.append(message)  # type: ignore[method-assign]
        view._hear(None, {"type": "attach"}, None)
        shown.append(view)

        def next_of(kind: str) -> Message:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                while messages:
                    if (message := messages.pop(0))["type"] == kind:
                        return message
                time.sleep(0.02)
            raise AssertionError(f"no {kind} was told")

        return next_of

    yield attach
    for view in shown:
        view.close()


def test_an_explorer_shows_what_is_asked_for(server: embed.EmbeddedServer) -> None:
    assert "report/prod" in repr(perijove.explore())
    assert "load/prod" not in repr(perijove.explore("repo"))
    assert "report/prod" not in repr(perijove.explore(tags=["of-load"]))
    assert "There are no such deployments" in repr(perijove.explore(status="paused"))
    with pytest.raises(UsageError, match="no status 'bad'"):
        perijove.explore(status="bad")  # type: ignore[arg-type]


def test_an_explorer_tells_of_runs_and_of_pauses_as_they_happen(told: Callable[..., Any], client: SyncClient) -> None:
    explorer = perijove.explore()
    next_of = told(explorer)
    (row,) = [each for each in next_of("page")["rows"] if each["flow_name"] == "report"]
    explorer._hear(None, {"type": "open", "id": row["id"]}, None)
    assert [each["zone"] for each in next_of("history")["coming"]] == ["Europe/Berlin"] * 5
    explorer._hear(None, {"type": "run", "id": row["id"]}, None)
    while not (runs := next_of("history")["flow_runs"]) or runs[-1]["state_type"] != "COMPLETED":
        pass
    explorer._hear(None, {"type": "pause", "id": row["id"]}, None)
    assert {each["id"]: each["paused"] for each in next_of("page")["rows"]}[row["id"]]
    explorer.selected = "report/prod"
    assert explorer.deployment is not None
    assert explorer.deployment.paused
    client.resume_deployment(explorer.deployment.id)


def test_an_explorers_page_can_be_searched_in(told: Callable[..., Any]) -> None:
    explorer = perijove.explore()
    next_of = told(explorer)
    assert next_of("page")["total"] == 2
    explorer.wanted = {"search": "load", "tags": [], "status": None}
    page = next_of("page")
    assert (page["total"], [row["flow_name"] for row in page["rows"]]) == (1, ["load"])


def test_a_server_that_refuses_is_told_on_the_page(told: Callable[..., Any]) -> None:
    explorer = perijove.explore()
    next_of = told(explorer)
    explorer._hear(None, {"type": "pause", "id": "00000000-0000-0000-0000-000000000000"}, None)
    assert "not found" in next_of("problem")["message"].lower()


def test_a_calendar_shows_clashes_and_the_runs_of_the_past_week_as_they_happen(told: Callable[..., Any]) -> None:
    shown = perijove.calendar(timezone="Asia/Tokyo")
    assert [clash.names for clash in shown.clashes] == [("load/prod", "report/prod")] * len(shown.clashes)
    assert len(shown.clashes) >= 7
    next_of = told(shown)
    assert next_of("agenda")["zone"] == "Asia/Tokyo"
    run = deployments.run_deployment("report/prod", {"fails": True})
    assert run.state_type is StateType.FAILED
    agenda = next_of("agenda")
    while run.name not in _run_names(agenda):
        agenda = next_of("agenda")
    assert sum(bad for _, bad in agenda["load"]) >= 1


def test_a_run_that_is_due_later_is_in_the_calendar_though_no_schedule_says_so(server: embed.EmbeddedServer) -> None:
    due = perijove.calendar().clashes[0].start + timedelta(hours=3)
    before = perijove.calendar("load").picture().count("<div style=")
    run = deployments.run_deployment("load/prod", scheduled_time=due, timeout=0)
    assert perijove.calendar("load").picture().count("<div style=") == before + 1
    run.cancel()


def _run_names(agenda: Message) -> set[str]:
    return {mark["run"] for lane in agenda["lanes"] for mark in lane["marks"]}


def test_a_calendars_days_begin_at_the_viewers_midnight_unless_a_timezone_is_chosen(told: Callable[..., Any]) -> None:
    shown = perijove.calendar("load")
    next_of = told(shown)
    before = next_of("agenda")["days"]
    shown._hear(None, {"type": "zone", "zone": "Asia/Kathmandu"}, None)
    assert (next_of("agenda")["days"][0] - before[0]) % 3_600_000 == 900_000
    shown.zone = "America/New_York"
    assert next_of("agenda")["zone"] == "America/New_York"
    with pytest.raises(ScheduleError, match="Berlni"):
        perijove.calendar(timezone="Europe/Berlni")


def test_the_magics_give_the_same_views(server: embed.EmbeddedServer) -> None:
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "perijove")
    try:
        explorer = shell.run_line_magic("deployments", "explore repo --tag of-report")
        calendar = shell.run_line_magic("schedules", "calendar load --timezone UTC")
        with pytest.raises(PerijoveError, match="Options are for changing a deployment"):
            shell.run_line_magic("deployments", "explore --paused")
    finally:
        shell.run_line_magic("unload_ext", "perijove")
        InteractiveShell.clear_instance()
    assert "1 of 1 deployments" in repr(explorer)
    assert "(UTC)" in repr(calendar)
    assert "report" not in repr(calendar)


def test_each_function_stays_what_it_is_when_another_was_used() -> None:
    assert all(callable(each) for each in (perijove.run_form, perijove.monitor, perijove.calendar, perijove.explore))


def test_where_a_view_was_shown_there_is_a_picture_of_it(server: embed.EmbeddedServer) -> None:
    assert "report/prod" in perijove.explore().picture()
    assert "position: absolute" in perijove.calendar().picture()


@pytest.mark.full
@pytest.mark.timeout(300)
def test_of_a_thousand_deployments_a_page_is_told_some_at_a_time(told: Callable[..., Any], client: SyncClient) -> None:
    hourly = schedules(cron=["5 * * * *"])
    for number in range(1_000):
        flow = client.create_flow(FlowCreate(name=f"many-{number:04}"))
        client.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id, schedules=hourly or []))
    explorer, calendar = perijove.explore("many-"), perijove.calendar("many-")
    next_of = told(explorer)
    page, agenda = next_of("page"), told(calendar)("agenda")
    assert (page["total"], len(page["rows"])) == (1_000, 50)
    explorer._hear(None, {"type": "turn", "cursor": page["next"]}, None)
    assert next_of("page")["rows"][0]["flow_name"] == "many-0050"
    assert (agenda["count"] > 500, len(agenda["lanes"])) == (True, 25)
    (note,) = agenda["notes"]
    assert note.startswith(f"The coming runs of {1_001 - agenda['count']} deployments were not looked for")
    assert len(json.dumps(agenda)) < 1_000_000

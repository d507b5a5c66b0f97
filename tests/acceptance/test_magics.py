"""The magics in a real kernel, as a notebook uses them."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import psutil
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from perijove import clock, embed, settings
from perijove.client import SyncClient, get_client
from perijove.deployments.deploy_flow import Words
from perijove.errors import NotFound
from perijove.magics.deploy import DeployMagic
from perijove.schemas.filters import FlowRunFilter, FlowRunQuery, Text

SETUP = """
from perijove import flow, run_deployment, task
import time

RATE = 2

def scaled(x):
    return x * RATE

@task(retries=1)
def one(x: int) -> int:
    return scaled(x)

@flow(log_prints=True)
def daily_report(region: str = "EU", top: int = 3) -> dict:
    '''The report of the day.'''
    print("for", region)
    return {"region": region, "sum": sum(one(i) for i in range(top))}

@flow
def sleeping(seconds: float = 30.0) -> str:
    time.sleep(seconds)
    return "rested"

unused = "never exported"
"""


@dataclass
class Told:
    """What a cell gave back."""

    status: str
    text: str = ""
    html: str = ""
    errors: list[str] = field(default_factory=list)
    streams: str = ""


class Cells:
    """A kernel that runs cells, in the directory of a notebook."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient, directory: Path) -> None:
        self.manager, self.client, self.directory = manager, client, directory

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return int(self.manager.provisioner.pid)

    def run(self, code: str) -> Told:
        told = Told("")

        def note(message: dict[str, Any]) -> None:
            content = message["content"]
            if content.get("transient", {}).get("display_id"):
                return  # a line that tells of long work while it goes on, and is taken away
            match message["msg_type"]:
                case "execute_result" | "display_data":
                    told.text += content["data"].get("text/plain", "")
                    told.html += content["data"].get("text/html", "")
                case "error":
                    told.errors += content["traceback"]
                case "stream":
                    told.streams += content["text"]

        told.status = self.client.execute_interactive(code, output_hook=note, timeout=60)["content"]["status"]
        return told

    def complete(self, line: str) -> list[str]:
        matches: list[str] = self.client.complete(line, len(line), reply=True, timeout=30)["content"]["matches"]
        return matches

    def help(self, name: str) -> str:
        """What ``?`` shows."""
        payload = self.reply(self.client.execute(f"{name}?"))["payload"]
        return str(payload[0]["data"]["text/plain"])

    def reply(self, message: str) -> dict[str, Any]:
        """The kernel's answer to a cell that was sent before."""
        while (reply := self.client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != message:
            pass
        content: dict[str, Any] = reply["content"]
        return content


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory for this process and its kernels; the server is started by the first command that needs it."""
    with pytest.MonkeyPatch.context() as patch:
        directory = tmp_path_factory.mktemp("home")
        patch.setenv("PERIJOVE_HOME", str(directory))
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.delenv("PERIJOVE_API_URL", raising=False)
        settings.current.cache_clear()
        yield directory
        embed.stop()
    settings.current.cache_clear()


@pytest.fixture(scope="module")
def cells(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cells]:
    """A kernel with the extension loaded and the flows defined."""
    directory = tmp_path_factory.mktemp("notebooks")
    manager, client = start_new_kernel(cwd=str(directory))
    try:
        opened = Cells(manager, client, directory)
        assert opened.run("%load_ext perijove").status == "ok"
        assert opened.run(SETUP).status == "ok"
        yield opened
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def deployed(cells: Cells) -> str:
    """The name of a deployment that was made in a cell."""
    told = cells.run('%deploy daily_report --name prod --cron "0 8 * * 1-5" --timezone Europe/Berlin --param region=EU')
    assert told.status == "ok", told.errors
    return "daily-report/prod"


def test_deploy_tells_what_went_in_the_entrypoint_and_the_next_runs(cells: Cells) -> None:
    told = cells.run('%deploy daily_report --name told --cron "0 8 * * 1-5" --timezone Europe/Berlin --tag finance')
    assert told.text.startswith("daily-report/told is deployed\n")
    assert "perijove_exports/daily_report.py:daily_report" in told.text
    assert "cell 2" in told.text
    assert told.text.count("08:00 CE") == 5
    exported = (cells.directory / "perijove_exports" / "daily_report.py").read_text()
    assert "RATE = 2" in exported
    assert "never exported" not in exported


def test_a_deployment_carries_what_the_flow_and_the_user_say(cells: Cells, deployed: str) -> None:
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name(deployed)
    assert found.description == "The report of the day."
    assert found.parameters == {"region": "EU"}
    assert found.work_pool_name == "local"
    assert found.job_variables["python"] == cells.run("import sys; sys.executable").text.strip("'")
    assert found.version
    assert set((found.parameter_openapi_schema or {})["properties"]) == {"region", "top"}


def test_an_isolated_deployment_runs_with_what_its_export_depends_on(cells: Cells) -> None:
    told = cells.run("%deploy daily_report --name alone --env isolated --param top=1")
    assert re.search(r"environment +its own, with perijove==", told.text)
    assert cells.run("print(run_deployment('daily-report/alone', timeout=60).result()['sum'])").streams == "0\n"


def test_a_redeploy_says_what_changed_and_keeps_what_was_not_said(cells: Cells) -> None:
    cells.run('%deploy daily_report --name again --cron "0 8 * * *" --param top=3')
    with get_client(sync_client=True) as client:
        before = client.read_deployment_by_name("daily-report/again")
        client.pause_deployment(before.id)
    told = cells.run("%deploy daily_report --name again --param top=4 --tag new")
    assert "daily-report/again is deployed anew" in told.text
    assert 'parameters: {"top": 3} → {"top": 4}' in told.text
    assert 'tags: [] → ["new"]' in told.text
    with get_client(sync_client=True) as client:
        after = client.read_deployment(before.id)
    assert after.paused
    assert [each.id for each in after.schedules] == [each.id for each in before.schedules]


def test_the_same_deploy_again_changes_nothing(cells: Cells) -> None:
    line = "%deploy daily_report --name same --every 15m"
    cells.run(line)
    assert "daily-report/same is deployed: nothing changed" in cells.run(line).text


def test_a_dry_run_shows_all_and_does_nothing(cells: Cells) -> None:
    told = cells.run("%deploy daily_report --name dry --every 1h -o jobs/dry.py --dry-run")
    assert "would be deployed" in told.text
    assert "jobs/dry.py:daily_report" in told.text
    assert not (cells.directory / "jobs").exists()
    with get_client(sync_client=True) as client, pytest.raises(NotFound):
        client.read_deployment_by_name("daily-report/dry")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("%deploy daily_reprt", "There is no flow `daily_reprt` in this notebook. Did you mean 'daily_report'?"),
        ("%deploy scaled", "`scaled` is not a flow: write @flow above it"),
        ('%deploy daily_report --name bad --cron "* * * * * *"', "has 6 fields where five are expected"),
        ("%deploy daily_report --name bad --cron @daily --timezone Europe/Berlni", "did you mean 'Europe/Berlin'?"),
        (
            "%deploy daily_report --name bad --param top=many",
            "refuses parameter 'top': 'many' is not of type 'integer'",
        ),
        ("%deploy daily_report --name bad --param tpo=1", "has no parameter 'tpo'. Did you mean 'top'?"),
        ("%deploy daily_report --name bad --param top=$nothing", "There is no variable 'nothing'"),
        ("%deploy daily_report --name a/b", "'a/b' can't name a deployment"),
        ("%deploy daily_report --name bad --pool lokal", "There is no work pool 'lokal'. Did you mean 'local'?"),
        ("%deploy daily_report --name bad -o ../out.py", "steps out of the notebook's directory"),
        ("%deploy daily_report --name bad -o /nowhere/out.py", "/nowhere/out.py is outside of"),
        ("%deploy daily_report --name bad --crn x", "unrecognized arguments: --crn x"),
        ('%deploy daily_report --name "bad', "No closing quotation"),
        ("%run_deployment daily-report/nothing", "There is no deployment 'daily-report/nothing'"),
        ("%runs --state fialed", "There is no state 'fialed'. Did you mean 'failed'?"),
        ("%export nothing", "nothing"),
    ],
)
def test_bad_input_is_a_sentence_and_changes_nothing(cells: Cells, deployed: str, line: str, sentence: str) -> None:
    files = sorted(cells.directory.rglob("*"))
    told = cells.run(line)
    assert told.status == "error"
    assert len(told.errors) == 1
    assert sentence in told.errors[0]
    assert "Traceback" not in told.errors[0] + told.streams
    assert sorted(cells.directory.rglob("*")) == files
    with get_client(sync_client=True) as client, pytest.raises(NotFound):
        client.read_deployment_by_name("daily-report/bad")


def test_run_deployment_waits_and_gives_a_run(cells: Cells, deployed: str) -> None:
    told = cells.run(f"run = %run_deployment {deployed} region=US top=4\nrun.state_name, run.result()")
    assert told.text == "('Completed', {'region': 'US', 'sum': 12})"


def test_the_function_blocks_in_a_cell_and_never_gives_a_coroutine(cells: Cells, deployed: str) -> None:
    told = cells.run(f'run = run_deployment("{deployed}", parameters={{"top": 2}})\nrun.result()["sum"]')
    assert told.text == "2"
    assert cells.run(f'(await run_deployment("{deployed}")).state_name').text == "'Completed'"


def test_the_cells_variables_can_be_parameters(cells: Cells, deployed: str) -> None:
    cells.run("limit, place = 5, '7'")
    told = cells.run(f"run = %run_deployment {deployed} top=$limit region=$place\nrun.parameters")
    assert told.text == "{'region': '7', 'top': 5}"


def test_a_run_may_start_later_and_is_not_waited_for(cells: Cells, deployed: str) -> None:
    told = cells.run(f"run = %run_deployment {deployed} --in 1h --name later --tag once\nrun")
    assert "Flow run later" in told.text
    assert "Scheduled" in told.text


def test_deployments_and_schedules_are_tables_in_both_forms(cells: Cells, deployed: str) -> None:
    listed = cells.run("%deployments")
    assert deployed in listed.text
    assert "<table>" in listed.html
    assert "<script" not in listed.html
    scheduled = cells.run(f"%schedules {deployed}")
    assert scheduled.text.count("08:00 CE") == 5
    assert "Monday to Friday" in scheduled.html


def test_schedules_are_added_set_paused_resumed_and_deleted(cells: Cells) -> None:
    cells.run("%deploy daily_report --name timed --every 1h")
    added = cells.run('%schedules add daily-report/timed --cron "0 18 * * 5" --schedule-param top=3 --overlap skip')
    assert "18:00, every Friday" in added.text, added.errors
    with get_client(sync_client=True) as client:
        schedules = client.read_deployment_by_name("daily-report/timed").schedules
    assert [(each.parameters, each.overlap) for each in sorted(schedules, key=lambda one: one.created)] == [
        ({}, "allow"),
        ({"top": 3}, "skip"),
    ]
    assert "say which by its number. 1: every hour" in " ".join(cells.run("%schedules pause daily-report/timed").errors)
    assert cells.run("%schedules pause daily-report/timed 2").text.count("(paused)") == 1
    assert "(paused)" not in cells.run("%schedules resume daily-report/timed 2").text
    assert "every 6 hours" in cells.run("%schedules set daily-report/timed 1 --every 6h").text
    assert "every 6 hours" not in cells.run("%schedules delete daily-report/timed 1").text
    assert cells.run("a = %schedules next daily-report/timed --count 7\nlen(a), a[0].weekday()").text == "(7, 4)"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("add daily-report/prod", "Say when: give --cron"),
        ("add daily-report/prod --cron '0 0 * * *' --schedule-param topp=1", "Did you mean 'top'?"),
        ("set daily-report/prod 7 --every 1h", "has no schedule '7'"),
        ("set daily-report/prod --every 1h --cron '0 0 * * *'", "One schedule takes the place of one"),
        ("pause", "%schedules takes"),
        ("next daily-report/prod --count 0", "give 1 or more"),
    ],
)
def test_a_schedule_that_can_not_be_changed_so_is_refused(
    cells: Cells, deployed: str, line: str, sentence: str
) -> None:
    assert sentence in " ".join(cells.run(f"%schedules {line}").errors)


def test_deploy_says_how_runs_of_schedules_and_of_the_deployment_crowd(cells: Cells) -> None:
    schedule = "--every 1h --schedule-param top=2 --catchup all --overlap queue"
    words = f"{schedule} --concurrency 2 --collision-strategy CANCEL_NEW"
    for _ in range(2):
        told = cells.run(f"%deploy daily_report --name crowded {words}")
        assert told.status == "ok", told.errors
    assert "is deployed: nothing changed" in told.text
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name("daily-report/crowded")
    (schedule,) = found.schedules
    assert (schedule.parameters, schedule.catchup, schedule.overlap) == ({"top": 2}, "all", "queue")
    assert found.global_concurrency_limit is not None
    assert found.global_concurrency_limit.limit == 2


def test_runs_is_a_list_of_runs(cells: Cells, deployed: str) -> None:
    cells.run(f"%run_deployment {deployed} --name listed")
    told = cells.run(f"runs = %runs {deployed} --limit 5\n[run.name for run in runs][0], runs[0].result()['region']")
    assert told.text == "('listed', 'EU')"
    assert "listed" in cells.run("%runs --state completed").text


def test_a_run_is_shown_cancelled_and_retried_by_its_name(cells: Cells, deployed: str) -> None:
    cells.run(f"%run_deployment {deployed} --name acted --in 1h --no-wait")
    assert "Scheduled" in cells.run("%runs show acted").text
    assert "Cancelled" in cells.run("%runs cancel acted").text
    cells.run("%runs retry acted")
    assert cells.run("%runs watch acted").status == "ok"  # live: it waits for nothing
    assert "Completed" in cells.run("run = %runs show acted\nrun.wait()").text
    assert "'region': 'EU'" in cells.run("%runs result acted").text
    assert "finished in state Completed" in cells.run("%runs logs acted").text
    assert "takes one run" in " ".join(cells.run("%runs cancel").errors)


def test_a_deployment_is_paused_resumed_and_deleted_by_its_name(cells: Cells) -> None:
    cells.run("%deploy daily_report --name doomed --every 1h")
    assert "paused" in cells.run("%deployments pause daily-report/doomed").text
    assert "next run" in cells.run("%deployments resume daily-report/doomed").text
    assert "is deleted" in cells.run("%deployments delete daily-report/doomed").streams
    assert "There is no deployment" in " ".join(cells.run("%deployments daily-report/doomed").errors)


def test_export_writes_a_function_and_says_why(cells: Cells) -> None:
    told = cells.run("%export scaled -o scaled.py --explain")
    assert (cells.directory / "scaled.py").read_text().count("def ") == 1
    assert "kept: " in told.text


def test_a_value_from_outside_is_never_markup(cells: Cells) -> None:
    told = cells.run("%deploy daily_report --name html --tag '<img src=x onerror=alert(1)>'\n%deployments")
    assert "onerror" in told.html
    assert "<img" not in told.html


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%deploy dai", "daily_report"),
        ("%deploy daily_report --timez", "--timezone"),
        ("%deploy daily_report --timezone Europe/Berl", "Europe/Berlin"),
        ("%run_deployment daily-report/pr", "daily-report/prod"),
        ("%runs ca", "cancel"),
        ("%deployments pause daily-report/pr", "daily-report/prod"),
        ("%export scal", "scaled"),
    ],
)
def test_tab_offers_what_may_come(cells: Cells, deployed: str, typed: str, offered: str) -> None:
    assert offered in cells.complete(typed)


@pytest.mark.parametrize("name", ["deploy", "export", "run_deployment", "deployments", "schedules", "runs"])
def test_each_magic_explains_itself_with_examples(cells: Cells, name: str) -> None:
    told = cells.help(f"%{name}")
    assert "Examples::" in told
    assert f"%{name}" in told


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("kept", "%run_deployment sleeping/d seconds=3 --name kept"),
        ("kept-too", "run_deployment('sleeping/d', {'seconds': 3}, flow_run_name='kept-too')"),
    ],
)
def test_interrupting_the_kernel_stops_the_waiting_and_not_the_run(cells: Cells, name: str, code: str) -> None:
    cells.run("%deploy sleeping --name d")
    message = cells.client.execute(code)
    with get_client(sync_client=True) as client:
        _await_state(client, name, "Running")
        cells.manager.interrupt_kernel()
        reply = cells.reply(message)
        assert reply["status"] == "error"
        (told,) = reply["traceback"]  # a sentence, and no traceback
        assert "Stopped waiting; the run itself goes on." in told
        assert f"%runs watch {name} shows it, and %runs cancel {name} ends it" in told
        _await_state(client, name, "Completed")
    assert cells.run("1 + 1").text == "2"


def test_a_server_that_dies_in_the_middle_costs_a_sentence_and_the_command_works_again(cells: Cells) -> None:
    server = embed.find()
    assert server is not None
    os.kill(server.pid, signal.SIGSTOP)  # so that it takes the deploy's first request, and answers none
    message = cells.client.execute("%deploy daily_report --name revived --every 1h")
    _await_connection(cells.pid, int(server.url.rpartition(":")[2]))
    os.kill(server.pid, signal.SIGKILL)
    reply = cells.reply(message)
    assert reply["status"] == "error"
    assert "Nothing answers at" in reply["evalue"]
    assert "\n" not in reply["evalue"]
    assert "daily-report/revived is deployed" in cells.run("%deploy daily_report --name revived --every 1h").text


def test_a_refusal_stops_a_notebook_that_is_executed(home: Path, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("%load_ext perijove"),
            nbformat.v4.new_code_cell("%deploy nothing"),
            nbformat.v4.new_code_cell("1 + 1"),
        ]
    )
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="There is no flow `nothing`"):
        nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert notebook.cells[2].outputs == []


def test_loading_the_extension_again_keeps_it_working(cells: Cells) -> None:
    assert cells.run("%reload_ext perijove").status == "ok"
    assert cells.run("%deploy daily_report --dry-run").status == "ok"


def _await_state(client: SyncClient, name: str, state: str) -> None:
    wanted = FlowRunQuery(flow_runs=FlowRunFilter(name=Text(any_=[name])))
    _await(
        lambda: [run.state_name for run in client.read_flow_runs(wanted)] == [state], f"Run {name!r} is not {state}."
    )


def _await_connection(pid: int, port: int) -> None:
    def connected() -> bool:
        return any(each.raddr and each.raddr.port == port for each in psutil.Process(pid).net_connections("tcp"))

    _await(connected, f"Process {pid} did not connect to port {port}.")


def _await(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = clock.monotonic() + 20
    while not holds():
        assert clock.monotonic() < deadline, otherwise
        time.sleep(0.05)


def test_a_notebooks_flow_is_served_in_the_background_until_it_is_stopped(cells: Cells) -> None:
    told = cells.run("served = %serve daily_report --name here --param region=US\nserved")
    assert told.status == "ok", told.errors
    assert "is serving" in told.text
    assert cells.run('run_deployment("daily-report/here", timeout=40).result()').text == "{'region': 'US', 'sum': 6}"
    assert "daily-report/here" in cells.run("%serve").text
    assert "has stopped" in cells.run("%serve --stop daily-report/here").text
    assert cells.run("%serve").text == "Nothing is served."


def test_a_cells_own_serve_names_the_magic_that_can(cells: Cells) -> None:
    told = cells.run("daily_report.serve('x')")
    assert told.status == "error"
    assert "%serve daily_report" in "".join(told.errors)


def test_the_kernel_is_told_another_target_and_says_so_until_it_is_told_to_come_back(
    cells: Cells, deployed: str
) -> None:
    server = embed.find()
    assert server is not None
    there = server.api_url.replace("127.0.0.1", "localhost")  # the same server under a name that tells nobody so
    cells.run(f"%env PERIJOVE_API_KEY={server.token()}")
    told = cells.run(f"%perijove target {there}/")
    assert re.search(rf"target +{there}\nnamed by +perijove.toml\nsecret +a token", told.text), told
    told = cells.run("%deployments")
    assert told.streams == f"Target: {there} (perijove.toml)\n"
    assert deployed in told.text
    assert cells.run("%deployments --target embedded").streams == ""
    assert cells.run(f"%deployments --target {server.api_url}").streams == ""
    assert "the embedded server" in cells.run("%perijove target --reset").text
    assert cells.run("%deployments").streams == ""
    assert server.url in cells.run("%perijove").text
    assert "takes nothing else" in " ".join(cells.run("%perijove stop now").errors)


def test_a_cell_is_run_and_the_flow_that_it_defines_is_deployed(cells: Cells) -> None:
    body = "OFFSET = 40\n\n@flow\ndef shifted(x: int = 2) -> int:\n    return scaled(x) + OFFSET\n\n'shown'"
    told = cells.run(f"%%deploy --name cell --param x=1\n{body}")
    assert told.status == "ok", told.errors
    assert "'shown'" in told.text
    assert "shifted/cell is deployed" in told.text
    assert cells.run('run_deployment("shifted/cell", timeout=40).result()').text == "42"
    assert cells.run("shifted(3)").text == "46"
    exported = (cells.directory / "perijove_exports" / "shifted.py").read_text()
    assert "deploy" not in exported
    again = cells.run(f"%%deploy shifted --name cell --param x=1\n{body.replace('40', '50')}")
    assert "\n-OFFSET = 40\n" in again.text
    assert "\n+OFFSET = 50\n" in again.text
    assert "shifted/cell is deployed anew" in again.text


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("1 / 0", "The cell failed, so nothing is deployed."),
        ("x = 1", "The cell defines no flow"),
        ("@flow\ndef a1(): ...\n@flow\ndef a2(): ...", "defines 2 flows (a1, a2)"),
    ],
)
def test_a_cell_without_one_flow_is_run_and_not_deployed(cells: Cells, body: str, sentence: str) -> None:
    told = cells.run(f"%%deploy --name none\n{body}")
    assert told.status == "error"
    assert sentence in " ".join(told.errors)


def test_a_dry_run_says_what_deploying_then_changes_and_changes_nothing(cells: Cells) -> None:
    cells.run("%deploy daily_report --name dry --every 1h --tag a --queue slow --concurrency 3")
    before = cells.run("%deployments daily-report/dry").text
    words = "%deploy daily_report --name dry --cron '0 8 * * *' --param region=US --concurrency 2 --job-var niceness=3"
    foreseen = cells.run(f"{words} --dry-run").text
    assert cells.run("%deployments daily-report/dry").text == before
    happened = cells.run(words).text
    assert "would be deployed anew" in foreseen
    told = foreseen.partition("would change")[2].split()
    assert told == happened.partition("\nchanged")[2].split()
    for line in ('parameters: {} → {"region": "US"}', 'tags: ["a"] → []', "schedules:", "concurrency: 3 at a time"):
        assert line in happened


def test_a_deployment_is_edited_in_what_is_said_and_in_nothing_else(cells: Cells) -> None:
    cells.run("%deploy daily_report --name edited --every 1h --tag a --param region=US --job-var niceness=3")
    words = "%deployments edit daily-report/edited --param top=5 --description 'For all' --concurrency 2 --queue fast"
    foreseen = cells.run(f"{words} --dry-run").text
    happened = cells.run(words).text
    assert foreseen.splitlines()[1:] == happened.splitlines()[1:]
    assert 'parameters: {"region": "US"} → {"region": "US", "top": 5}' in happened
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name("daily-report/edited")
    assert (found.description, found.tags, found.work_queue_name) == ("For all", ["a"], "fast")
    assert (len(found.schedules), found.job_variables["niceness"]) == (1, 3)
    assert found.global_concurrency_limit is not None
    assert "every 2 hours" in cells.run("%deployments edit daily-report/edited --every 2h").text
    assert "nothing changed" in cells.run("%deployments edit daily-report/edited --every 2h").text


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("edit daily-report/prod", "Say what is to change"),
        ("edit daily-report/prod --param topp=1", "Did you mean 'top'?"),
        ("edit daily-report/prod --param top=many", "refuses parameter 'top'"),
        ("edit daily-report/prod --collision-strategy ENQUEUE", "give --concurrency, too"),
        ("show daily-report/prod --tag a", "%deployments edit FLOW/DEPLOYMENT"),
    ],
)
def test_an_edit_that_can_not_be_done_is_refused(cells: Cells, deployed: str, line: str, sentence: str) -> None:
    assert sentence in " ".join(cells.run(f"%deployments {line}").errors)


def test_python_has_the_same_words_as_the_magic_and_they_mean_the_same(cells: Cells) -> None:
    line = (
        "%deploy daily_report --name twin --cron '0 8 * * *' --every 2h --timezone Europe/Berlin --schedule-param top=2"
        " --catchup all --overlap skip --param region=US --tag a --tag b --description said --version v1 --paused"
        " --queue fast --concurrency 2 --collision-strategy CANCEL_NEW --job-var niceness=3"
        " --trigger 'after daily-report/twin Failed' --out perijove_exports/twin.py --freeze RATE"
    )
    cells.run("%deploy daily_report --name twin")
    told = cells.run(line)
    assert told.status == "ok", told.errors
    call = (
        "from perijove import deploy\n"
        "deploy(daily_report, name='twin', cron='0 8 * * *', every='2h', timezone='Europe/Berlin',"
        " schedule_params={'top': 2}, catchup='all', overlap='skip', params={'region': 'US'}, tags=['a', 'b'],"
        " description='said', version='v1', paused=True, queue='fast', concurrency=2,"
        " collision_strategy='CANCEL_NEW', job_variables={'niceness': 3},"
        " trigger='after daily-report/twin Failed', out='perijove_exports/twin.py', freeze='RATE')"
    )
    told = cells.run(call)
    assert told.status == "ok", told.errors
    assert "daily-report/twin is deployed: nothing changed" in told.text
    assert "<table>" in told.html
    told = cells.run("deploy(daily_report, name='twin', tags='c', dry_run=True, target='embedded').changes[0].field")
    assert told.status == "ok", told.errors
    assert "Did you mean 'cron'?" in " ".join(cells.run("deploy(daily_report, crom='@daily')").errors)


def test_every_option_of_deploy_is_a_word_of_python() -> None:
    renamed = {"flow": None, "no_verify": "verify", "help": None}
    words = {renamed.get(action.dest, action.dest) for action in DeployMagic.deploy.parser._actions} - {None}
    assert words <= set(Words.__annotations__)

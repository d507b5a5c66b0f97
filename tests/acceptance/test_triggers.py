"""A deployment that another one's runs set off: with a real server, a real worker, and the CLI."""

import os
import signal
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from perijove import clock, embed
from perijove.cli import main
from perijove.client import SyncClient, get_client
from perijove.schemas.automations import AutomationCreate, AutomationQuery, EventTrigger, RunDeployment
from perijove.schemas.deployments import DeploymentCreate
from perijove.schemas.events import Event, EventFilter, EventNameFilter, EventQuery
from perijove.schemas.filters import Among, FlowRunFilter, FlowRunQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.states import StateType

FLOWS = """
from perijove import flow

@flow
def extract():
    return 1

@flow
def load(source: str = ""):
    return source
"""


def _perijove(*words: str) -> str:
    answered = CliRunner().invoke(main, words)
    assert answered.exit_code == 0, answered.output
    return answered.output


@pytest.mark.usefixtures("server")
def test_a_run_that_completes_sets_off_the_deployment_that_waits_for_it(client: SyncClient, tmp_path: Path) -> None:
    file = tmp_path / "flows.py"
    file.write_text(FLOWS)
    _perijove("deploy", str(file), "extract", "--name", "first")
    refused = CliRunner().invoke(main, ["deploy", str(file), "load", "--trigger", "after extract/frist Completed"])
    assert refused.exit_code == 2
    assert "extract/first" in refused.output
    _perijove("deploy", str(file), "load", "--name", "second", "--trigger", "after extract/first Completed")
    assert "second__automation_1" in _perijove("automation", "ls")
    assert "prefect.flow-run.Completed" in _perijove("automation", "inspect", "second__automation_1")

    _perijove("deployment", "run", "extract/first")
    chosen = FlowRunFilter(deployment_id=Among(any_=[client.read_deployment_by_name("load/second").id]))
    deadline = clock.monotonic() + 60
    while [run.state_type for run in client.read_flow_runs(FlowRunQuery(flow_runs=chosen))] != [StateType.COMPLETED]:
        assert clock.monotonic() < deadline, "the second deployment has not run"
        time.sleep(0.05)

    _perijove("automation", "pause", "second__automation_1")
    _perijove("automation", "resume", "second__automation_1")
    _perijove("deploy", str(file), "load", "--name", "second")
    assert len(client.read_automations(AutomationQuery())) == 1
    _perijove("automation", "delete", "second__automation_1")
    assert client.read_automations(AutomationQuery()) == []


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("number", [100, pytest.param(10_000, marks=[pytest.mark.full, pytest.mark.timeout(0)])])
def test_a_killed_server_fires_once_for_each_event_of_a_storm(number: int) -> None:
    """B-21."""
    with get_client(sync_client=True) as client:
        flow = client.create_flow(FlowCreate(name="stormy"))
        deployment = client.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id))
        action = RunDeployment(deployment_id=deployment.id)
        wanted = AutomationCreate(name="mine", trigger=EventTrigger(expect=["ping"]), actions=[action])
        client.create_automation(wanted)
    resource = {"prefect.resource.id": "thing.1"}
    storm = [Event(event="ping", resource=resource) for _ in range(number)]
    for start in range(0, number, 20):
        with get_client(sync_client=True) as client:
            client.create_events(storm[start : start + 20])
        if start * 2 == number - number % 40:
            _kill_and_start_again()
    chosen = FlowRunQuery(flow_runs=FlowRunFilter(deployment_id=Among(any_=[deployment.id])))
    with get_client(sync_client=True) as client:
        deadline = clock.monotonic() + 60 + number / 50
        while client.count_flow_runs(chosen) < number:
            assert clock.monotonic() < deadline, "events were lost"
            time.sleep(0.1)
        client.create_events(storm[:20])  # as by a client that lost the answer
        fired = EventFilter(event=EventNameFilter(name=["prefect.automation.triggered"]))
        assert client.read_events(EventQuery(filter=fired)).total == number
        assert client.count_flow_runs(chosen) == number


def _kill_and_start_again() -> None:
    running = embed.find()
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    deadline = clock.monotonic() + 20
    while embed.find() is not None:
        assert clock.monotonic() < deadline, "the server has not ended"
    embed.start()

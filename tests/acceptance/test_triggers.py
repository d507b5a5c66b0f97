"""A deployment that another one's runs set off: with a real server, a real worker, and the CLI."""

import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from perijove import clock
from perijove.cli import main
from perijove.client import SyncClient
from perijove.schemas.automations import AutomationQuery
from perijove.schemas.filters import Among, FlowRunFilter, FlowRunQuery
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

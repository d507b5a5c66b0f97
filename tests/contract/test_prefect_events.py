"""Prefect's own event and log subscribers and its automations, against an embedded server."""

import time

import pytest

from perijove import clock
from perijove.client import SyncClient
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import Among, FlowRunFilter, FlowRunQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import StateCreate, StateDetails, StateType

from .conftest import Prefect

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def deployment(ours: SyncClient) -> Deployment:
    flow = ours.create_flow(FlowCreate(name="report"))
    return ours.create_deployment(DeploymentCreate(name="triggered", flow_id=flow.id))


def _made_by_an_automation(ours: SyncClient, deployment: Deployment) -> list[FlowRun]:
    chosen = FlowRunFilter(deployment_id=Among(any_=[deployment.id]))
    runs = ours.read_flow_runs(FlowRunQuery(flow_runs=chosen))
    return [run for run in runs if run.created_by is not None and run.created_by.type == "AUTOMATION"]


def test_events_and_lines_are_heard_and_an_automation_acts(
    prefect: Prefect, ours: SyncClient, deployment: Deployment
) -> None:
    later = StateDetails(scheduled_time=clock.now().replace(year=2050))
    waiting = DeploymentFlowRunCreate(state=StateCreate(type=StateType.SCHEDULED, state_details=later))
    run = ours.create_flow_run_from_deployment(deployment.id, waiting)
    answered = prefect.script("events", {"flow_run_id": str(run.id), "deployment_id": str(deployment.id)})
    assert answered["pings"] == [0, 1, 2, 3]
    assert answered["line"] == "it said so"
    assert (answered["automation"]["expect"], answered["automation"]["within"]) == (["pong"], 0.0)
    deadline = clock.monotonic() + 20
    while not (made := _made_by_an_automation(ours, deployment)):
        assert clock.monotonic() < deadline, "no run was made"
        time.sleep(0.05)
    assert [one.parameters for one in made] == [{"x": 7}]


def test_every_command_about_automations_works(prefect: Prefect, ours: SyncClient, deployment: Deployment) -> None:
    made = (
        '{"name": "mine", "trigger": {"type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.*"]},'
        ' "actions": [{"type": "do-nothing"}]}'
    )
    answers = prefect.cli(
        [
            ["automation", "create", "--from-json", made],
            ["automation", "ls"],
            ["automation", "inspect", "mine"],
            ["automation", "pause", "mine"],
            ["automation", "resume", "mine"],
            ["automation", "delete", "mine"],
            ["automation", "inspect", "mine"],
        ]
    )
    assert [answer.code for answer in answers] == [0, 0, 0, 0, 0, 0, 1], answers
    assert "mine" in answers[1].output

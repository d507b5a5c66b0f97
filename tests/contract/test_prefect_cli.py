"""Prefect's command line against an embedded server."""

from uuid import UUID

import pytest

from perijove.client import SyncClient
from perijove.schemas.automations import AutomationCreate, EventTrigger, PauseDeployment
from perijove.schemas.deployments import DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.flows import FlowCreate
from perijove.schemas.logs import LogCreate
from perijove.schemas.schedules import CronSchedule, DeploymentScheduleCreate
from perijove.schemas.states import State

from .conftest import Prefect

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def run_id(ours: SyncClient) -> UUID:
    """A run of report/prod, which has a schedule, that has logged a line."""
    flow = ours.create_flow(FlowCreate(name="report"))
    schedules = [DeploymentScheduleCreate(schedule=CronSchedule(cron="0 8 * * *"))]
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}}
    wanted = DeploymentCreate(name="prod", flow_id=flow.id, schedules=schedules, parameter_openapi_schema=schema)
    deployment = ours.create_deployment(wanted)
    run = ours.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate(name="first"))
    line = LogCreate(
        name="a", level=20, message="it said so", timestamp=State(type="PENDING").timestamp, flow_run_id=run.id
    )
    ours.create_logs([line])
    return run.id


def test_every_command_about_deployments_and_runs_works(prefect: Prefect, ours: SyncClient, run_id: UUID) -> None:
    deployment = ours.read_deployment_by_name("report/prod")
    schedule = deployment.schedules[0].id
    action = PauseDeployment(type="pause-deployment", deployment_id=deployment.id)
    owner = f"prefect.deployment.{deployment.id}"
    ours.create_automation(
        AutomationCreate(name="watch", trigger=EventTrigger(), actions=[action], owner_resource=owner)
    )
    said = {
        " ".join(answer.command): answer
        for answer in prefect.cli(
            [
                ["deployment", "ls"],
                ["deployment", "inspect", "report/prod"],
                ["automation", "ls"],
                ["automation", "inspect", "watch"],
                ["automation", "pause", "watch"],
                ["deployment", "run", "report/prod", "--param", "x=1", "--tag", "by-hand"],
                ["deployment", "run", "report/prod", "--start-in", "1 hour"],
                ["deployment", "schedule", "ls", "report/prod"],
                ["deployment", "schedule", "create", "report/prod", "--interval", "600"],
                ["deployment", "schedule", "pause", "report/prod", str(schedule)],
                ["deployment", "schedule", "resume", "report/prod", str(schedule)],
                ["deployment", "schedule", "pause", "--all"],
                ["deployment", "schedule", "resume", "--all"],
                ["deployment", "schedule", "delete", "report/prod", str(schedule), "--accept-yes"],
                ["deployment", "schedule", "clear", "report/prod", "--accept-yes"],
                ["flow-run", "ls"],
                ["flow-run", "inspect", str(run_id)],
                ["flow-run", "logs", str(run_id)],
                ["flow-run", "cancel", str(run_id)],
                ["flow", "ls"],
                ["deployment", "delete", "report/prod"],
                ["deployment", "ls"],
            ]
        )
    }
    assert {command: answer.output for command, answer in said.items() if answer.code} == {}
    assert str(deployment.id) in said["deployment inspect report/prod"].output
    assert "watch" in said["automation ls"].output
    assert "it said so" in said[f"flow-run logs {run_id}"].output
    assert "first" in said[f"flow-run inspect {run_id}"].output
    assert ours.read_flow_run(run_id).state_name == "Cancelled"
    assert "prod" not in said["deployment ls"].output


def test_every_command_about_pools_queues_and_what_else_is_kept_works(prefect: Prefect, ours: SyncClient) -> None:
    pool = ["--pool", "machines"]
    answers = prefect.cli(
        [
            ["work-pool", "create", "machines", "--type", "process"],
            ["work-pool", "ls"],
            ["work-pool", "inspect", "machines"],
            ["work-pool", "pause", "machines"],
            ["work-pool", "resume", "machines"],
            ["work-pool", "set-concurrency-limit", "machines", "3"],
            ["work-pool", "preview", "machines"],
            ["work-queue", "create", "urgent", *pool, "--priority", "1"],
            ["work-queue", "ls", *pool],
            ["work-queue", "inspect", "urgent", *pool],
            ["work-queue", "pause", "urgent", *pool],
            ["work-queue", "set-concurrency-limit", "urgent", "5", *pool],
            ["work-queue", "preview", "urgent", *pool],
            ["variable", "set", "region", "EU"],
            ["variable", "ls"],
            ["artifact", "ls"],
            ["concurrency-limit", "create", "database", "2"],
            ["concurrency-limit", "inspect", "database"],
            ["gcl", "create", "machine", "--limit", "3"],
            ["gcl", "ls"],
        ]
    )
    assert {" ".join(answer.command): answer.output for answer in answers if answer.code} == {}
    queue = ours.read_work_queue_by_name("machines", "urgent")
    assert (queue.priority, queue.concurrency_limit, queue.status) == (1, 5, "PAUSED")
    assert ours.read_work_pool("machines").concurrency_limit == 3
    assert ours.read_variable_by_name("region").value == "EU"
    assert ours.read_concurrency_limit_by_tag("database").concurrency_limit == 2

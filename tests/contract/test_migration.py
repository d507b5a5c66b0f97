"""What an embedded server knows is carried to another server, Prefect's too, and back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from perijove.client import SyncClient, Target
from perijove.deployments import triggers
from perijove.errors import NotFound
from perijove.migration import Migrated, migrate
from perijove.schemas.automations import AutomationQuery, EventTrigger, RunDeployment
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentUpdate
from perijove.schemas.events import ID
from perijove.schemas.flows import FlowCreate
from perijove.schemas.schedules import DeploymentScheduleCreate
from perijove.schemas.work import WorkPoolCreate, WorkPoolUpdate, WorkQueueCreate

from .conftest import prefect_server

pytestmark = pytest.mark.timeout(300)
NIGHTLY = {"schedule": {"cron": "0 3 * * *", "timezone": "Europe/Berlin"}, "parameters": {"top": 3}, "catchup": "all"}
HOURLY = {"schedule": {"interval": 3600, "timezone": "UTC"}, "slug": "hourly", "active": False}
FIELDS = (
    "version", "description", "parameters", "tags", "parameter_openapi_schema", "enforce_parameter_schema", "path",
    "job_variables", "pull_steps", "entrypoint", "work_pool_name", "work_queue_name", "paused",
)  # fmt: skip


@contextmanager
def _embedded(home: Path) -> Iterator[Target]:
    """An embedded server with a data directory of its own."""

    def perijove(*words: str) -> str:
        command = [sys.executable, "-m", "perijove", *words]
        return subprocess.check_output(command, env={**os.environ, "PERIJOVE_HOME": str(home)}, text=True)

    perijove("server", "start")
    try:
        state = json.loads(perijove("server", "status", "--json"))
        yield Target(f"{state['url']}/api", "embedded", Path(state["token_file"]).read_text("utf-8").strip())
    finally:
        perijove("server", "stop")


@pytest.fixture(scope="module", params=["embedded", pytest.param("prefect", marks=pytest.mark.full)])
def there(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncClient]:
    server = {"embedded": _embedded, "prefect": prefect_server}[request.param]
    with server(tmp_path_factory.mktemp("there")) as target, SyncClient(target) as client:
        yield client


@pytest.fixture(scope="module")
def here(ours: SyncClient) -> SyncClient:
    """A server that knows a work pool with a queue, two deployments, and a trigger between them."""
    ours.create_work_pool(WorkPoolCreate(name="heavy", concurrency_limit=2, description="for long work"))
    ours.create_work_queue("heavy", WorkQueueCreate(name="urgent", concurrency_limit=1))
    nightly = _deployment(ours, "load", "nightly")
    prod = _deployment(
        ours,
        "report",
        "prod",
        work_pool_name="heavy",
        work_queue_name="urgent",
        schedules=[DeploymentScheduleCreate(**NIGHTLY), DeploymentScheduleCreate(**HOURLY)],
        parameters={"top": 5},
        tags=["finance"],
        version="abc",
        description="Weekly sales.",
        entrypoint="report.py:report",
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": "/srv/report"}}],
        job_variables={"env": {"REGION": "EU"}},
        concurrency_limit=3,
        concurrency_options={"collision_strategy": "CANCEL_NEW"},
    )
    mail = _deployment(ours, "mail", "prod")  # whose trigger has the same name as the other one's
    for deployment, after in ((prod, nightly), (mail, prod)):
        trigger = {"expect": ["prefect.flow-run.Completed"], "match_related": {ID: f"prefect.deployment.{after.id}"}}
        triggers.apply(ours, triggers.read([trigger]), deployment.id, deployment.name)
    return ours


def _deployment(client: SyncClient, flow: str, name: str, **fields: object) -> Deployment:
    flow_id = client.create_flow(FlowCreate(name=flow)).id
    return client.create_deployment(DeploymentCreate(name=name, flow_id=flow_id, **fields))


def _outcomes(migrated: Migrated) -> dict[str, str]:
    return {f"{each.kind} {each.name}": each.outcome for each in migrated.items if each.outcome != "as it is"}


def test_a_rehearsal_tells_and_changes_nothing(here: SyncClient, there: SyncClient) -> None:
    foreseen = migrate(here, there, rehearse=True)
    assert _outcomes(foreseen)["deployment report/prod"] == "new"
    assert "0 3 * * *" in str(foreseen) or "03:00" in str(foreseen)
    with pytest.raises(NotFound):
        there.read_deployment_by_name("report/prod")


def test_deployments_schedules_pools_queues_and_triggers_are_there_after_it(
    here: SyncClient, there: SyncClient
) -> None:
    migrate(here, there)
    before, after = (client.read_deployment_by_name("report/prod") for client in (here, there))
    assert {name: getattr(after, name) for name in FIELDS} == {name: getattr(before, name) for name in FIELDS}
    assert after.global_concurrency_limit is not None
    assert (after.global_concurrency_limit.limit, after.concurrency_options) == (3, before.concurrency_options)
    assert sorted(_said(each) for each in after.schedules) == sorted(_said(each) for each in before.schedules)
    pool, queue = there.read_work_pool("heavy"), there.read_work_queue_by_name("heavy", "urgent")
    assert (pool.description, queue.concurrency_limit) == ("for long work", 1)
    assert pool.concurrency_limit == here.read_work_pool("heavy").concurrency_limit


def _said(schedule: DeploymentScheduleCreate) -> str:
    return json.dumps(schedule.model_dump(mode="json", include={"schedule", "active", "parameters", "slug"}))


def test_each_trigger_is_about_the_deployments_of_the_other_server_and_belongs_to_one(
    here: SyncClient, there: SyncClient
) -> None:
    migrate(here, there)
    nightly, prod, mail = (
        there.read_deployment_by_name(name).id for name in ("load/nightly", "report/prod", "mail/prod")
    )
    assert _runs_after(there) == {prod: f"prefect.deployment.{nightly}", mail: f"prefect.deployment.{prod}"}
    there.delete_resource_owned_automations(f"prefect.deployment.{prod}")
    assert list(_runs_after(there)) == [mail]


def _runs_after(client: SyncClient) -> dict[UUID | None, object]:
    """What runs each deployment that an automation runs."""
    found = {}
    for each in client.read_automations(AutomationQuery()):
        (action,), trigger = each.actions, each.trigger
        assert isinstance(action, RunDeployment)
        assert isinstance(trigger, EventTrigger)
        assert isinstance(trigger.match_related, dict)
        found[action.deployment_id] = trigger.match_related[ID]
    return found


def test_the_same_again_and_the_way_back_change_nothing(here: SyncClient, there: SyncClient) -> None:
    migrate(here, there)
    ids = {each.id for each in there.read_deployment_by_name("report/prod").schedules}
    assert _outcomes(migrate(here, there)) == {}
    back = _outcomes(migrate(there, here, rehearse=True))
    assert {name: how for name, how in back.items() if "heavy" in name or "report" in name or "load" in name} == {}
    assert {each.id for each in there.read_deployment_by_name("report/prod").schedules} == ids


def test_what_is_different_is_changed_and_a_pause_there_stays(here: SyncClient, there: SyncClient) -> None:
    migrate(here, there)
    before, after = (client.read_deployment_by_name("report/prod") for client in (here, there))
    there.pause_deployment(after.id)
    more, limit = [*before.tags, there.target.kind], (here.read_work_pool("heavy").concurrency_limit or 0) + 2
    here.update_deployment(before.id, DeploymentUpdate(tags=more))
    here.update_work_pool("heavy", WorkPoolUpdate(concurrency_limit=limit))
    migrated = migrate(here, there)
    assert _outcomes(migrated) == {"work pool heavy": "changed", "deployment report/prod": "changed"}
    assert f"tags: {json.dumps(before.tags)} → {json.dumps(more)}" in str(migrated)
    changed = there.read_deployment_by_name("report/prod")
    assert (changed.tags, changed.paused) == (more, True)
    assert there.read_work_pool("heavy").concurrency_limit == limit


def test_the_command_shows_what_it_would_do_before_it_does_it(here: SyncClient, there: SyncClient) -> None:
    fresh = _deployment(here, "fresh", there.target.kind)
    secret = "PREFECT_API_AUTH_STRING" if there.target.scheme == "Basic" else "PERIJOVE_API_KEY"
    address = "PREFECT_API_URL" if there.target.scheme == "Basic" else "PERIJOVE_API_URL"
    environment = {**os.environ, address: there.target.api_url, secret: there.target.token or ""}

    def command(*words: str) -> str:
        line = [sys.executable, "-m", "perijove", "migrate", "--to", there.target.api_url, *words]
        return subprocess.check_output(line, env=environment, text=True, stdin=subprocess.DEVNULL)

    assert "Nothing was changed: --yes does it." in command()
    assert f"fresh/{fresh.name}" in command("--yes")
    assert there.read_deployment_by_name(f"fresh/{fresh.name}").name == fresh.name
    assert "There is nothing to carry" in command()

"""What the other server is to have for each thing that this one has; pure, and by names."""

import json
import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from perijove.client import Target
from perijove.deployments import define, policies
from perijove.schemas.automations import Action, Automation, AutomationCreate, RunDeployment
from perijove.schemas.base import JsonObject
from perijove.schemas.deployments import ConcurrencyLimitConfig, Deployment, DeploymentCreate
from perijove.schemas.schedules import DeploymentSchedule, DeploymentScheduleCreate
from perijove.schemas.work import WorkPool, WorkPoolCreate, WorkQueue, WorkQueueCreate

POOL = ("description", "base_job_template", "is_paused", "concurrency_limit")
"""What of a work pool can change."""

QUEUE = ("description", "is_paused", "concurrency_limit", "priority")
"""What of a work queue can change."""

_DEPLOYMENT = (
    "version", "description", "parameters", "tags", "parameter_openapi_schema", "enforce_parameter_schema",
    "job_variables", "path", "pull_steps", "entrypoint", "work_pool_name", "work_queue_name",
)  # fmt: skip
_SCHEDULE = ("schedule", "active", "parameters", "slug", "max_scheduled_runs", "catchup", "overlap")
_OWN = {"id", "created", "updated"}
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def pool(known: WorkPool) -> WorkPoolCreate:
    """The work pool."""
    return WorkPoolCreate(name=known.name, type=known.type, **_said(known, POOL))


def queue(known: WorkQueue) -> WorkQueueCreate:
    """The work queue."""
    return WorkQueueCreate(name=known.name, **_said(known, QUEUE))


def deployment(known: Deployment, flow_id: UUID, target: Target) -> DeploymentCreate:
    """The deployment, as far as the target has what it says."""
    return DeploymentCreate(
        name=known.name,
        flow_id=flow_id,
        paused=known.paused,
        schedules=policies.taken(target, [_schedule(each) for each in known.schedules]),
        **_said(known, _DEPLOYMENT),
        **define.limits(_limit(known)),
    )


def automation(known: Automation, own: Mapping[str, str]) -> AutomationCreate:
    """The automation about the other server's things; ``own`` has their ids by the ids here."""
    said = json.dumps(known.model_dump(mode="json", exclude=_OWN))
    return AutomationCreate(**json.loads(_ID.sub(lambda found: own.get(found[0], found[0]), said)))


def face(known: Automation, words: Mapping[str, str]) -> str:
    """The automation in words that are the same on each server."""
    said = json.dumps(known.model_dump(mode="json", exclude=_OWN), sort_keys=True)
    return _ID.sub(lambda found: words.get(found[0], "an id"), said)


def place(known: Automation, words: Mapping[str, str]) -> tuple[str, ...]:
    """What tells the automation from others: its name, and the deployments that it runs, for those of two deployments
    may have the same one."""
    return known.name, *(words.get(str(each), "an id") for each in _run_by(known.actions))


def with_owner(wanted: AutomationCreate, there: Mapping[str, Deployment]) -> AutomationCreate:
    """The automation as its deployment's, if that brought it as its trigger: it has a name made of the deployment's."""
    names = {each.id: each.name for each in there.values()}
    for each in _run_by(wanted.actions):
        if each in names and wanted.name.startswith(f"{names[each]}__automation_"):
            return wanted.model_copy(update={"owner_resource": f"prefect.deployment.{each}"})
    return wanted


def _run_by(actions: Sequence[Action]) -> list[UUID]:
    return [each.deployment_id for each in actions if isinstance(each, RunDeployment) and each.deployment_id]


def _said(known: WorkPool | WorkQueue | Deployment | DeploymentSchedule, fields: tuple[str, ...]) -> JsonObject:
    return {name: value for name in fields if (value := getattr(known, name)) is not None}


def _schedule(known: DeploymentSchedule) -> DeploymentScheduleCreate:
    """What Prefect's server does not say of a schedule, its catch-up and overlap, stays unsaid."""
    return DeploymentScheduleCreate(
        **{name: word for name, word in _said(known, _SCHEDULE).items() if name in known.model_fields_set}
    )


def _limit(known: Deployment) -> ConcurrencyLimitConfig | None:
    limit = known.global_concurrency_limit.limit if known.global_concurrency_limit else known.concurrency_limit
    options = known.concurrency_options.model_dump(exclude_none=True) if known.concurrency_options else {}
    return ConcurrencyLimitConfig(limit=limit, **options) if limit else None

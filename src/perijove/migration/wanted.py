"""What the other server is to have for each thing that this one has; pure, and by names."""

import json
import re
from collections.abc import Mapping
from uuid import UUID

from perijove.client import Target
from perijove.deployments import define, policies
from perijove.schemas.automations import Automation, AutomationCreate
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

Names = Mapping[UUID, tuple[str, ...]]
"""What each id of a server stands for."""


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


def automation(known: Automation, names: Names, there: Mapping[tuple[str, ...], UUID]) -> AutomationCreate:
    """The automation, about the things of the same names ``there``."""
    said = json.dumps(known.model_dump(mode="json", exclude=_OWN))
    own = {str(each): str(there[name]) for each, name in names.items() if name in there}
    return AutomationCreate(
        **json.loads(_ID.sub(lambda found: own.get(found[0], found[0]), said)),
        owner_resource=_owner(known, names, there),
    )


def face(known: Automation, names: Names) -> str:
    """The automation in words that are the same on each server: names in place of ids."""
    said = json.dumps(known.model_dump(mode="json", exclude=_OWN), sort_keys=True)
    words = {str(each): "/".join(name) for each, name in names.items()}
    return _ID.sub(lambda found: words.get(found[0], "an id"), said)


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


def _owner(known: Automation, names: Names, there: Mapping[tuple[str, ...], UUID]) -> str | None:
    """The deployment that brought the automation as its trigger: such a one has a name made of the deployment's."""
    for name in names.values():
        own = f"{name[-1].rpartition('/')[2]}__automation_"
        if name[0] == "deployment" and known.name.startswith(own) and name in there:
            return f"prefect.deployment.{there[name]}"
    return None

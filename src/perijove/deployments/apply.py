"""Make a deployment be as it was defined, and tell what that changed."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from perijove.client import SyncClient
from perijove.deployments import policies, triggers
from perijove.deployments.changes import Change, changes, same_schedule, same_schedules
from perijove.deployments.define import Source, Wishes, request
from perijove.deployments.words import did_you_mean
from perijove.errors import NotFound, UsageError
from perijove.schemas.base import JsonObject
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentUpdate
from perijove.schemas.filters import WorkPoolQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.schedules import DeploymentSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate, Schedule

LOCAL_POOL = "local"
"""The embedded server's own work pool."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The deployment as the server now has it, and what it was before (None: it is new).

    After a rehearsal ``deployment`` is what it would become; None where there is none yet.
    """

    flow_name: str
    deployment: Deployment | None
    before: Deployment | None

    @property
    def settled(self) -> Deployment:
        """The deployment that is there, after ``apply``."""
        if self.deployment is None:
            raise AssertionError("a rehearsal makes no deployment")
        return self.deployment

    @property
    def changes(self) -> list[Change]:
        """What is different from before, field by field; empty for a new deployment."""
        return list(changes(self.before, self.deployment)) if self.before and self.deployment else []


def apply(client: SyncClient, source: Source, wishes: Wishes) -> Applied:
    """Create the flow and the deployment, or change the deployment of that name; the same again changes nothing.

    ``wishes`` are settled and placed. Raises the ServerError tree.
    """
    flow = client.create_flow(FlowCreate(name=source.flow_name))
    wanted = request(source, wishes, flow.id)
    before = find(client, f"{source.flow_name}/{wishes.name}")
    made = client.create_deployment(wanted) if before is None else send(client, before, _fields(before, wanted, wishes))
    if wishes.triggers is not None:
        triggers.apply(client, wishes.triggers, made.id, made.name)
    return Applied(source.flow_name, made, before)


def rehearse(client: SyncClient, source: Source, wishes: Wishes) -> Applied:
    """What ``apply`` would make; nothing is changed. Raises as it does, but for what only the server can refuse."""
    before = find(client, f"{source.flow_name}/{wishes.name}")
    if before is None:
        return Applied(source.flow_name, None, None)
    fields = _fields(before, request(source, wishes, before.flow_id), wishes)
    return Applied(source.flow_name, foreseen(before, fields), before)


def find(client: SyncClient, name: str) -> Deployment | None:
    """The deployment called ``flow/deployment``, or None."""
    try:
        return client.read_deployment_by_name(name)
    except NotFound:
        return None


def placed(client: SyncClient, wishes: Wishes) -> Wishes:
    """The wishes with a work pool, and on this machine with the interpreter that runs this very code, unless the
    storage has one.

    Raises UsageError for a work pool that the server has not, or where one must be named; NotFound for a deployment
    that a trigger names.
    """
    wishes = replace(
        wishes,
        triggers=triggers.settled(client, wishes.triggers),
        unkept=policies.unkept(client.target, wishes.schedules),
    )
    if wishes.schedules is not None:
        wishes = replace(wishes, schedules=policies.taken(client.target, wishes.schedules))
    if wishes.served:
        return replace(wishes, work_pool=None)
    if client.target.kind == "embedded":
        here = {} if wishes.storage and wishes.storage.has_interpreter else {"python": sys.executable}
        job_variables = {**here, **wishes.job_variables}
        wishes = replace(wishes, work_pool=wishes.work_pool or LOCAL_POOL, job_variables=job_variables)
    known = [each.name for each in client.read_work_pools(WorkPoolQuery(limit=200))]
    if wishes.work_pool in known:
        return wishes
    has = f"{client.target} has: {', '.join(known) or 'none'}."
    if wishes.work_pool is None:
        raise UsageError(f"Name the work pool that shall run it with --pool; {has}")
    raise UsageError(
        f"There is no work pool {wishes.work_pool!r}.{did_you_mean(wishes.work_pool, known)} {has} "
        f"`perijove worker start --pool NAME` makes one, and serves it."
    )


def rescheduled(before: Deployment, wanted: Sequence[DeploymentScheduleCreate]) -> JsonObject:
    """What to send so that the deployment has the schedules: nothing where it has, so that none loses its id."""
    if same_schedules(before.schedules, wanted):
        return {}
    in_phase = [{"schedule": _in_phase(each.schedule, before.schedules)} for each in wanted]
    said = [each.model_dump(exclude_unset=True) for each in wanted]
    return {"schedules": [DeploymentScheduleUpdate(**{**a, **b}) for a, b in zip(said, in_phase, strict=True)]}


def send(client: SyncClient, before: Deployment, fields: JsonObject) -> Deployment:
    """Change these fields of the deployment, and return it as it then is. Raises the ServerError tree."""
    if "schedules" in fields:
        _drop_named(client, before)
    client.update_deployment(before.id, DeploymentUpdate(**fields))
    return client.read_deployment(before.id)


def foreseen(before: Deployment, fields: JsonObject) -> Deployment:
    """The deployment as ``send`` would make it, as far as it is known without the server."""
    update = DeploymentUpdate(**fields)
    told = {name: getattr(update, name) for name in update.model_fields_set}
    if told.get("work_pool_name") and not told.get("work_queue_name"):
        told["work_queue_name"] = "default"
    if "concurrency_limit" in told:
        told["global_concurrency_limit"] = None
    return before.model_copy(update=told)


def _fields(before: Deployment, wanted: DeploymentCreate, wishes: Wishes) -> JsonObject:
    """What is to change."""
    unsaid = {"name", "flow_id", "schedules"} | ({"paused"} if wishes.paused is None else set())
    fields = wanted.model_dump(exclude=unsaid, exclude_unset=True)
    return {**fields, **(rescheduled(before, wanted.schedules) if wishes.schedules is not None else {})}


def _in_phase(wanted: Schedule, known: Sequence[DeploymentSchedule]) -> Schedule:
    """The schedule as it is known, which has an anchor, if it is; else as it is wanted."""
    return next((each.schedule for each in known if same_schedule(each.schedule, wanted)), wanted)


def _drop_named(client: SyncClient, before: Deployment) -> None:
    """Remove the schedules that carry a slug: a PATCH replaces only those without."""
    for schedule in before.schedules:
        if schedule.slug:
            client.delete_deployment_schedule(before.id, schedule.id)

"""Make a deployment be as it was defined, and tell what that changed."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from perijove import recurrence
from perijove.client import SyncClient
from perijove.deployments import triggers
from perijove.deployments.define import Source, Wishes, request
from perijove.deployments.words import did_you_mean
from perijove.errors import NotFound, UsageError
from perijove.schemas.base import JsonObject
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentUpdate
from perijove.schemas.filters import WorkPoolQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.schedules import (
    DeploymentSchedule,
    DeploymentScheduleUpdate,
    IntervalSchedule,
    Schedule,
)

LOCAL_POOL = "local"
"""The embedded server's own work pool."""

_TOLD = (
    "entrypoint",
    "version",
    "description",
    "parameters",
    "tags",
    "work_pool_name",
    "work_queue_name",
    "job_variables",
    "pull_steps",
    "paused",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a redeploy changed, with what it was and what it is."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Applied:
    """The deployment as the server now has it, and what it was before (None: it is new)."""

    flow_name: str
    deployment: Deployment
    before: Deployment | None

    @property
    def changes(self) -> list[Change]:
        """What is different from before, field by field; empty for a new deployment."""
        return list(_changes(self.before, self.deployment)) if self.before else []


class _Scheduled(Protocol):
    """A schedule that is wanted; what ``model_fields_set`` does not name was left unsaid."""

    @property
    def schedule(self) -> Schedule: ...
    @property
    def parameters(self) -> JsonObject: ...
    @property
    def slug(self) -> str | None: ...
    @property
    def model_fields_set(self) -> set[str]: ...


def apply(client: SyncClient, source: Source, wishes: Wishes) -> Applied:
    """Create the flow and the deployment, or change the deployment of that name; the same again changes nothing.

    ``wishes`` are settled and placed. Raises the ServerError tree.
    """
    flow = client.create_flow(FlowCreate(name=source.flow_name))
    wanted = request(source, wishes, flow.id)
    before = find(client, f"{source.flow_name}/{wishes.name}")
    if before is None:
        made = client.create_deployment(wanted)
    else:
        _update(client, before, wanted, wishes)
        made = client.read_deployment(before.id)
    if wishes.triggers is not None:
        triggers.apply(client, wishes.triggers, made.id, made.name)
    return Applied(source.flow_name, made, before)


def find(client: SyncClient, name: str) -> Deployment | None:
    """The deployment called ``flow/deployment``, or None."""
    try:
        return client.read_deployment_by_name(name)
    except NotFound:
        return None


def placed(client: SyncClient, wishes: Wishes) -> Wishes:
    """The wishes with a work pool, and on this machine with the interpreter that runs this very code.

    Raises UsageError for a work pool that the server has not, or where one must be named; NotFound for a deployment
    that a trigger names.
    """
    wishes = replace(wishes, triggers=triggers.settled(client, wishes.triggers))
    if wishes.served:
        return replace(wishes, work_pool=None)
    if client.target.kind == "embedded":
        python = {"python": sys.executable, **wishes.job_variables}
        wishes = replace(wishes, work_pool=wishes.work_pool or LOCAL_POOL, job_variables=python)
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


def _update(client: SyncClient, before: Deployment, wanted: DeploymentCreate, wishes: Wishes) -> None:
    """Send what is to change. Schedules go along only when they differ, so that none loses its id for nothing."""
    unsaid = {"name", "flow_id", "schedules"} | ({"paused"} if wishes.paused is None else set())
    fields = wanted.model_dump(exclude=unsaid, exclude_unset=True)
    if wishes.schedules is not None and not same_schedules(before.schedules, wanted.schedules):
        _drop_named(client, before)
        fields["schedules"] = [
            DeploymentScheduleUpdate(
                **{**each.model_dump(exclude_unset=True), "schedule": _in_phase(each.schedule, before.schedules)}
            )
            for each in wanted.schedules
        ]
    client.update_deployment(before.id, DeploymentUpdate(**fields))


def _in_phase(wanted: Schedule, known: Sequence[DeploymentSchedule]) -> Schedule:
    """The schedule as it is known, which has an anchor, if it is; else as it is wanted."""
    return next((each.schedule for each in known if _same(each.schedule, wanted)), wanted)


def _drop_named(client: SyncClient, before: Deployment) -> None:
    """Remove the schedules that carry a slug: a PATCH replaces only those without."""
    for schedule in before.schedules:
        if schedule.slug:
            client.delete_deployment_schedule(before.id, schedule.id)


def same_schedules(before: Sequence[DeploymentSchedule], wanted: Sequence[_Scheduled]) -> bool:
    """Whether the schedules are those wanted, in any order; an interval without an anchor keeps the one it has."""
    left = list(before)
    for each in wanted:
        match = next((known for known in left if _is(known, each)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _is(known: DeploymentSchedule, wanted: _Scheduled) -> bool:
    """Whether it is the one wanted. One that was paused by hand is, and so stays paused."""
    alike = known.parameters == wanted.parameters and known.slug == wanted.slug
    manner = {"catchup", "overlap"} & wanted.model_fields_set
    return (
        alike
        and all(getattr(known, name) == getattr(wanted, name) for name in manner)
        and _same(known.schedule, wanted.schedule)
    )


def _same(known: Schedule, wanted: Schedule) -> bool:
    if isinstance(known, IntervalSchedule) and isinstance(wanted, IntervalSchedule) and wanted.anchor_date is None:
        wanted = wanted.model_copy(update={"anchor_date": known.anchor_date})
    return known.model_copy(update={"timezone": known.timezone or "UTC"}) == wanted.model_copy(
        update={"timezone": wanted.timezone or "UTC"}
    )


def _changes(before: Deployment, after: Deployment) -> Iterator[Change]:
    for name in _TOLD:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(name, old, new)
    if not same_schedules(before.schedules, after.schedules):
        yield Change("schedules", *([recurrence.describe(s.schedule) for s in d.schedules] for d in (before, after)))
    if before.parameter_openapi_schema != after.parameter_openapi_schema:
        yield Change("parameter schema", *(_signature(each) for each in (before, after)))


def _signature(deployment: Deployment) -> list[str]:
    return sorted((deployment.parameter_openapi_schema or {}).get("properties", {}))

"""Create and change deployments and their schedules, whole or not at all."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from perijove import clock, recurrence
from perijove.errors import Invalid, NotFound
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentUpdate
from perijove.schemas.schedules import (
    Catchup,
    DeploymentSchedule,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    IntervalSchedule,
    Overlap,
    Schedule,
)
from perijove.server.rules import job_variables, lifecycle, parameters
from perijove.server.services import automating, hydrating, limiting, pools, scheduler
from perijove.server.storage import blocks, deployments, events, flow_runs, flows, related, work_pools

MOST_SCHEDULED_RUNS = 50
_CREATING, _UPDATING = "Error creating deployment", "Error updating deployment"

# What is accepted from Prefect's clients though it has no column: what other requests are for.
_NOT_STORED = {
    "schedules",
    "work_pool_name",
    "work_queue_name",
    "version_info",
    "concurrency_limit",
    "global_concurrency_limit_id",
}
_NEVER_NULL = {
    "active", "catchup", "enforce_parameter_schema", "job_variables", "labels", "overlap", "parameters", "paused",
    "pull_steps", "tags",
}  # fmt: skip

_SCHEDULE_DEFAULTS = {
    "active": True,
    "parameters": {},
    "slug": None,
    "max_scheduled_runs": None,
    "catchup": Catchup.LATEST,
    "overlap": Overlap.ALLOW,
}

AnySchedule = DeploymentScheduleCreate | DeploymentScheduleUpdate


def create(connection: Connection, wanted: DeploymentCreate) -> tuple[Deployment, bool]:
    """Create the deployment, or make the one of this flow and name what is wanted; whether it is new.

    A schedule that was there before keeps its id, an interval its phase, and both what the user paused.
    Raises NotFound for the flow or the pool, Invalid for parameters and blocks, ScheduleError for schedules.
    """
    flow = flows.read(connection, wanted.flow_id)
    parameters.check_size(wanted.parameters, what=_CREATING)
    if wanted.enforce_parameter_schema and "enforce_parameter_schema" in wanted.model_fields_set:
        _check(wanted.parameters, wanted.parameter_openapi_schema)
    _check_blocks(connection, wanted)
    _check_job_variables(connection, wanted.job_variables, wanted.work_pool_name)
    known = deployments.find(connection, wanted.flow_id, wanted.name)
    values = wanted.model_dump(exclude=_NOT_STORED)
    values["pull_steps"] = wanted.pull_steps or []
    values["labels"] = {"prefect.flow.id": str(flow.id), **(wanted.labels or {})}
    values["work_queue_id"] = pools.queue_named(connection, wanted.work_pool_name, wanted.work_queue_name)
    if known is None:
        deployment_id = deployments.add(connection, values)
    else:
        deployment_id = known.id
        if "paused" not in wanted.model_fields_set:
            del values["paused"]
        deployments.change(connection, known.id, values)
    limiting.limit_deployment(connection, deployment_id, wanted)
    _replace_schedules(connection, deployment_id, known.schedules if known else [], wanted.schedules)
    scheduler.reset(connection, deployment_id)
    made = deployments.read(connection, deployment_id)
    _tell(connection, made, "updated" if known else "created", known)
    return made, known is None


def update(connection: Connection, deployment_id: UUID, changes: DeploymentUpdate) -> None:
    """Change what was set in ``changes``. Raises as ``create`` does; Invalid (409) for unfit parameters."""
    known = deployments.read(connection, deployment_id)
    given = changes.model_fields_set
    values = {key: getattr(changes, key) for key in given - _NOT_STORED}
    values = {key: value for key, value in values.items() if value is not None or key not in _NEVER_NULL}
    if "parameters" in values:
        values["parameters"] = hydrating.hydrated(connection, values["parameters"], what="deployment parameters")
    if "work_pool_name" in given or "work_queue_name" in given:
        pool = changes.work_pool_name if "work_pool_name" in given else known.work_pool_name
        values["work_queue_id"] = pools.queue_named(connection, pool, changes.work_queue_name)
    after = known.model_copy(update=values)
    parameters.check_size(after.parameters, what=_UPDATING)
    if after.enforce_parameter_schema:
        parameters.check(after.parameters, after.parameter_openapi_schema, what=_UPDATING, whole=False)
    _check_blocks(connection, changes)
    _check_job_variables(connection, after.job_variables, changes.work_pool_name or known.work_pool_name)
    deployments.change(connection, deployment_id, values)
    limiting.limit_deployment(connection, deployment_id, changes)
    if changes.schedules is not None:
        left = _to_keep(known.schedules, changes.schedules)
        _replace_schedules(connection, deployment_id, known.schedules, changes.schedules, keep=left)
    scheduler.reset(connection, deployment_id)
    _tell(connection, deployments.read(connection, deployment_id), "updated", known)


def remove(connection: Connection, deployment_id: UUID) -> None:
    """Delete the deployment with its schedules, its own limit and its runs that have not begun. Raises NotFound."""
    gone = deployments.read(connection, deployment_id)
    flow_runs.remove_scheduled(connection, deployment_id, automatic_only=False)
    deployments.remove(connection, deployment_id)
    limiting.forget(connection, deployment_id)
    automating.remove_owned(connection, f"prefect.deployment.{deployment_id}")
    _tell(connection, gone, "deleted")


def set_paused(connection: Connection, deployment_id: UUID, *, paused: bool) -> None:
    """Pause the deployment, and delete its automatic runs; or resume it, and make them anew."""
    known = deployments.read(connection, deployment_id)
    deployments.change(connection, deployment_id, {"paused": paused})
    scheduler.reset(connection, deployment_id, future_only=not paused)
    _tell(connection, known.model_copy(update={"paused": paused}), "updated", known)


def add_schedules(
    connection: Connection, deployment_id: UUID, wanted: Sequence[DeploymentScheduleCreate]
) -> list[DeploymentSchedule]:
    """Add schedules to the deployment. Raises NotFound, Invalid for a slug that is taken, ScheduleError."""
    known = deployments.read(connection, deployment_id)
    _check_slugs([*known.schedules, *wanted])
    added = [deployments.add_schedule(connection, deployment_id, _schedule_row(one, None)) for one in wanted]
    scheduler.reset(connection, deployment_id)
    after = {one.id: one for one in deployments.read(connection, deployment_id).schedules}
    return [after[schedule_id] for schedule_id in added]


def change_schedule(
    connection: Connection, deployment_id: UUID, schedule_id: UUID, changes: DeploymentScheduleUpdate
) -> None:
    """Change what was set in ``changes``; in force at once. Raises NotFound, Invalid, ScheduleError."""
    known = deployments.read(connection, deployment_id)
    before = next((one for one in known.schedules if one.id == schedule_id), None)
    if before is None:
        raise NotFound(404, "Schedule not found.")
    if changes.slug is not None:
        _check_slugs([*(one for one in known.schedules if one.id != schedule_id), changes])
    deployments.change_schedule(connection, schedule_id, _schedule_row(changes, before))
    scheduler.reset(connection, deployment_id)


def remove_schedule(connection: Connection, deployment_id: UUID, schedule_id: UUID) -> None:
    """Delete the schedule with its runs that have not begun. Raises NotFound."""
    deployments.read(connection, deployment_id)
    deployments.remove_schedule(connection, deployment_id, schedule_id)
    scheduler.reset(connection, deployment_id, future_only=False)


def _tell(connection: Connection, deployment: Deployment, what: str, before: Deployment | None = None) -> None:
    """Record what became of the deployment; nothing when an update changed none of its fields."""
    payload = lifecycle.updates(_fields(before), _fields(deployment)) if before else {}
    if before is None or payload["updated_fields"]:
        related_to = related.to_deployment(connection, deployment)
        happened = lifecycle.changed(
            "deployment", deployment.id, deployment.name, what, related=related_to, payload=payload
        )
        events.record(connection, [happened])


def _fields(deployment: Deployment) -> dict[str, Any]:
    """What an update may change."""
    return deployment.model_dump(mode="json", include=set(DeploymentUpdate.model_fields) - {"schedules"})


def _check(given: dict[str, Any], schema: dict[str, Any] | None) -> None:
    try:
        parameters.check(given, schema, what=_CREATING, whole=False)
    except Invalid as error:
        raise Invalid(422, error.detail) from None


def _check_job_variables(connection: Connection, given: dict[str, Any], pool: str | None) -> None:
    if given and pool is not None:
        template = work_pools.read(connection, pool).base_job_template
        job_variables.check(given, template, what=_CREATING)


def _check_blocks(connection: Connection, wanted: DeploymentCreate | DeploymentUpdate) -> None:
    """What Prefect 2 kept its code and its infrastructure in: nothing here reads it, and clients still may name it."""
    named = {"storage": wanted.storage_document_id, "infrastructure": wanted.infrastructure_document_id}
    for kind, block_id in named.items():
        try:
            if block_id is not None:
                blocks.read_document(connection, block_id)
        except NotFound:
            raise Invalid(409, f"{_CREATING}. Could not find {kind} block with id: {block_id}.") from None


def _replace_schedules(
    connection: Connection,
    deployment_id: UUID,
    known: Sequence[DeploymentSchedule],
    wanted: Sequence[AnySchedule],
    *,
    keep: bool = False,
) -> None:
    _check_renames(wanted, known if keep else [])
    _check_slugs(wanted)
    left, pairs = list(known), []
    for one in wanted:
        same = _same(one, left)
        pairs.append((one, same))
        if same is not None:
            left.remove(same)
            deployments.change_schedule(connection, same.id, {"slug": None})  # two may exchange theirs
    for one, same in pairs:
        row = _schedule_row(one, same)
        if same is None:
            deployments.add_schedule(connection, deployment_id, row)
        else:
            deployments.change_schedule(connection, same.id, row)
    for gone in () if keep else left:
        deployments.remove_schedule(connection, deployment_id, gone.id)


def _to_keep(known: Sequence[DeploymentSchedule], wanted: Sequence[AnySchedule]) -> bool:
    """Whether a PATCH keeps the schedules that it doesn't name: those it names, it names by slug, as Prefect has it."""
    if not wanted or not any(one.slug for one in known):
        return False
    if not all(one.slug for one in wanted):
        raise Invalid(
            422, "Please provide a slug for each schedule in your request to ensure schedules are updated correctly."
        )
    return all(one.slug for one in known)


def _same(wanted: AnySchedule, known: Sequence[DeploymentSchedule]) -> DeploymentSchedule | None:
    """The known schedule that the wanted one is a new wording of: by its slug, or else by what it says."""
    if wanted.slug is not None:
        by_slug: dict[str | None, DeploymentSchedule] = {one.slug: one for one in known if one.slug is not None}
        return by_slug.get(wanted.replaces) or by_slug.get(wanted.slug)
    return next(
        (one for one in known if one.slug is None and _meaning(one.schedule) == _meaning(wanted.schedule)), None
    )


def _meaning(schedule: Schedule | None) -> object:
    if isinstance(schedule, IntervalSchedule):
        return schedule.model_copy(update={"anchor_date": None})
    return schedule


def _schedule_row(wanted: AnySchedule, before: DeploymentSchedule | None) -> dict[str, Any]:
    """The columns that ``wanted`` sets. Raises ScheduleError for what means nothing."""
    given = {key: getattr(wanted, key) for key in wanted.model_fields_set - {"replaces", "schedule"}}
    row = {key: value for key, value in given.items() if value is not None or key not in _NEVER_NULL}
    if before is None:
        row = {**_SCHEDULE_DEFAULTS, **row}
    if (row.get("max_scheduled_runs") or 0) > MOST_SCHEDULED_RUNS:
        raise Invalid(422, f"max_scheduled_runs must be at most {MOST_SCHEDULED_RUNS}.")
    schedule = _anchored(wanted.schedule, before) or (before.schedule if before else None)
    if schedule is None:
        raise Invalid(422, "Unable to create new deployment schedules without a schedule configuration.")
    recurrence.validate(schedule)
    said = row.get("parameters", before.parameters if before else {})
    return {**row, "schedule": schedule.model_dump(mode="json"), "slot": scheduler.slot(schedule, said)}


def _anchored(schedule: Schedule | None, before: DeploymentSchedule | None) -> Schedule | None:
    """An interval that names no anchor goes on from the one it had, or else counts from now."""
    if not isinstance(schedule, IntervalSchedule) or schedule.anchor_date is not None:
        return schedule
    kept = before.schedule if before is not None else None
    anchor = kept.anchor_date if isinstance(kept, IntervalSchedule) and _meaning(kept) == _meaning(schedule) else None
    return schedule.model_copy(update={"anchor_date": anchor or clock.now().replace(microsecond=0)})


def _check_renames(wanted: Sequence[AnySchedule], kept: Sequence[DeploymentSchedule]) -> None:
    replaced = [one.replaces for one in wanted if one.replaces]
    if twice := next((slug for slug in replaced if replaced.count(slug) > 1), None):
        raise Invalid(422, f"Multiple schedules have 'replaces' targeting the same slug: {twice}")
    taken = {one.slug for one in kept} - set(replaced)
    for one in wanted:
        if one.replaces and one.slug in taken:
            rename = f"from {one.replaces!r} to {one.slug!r}"
            raise Invalid(422, f"Cannot rename schedule {rename}: a schedule with slug {one.slug!r} already exists.")


def _check_slugs(schedules: Sequence[AnySchedule | DeploymentSchedule]) -> None:
    slugs = [one.slug for one in schedules if one.slug is not None]
    if twice := next((slug for slug in slugs if slugs.count(slug) > 1), None):
        raise Invalid(409, f"Two schedules of a deployment can't have the same slug {twice!r}.")

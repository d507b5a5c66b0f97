"""What is different between a deployment and the same a little later, field by field."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from perijove import recurrence
from perijove.deployments import secrets
from perijove.schemas.base import JsonObject
from perijove.schemas.deployments import Deployment
from perijove.schemas.schedules import Catchup, DeploymentSchedule, IntervalSchedule, Overlap, Schedule

_TOLD = (
    "entrypoint",
    "path",
    "version",
    "description",
    "parameters",
    "enforce_parameter_schema",
    "tags",
    "work_pool_name",
    "work_queue_name",
    "job_variables",
    "pull_steps",
    "paused",
)


_LONGEST = 100
"""Characters of a field's value that are shown where it changed."""

_UNREMARKABLE: tuple[object, ...] = (None, {}, Catchup.LATEST, Overlap.ALLOW)
"""What a schedule says unless it was told otherwise."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a redeploy changed, with what it was and what it is."""

    field: str
    before: Any
    after: Any


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


def changes(before: Deployment, after: Deployment) -> Iterator[Change]:
    """What is different; ``after`` may be one that is foreseen."""
    secret = secrets.names(before.parameter_openapi_schema) | secrets.names(after.parameter_openapi_schema)
    for name in _TOLD:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            told = [secrets.hidden(each, secret) for each in (old, new)] if name == "parameters" else [old, new]
            yield Change(name, *told)
    if (old_limit := _limit(before)) != (new_limit := _limit(after)):
        yield Change("concurrency", old_limit, new_limit)
    if not same_schedules(before.schedules, after.schedules):
        yield Change("schedules", *([_words(each, secret) for each in d.schedules] for d in (before, after)))
    if before.parameter_openapi_schema != after.parameter_openapi_schema:
        yield Change("parameter schema", *(_signature(each) for each in (before, after)))


def change_words(change: Change) -> str:
    """``tags: [] → ["finance"]``"""
    return f"{change.field.replace('_', ' ')}: {_short(change.before)} → {_short(change.after)}"


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
        and same_schedule(known.schedule, wanted.schedule)
    )


def same_schedule(known: Schedule, wanted: Schedule) -> bool:
    """Whether it asks for runs at the same instants; an interval without an anchor keeps the one it has."""
    if isinstance(known, IntervalSchedule) and isinstance(wanted, IntervalSchedule) and wanted.anchor_date is None:
        wanted = wanted.model_copy(update={"anchor_date": known.anchor_date})
    return known.model_copy(update={"timezone": known.timezone or "UTC"}) == wanted.model_copy(
        update={"timezone": wanted.timezone or "UTC"}
    )


def _words(schedule: "_Scheduled", secret: frozenset[str]) -> str:
    """The schedule in words, with what it says beside its times."""
    said = {name: getattr(schedule, name) for name in ("slug", "parameters", "catchup", "overlap")}
    said["parameters"] = secrets.hidden(schedule.parameters or {}, secret)
    told = [f"{name} {word}" for name, word in said.items() if word not in _UNREMARKABLE]
    return ", ".join((recurrence.describe(schedule.schedule), *told))


def _limit(deployment: Deployment) -> str | None:
    """``2 at a time, ENQUEUE``"""
    held = deployment.global_concurrency_limit
    limit = held.limit if held else deployment.concurrency_limit
    options = deployment.concurrency_options
    return f"{limit} at a time{f', {options.collision_strategy}' if options else ''}" if limit else None


def _signature(deployment: Deployment) -> list[str]:
    return sorted((deployment.parameter_openapi_schema or {}).get("properties", {}))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."

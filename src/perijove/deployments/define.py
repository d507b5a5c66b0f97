"""What a deployment shall be: a flow's source and a user's wishes, checked, as the request that makes it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from perijove import recurrence
from perijove.deployments import dependencies, parameters, triggers
from perijove.deployments.storages import choice
from perijove.deployments.storages.storage import Storage
from perijove.deployments.triggers import DeploymentTrigger
from perijove.errors import ScheduleError, UsageError
from perijove.pulling.storages import LocalDirectory
from perijove.schemas.base import JsonObject
from perijove.schemas.deployments import (
    ConcurrencyLimitConfig,
    ConcurrencyOptions,
    DeploymentCreate,
    PullStep,
)
from perijove.schemas.schedules import DeploymentScheduleCreate, Schedule

DEFAULT_NAME = "default"
"""The deployment's name where the user gives none."""

Strategy = Literal["ENQUEUE", "CANCEL_NEW"]
"""Whether a run too many waits or is cancelled."""

_BANNED = re.compile(r"[/%&><]|[^\S ]|[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The flow that is deployed: ``entrypoint`` is ``file.py:function``, relative to ``directory``.

    ``pull_steps`` bring that directory to where the flow runs; None: it is there, on this machine.
    """

    flow_name: str
    entrypoint: str
    directory: Path
    parameter_schema: JsonObject
    description: str | None = None
    version: str | None = None
    pull_steps: Sequence[PullStep] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user says of a deployment. None means unsaid.

    ``isolated``: its runs are to have an environment of their own, with what its file depends on.
    ``words`` are parameters as ``name=value``, which only the flow's schema tells how to read, and ``schedule_words``
    those that the schedules' runs have in place of them. ``served``: it runs where somebody serves it, in no work pool.
    ``unkept`` tells what the server will do in place of what is said here. ``storage``: where its file is put; None: it
    stays on this disk.
    Unsaid schedules, unsaid triggers and an unsaid ``paused`` stay as they are when a deployment is made anew; all else
    becomes what is said here.
    """

    name: str = DEFAULT_NAME
    schedules: Sequence[DeploymentScheduleCreate] | None = None
    schedule_words: Sequence[str] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    words: Sequence[str] = ()
    tags: Sequence[str] = ()
    description: str | None = None
    version: str | None = None
    paused: bool | None = None
    work_pool: str | None = None
    work_queue: str | None = None
    job_variables: Mapping[str, Any] = field(default_factory=dict)
    isolated: bool = False
    served: bool = False
    concurrency_limit: ConcurrencyLimitConfig | None = None
    enforce_parameter_schema: bool = True
    triggers: Sequence[DeploymentTrigger] | None = None
    unkept: Sequence[str] = ()
    storage: Storage | None = None


def wish(
    *,
    name: str = DEFAULT_NAME,
    cron: Sequence[str] = (),
    interval: Sequence[str | float | timedelta] = (),
    rrule: Sequence[str] = (),
    timezone: str | None = None,
    anchor: str | None = None,
    schedule_params: Sequence[str] = (),
    catchup: str | None = None,
    overlap: str | None = None,
    no_schedule: bool = False,
    params: Sequence[str] = (),
    tags: Sequence[str] = (),
    description: str | None = None,
    version: str | None = None,
    paused: bool | None = None,
    pool: str | None = None,
    queue: str | None = None,
    concurrency: int | None = None,
    collision_strategy: Strategy | None = None,
    env: str | None = None,
    job_variables: Sequence[str] = (),
    trigger: Sequence[str] = (),
    storage: str | None = None,
    branch: str | None = None,
    access_token: str | None = None,
    image: str | None = None,
) -> Wishes:
    """The wishes that a command's options say, by the options' names. Raises ScheduleError, UsageError."""
    return Wishes(
        name=name,
        schedules=schedules(
            cron=cron,
            interval=interval,
            rrule=rrule,
            timezone=timezone,
            anchor=anchor,
            params=schedule_params,
            catchup=catchup,
            overlap=overlap,
            none=no_schedule,
        ),
        schedule_words=schedule_params,
        words=params,
        tags=tags,
        description=description,
        version=version,
        paused=paused,
        work_pool=pool,
        work_queue=queue,
        isolated=dependencies.is_isolated(env),
        job_variables=parameters.read(job_variables, None),
        triggers=triggers.read(trigger) if trigger else None,
        concurrency_limit=_limit(concurrency, collision_strategy),
        storage=choice.chosen(storage, branch=branch, access_token=access_token, image=image),
    )


def _limit(concurrency: int | None, strategy: Strategy | None) -> ConcurrencyLimitConfig | None:
    if concurrency is None:
        if strategy:
            raise UsageError("A collision strategy is for runs too many: give --concurrency, too.")
        return None
    if concurrency < 1:
        raise UsageError(f"A deployment runs at least 1 run at a time, not {concurrency}; pausing it is --paused.")
    return ConcurrencyLimitConfig(limit=concurrency, collision_strategy=strategy or "ENQUEUE")


def schedules(
    *,
    cron: Sequence[str] = (),
    interval: Sequence[str | float | timedelta] = (),
    rrule: Sequence[str] = (),
    timezone: str | None = None,
    anchor: str | None = None,
    params: Sequence[str] = (),
    catchup: str | None = None,
    overlap: str | None = None,
    none: bool = False,
) -> list[DeploymentScheduleCreate] | None:
    """The schedules that a user's words say; None when they say nothing of any.

    ``interval`` is a number of seconds or text such as ``15m``, ``anchor`` an ISO 8601 instant that intervals count
    from; ``none`` asks that there be no schedule. ``params`` are read once the flow is known. Raises ScheduleError.
    """
    built = [
        *(recurrence.build(cron=line, timezone=timezone) for line in cron),
        *(recurrence.build(interval=every, timezone=timezone, anchor=anchor) for every in interval),
        *(recurrence.build(rrule=rule, timezone=timezone) for rule in rrule),
    ]
    if built and none:
        raise ScheduleError("Either schedules or none of them: --no-schedule goes with no other.")
    if not interval and anchor:
        raise ScheduleError("An anchor is what an interval counts from: give --interval with --anchor.")
    if not built and timezone:
        raise ScheduleError("A timezone belongs to a schedule: give --cron, --interval or --rrule with --timezone.")
    manner = {name: word for name, word in (("catchup", catchup), ("overlap", overlap)) if word}
    if not built and (params or manner):
        raise ScheduleError(
            "Parameters, catch-up and overlap of a schedule belong to one: give --cron, --interval or --rrule, too."
        )
    return [DeploymentScheduleCreate(schedule=each, **manner) for each in built] if built or none else None


def settle(wishes: Wishes, *, flow_name: str, parameter_schema: JsonObject) -> Wishes:
    """The wishes with all parameters read. Raises UsageError or ParameterError for what no deployment can have."""
    check_name(wishes.name)
    full_name = f"{flow_name}/{wishes.name}"
    given = parameters.jsonable({**wishes.parameters, **parameters.read(wishes.words, parameter_schema)})
    parameters.check(given, parameter_schema, of=full_name)
    if wishes.schedule_words:
        own = scheduled(wishes.schedules or (), wishes.schedule_words, parameter_schema, of=full_name)
        wishes = replace(wishes, schedules=own, schedule_words=())
    return replace(wishes, parameters=given, words=())


def scheduled(
    wanted: Sequence[DeploymentScheduleCreate], words: Sequence[str], parameter_schema: JsonObject | None, *, of: str
) -> list[DeploymentScheduleCreate]:
    """The schedules with ``words`` as their runs' parameters. Raises UsageError, ParameterError."""
    own = parameters.read(words, parameter_schema)
    parameters.check(own, parameter_schema, of=of)
    return [each.model_copy(update={"parameters": own}) for each in wanted]


def check_name(name: str) -> None:
    """Raise UsageError for what can't name a deployment."""
    if not name.strip() or _BANNED.search(name):
        raise UsageError(
            f"{name!r} can't name a deployment: a name has no / % & > < and no lone surrogates, and is one line."
        )


def request(source: Source, wishes: Wishes, flow_id: UUID) -> DeploymentCreate:
    """The request that creates the deployment."""
    here = LocalDirectory(str(source.directory))
    return DeploymentCreate(
        name=wishes.name,
        flow_id=flow_id,
        description=wishes.description if wishes.description is not None else source.description,
        version=wishes.version or source.version,
        entrypoint=source.entrypoint,
        pull_steps=[here.step()] if source.pull_steps is None else list(source.pull_steps),
        parameters=dict(wishes.parameters),
        parameter_openapi_schema=source.parameter_schema,
        enforce_parameter_schema=wishes.enforce_parameter_schema,
        schedules=[_as_said(each) for each in wishes.schedules or ()],
        paused=bool(wishes.paused),
        tags=list(dict.fromkeys(wishes.tags)),
        work_pool_name=wishes.work_pool,
        work_queue_name=wishes.work_queue,
        job_variables=dict(wishes.job_variables),
        **limits(wishes.concurrency_limit),
    )


def limits(limit: ConcurrencyLimitConfig | None) -> JsonObject:
    """The limit by the wire's names. Left out where there is none: a null would remove one that was set elsewhere."""
    if limit is None:
        return {}
    options = ConcurrencyOptions(**limit.model_dump(exclude={"limit"}, exclude_none=True))
    return {"concurrency_limit": limit.limit, "concurrency_options": options}


def _as_said(wanted: DeploymentScheduleCreate) -> DeploymentScheduleCreate:
    """The schedule without what was left unsaid, for Prefect takes no null as an anchor."""
    schedule: Schedule = type(wanted.schedule)(**wanted.schedule.model_dump(exclude_none=True))
    return wanted.model_copy(update={"schedule": schedule})

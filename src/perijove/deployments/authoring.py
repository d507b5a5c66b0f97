"""Deployments from code: a flow's own ``to_deployment``, ``deploy`` and ``serve``, and those for many at once."""

import builtins
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, Unpack
from uuid import UUID

from perijove.client import SyncClient, get_client
from perijove.deployments import define, dependencies, deploying, serving, sources, triggers
from perijove.deployments.apply import apply, placed
from perijove.deployments.define import Source, Wishes
from perijove.errors import ScheduleError, UsageError
from perijove.flows.deployable import DeploymentOptions
from perijove.schemas.base import JsonObject
from perijove.schemas.deployments import ConcurrencyLimitConfig
from perijove.schemas.schedules import DeploymentScheduleCreate, Schedule

if TYPE_CHECKING:
    from perijove.deployments.exporting import Exporting, Notebook
    from perijove.flows.definitions import FlowDefinition
    from perijove.notebook.verify import Interface

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunnerDeployment:
    """A deployment as it shall be; no server knows of it yet."""

    source: Source
    wishes: Wishes

    @property
    def name(self) -> str:
        """The deployment's own name."""
        return self.wishes.name

    @property
    def flow_name(self) -> str:
        return self.source.flow_name

    @property
    def full_name(self) -> str:
        """``flow/deployment``"""
        return f"{self.flow_name}/{self.name}"

    def apply(self, work_pool_name: str | None = None) -> UUID:
        """Create or change the deployment on the server, and return its id. Raises the ServerError tree.

        With no work pool, here or in ``to_deployment``, it runs where it is served.
        """
        with get_client(sync_client=True) as client:
            pool = work_pool_name or self.wishes.work_pool
            return _apply(client, self, placed(client, replace(self.wishes, work_pool=pool, served=pool is None)))


def plan(
    flow: "FlowDefinition",
    name: str,
    *,
    work_pool_name: str | None = None,
    **options: Unpack[DeploymentOptions],
) -> RunnerDeployment:
    """The deployment that a flow's ``to_deployment`` gives."""
    source = sources.of(flow, options.get("entrypoint_type", "file_path"))
    define.check_name(name)
    wishes = Wishes(
        name=name,
        schedules=_schedules(options),
        parameters=options.get("parameters") or {},
        tags=list(options.get("tags") or ()),
        description=options.get("description"),
        version=options.get("version"),
        paused=options.get("paused"),
        work_pool=work_pool_name,
        work_queue=options.get("work_queue_name"),
        job_variables=_job_variables(flow, options),
        concurrency_limit=_limit(options.get("concurrency_limit")),
        enforce_parameter_schema=options.get("enforce_parameter_schema", True),
        triggers=None if (given := options.get("triggers")) is None else triggers.read(given),
    )
    return RunnerDeployment(
        source, define.settle(wishes, flow_name=source.flow_name, parameter_schema=source.parameter_schema)
    )


def deploy(
    *deployments: RunnerDeployment, work_pool_name: str | None = None, print_next_steps_message: bool = True
) -> list[UUID]:
    """Deploy all of them to a work pool (None: their own, or the embedded server's), and return their ids.

    All are checked before the first is applied. Raises UsageError for a pool that isn't there, and ServerError.
    """
    with get_client(sync_client=True) as client:
        wanted = [
            placed(client, replace(each.wishes, work_pool=each.wishes.work_pool or work_pool_name))
            for each in deployments
        ]
        ids = [_apply(client, each, wishes) for each, wishes in zip(deployments, wanted, strict=True)]
    if print_next_steps_message:
        sys.stdout.write(_triggers("Deployed. To run now:", deployments))
    return ids


def serve(
    *deployments: RunnerDeployment,
    pause_on_shutdown: bool = True,
    print_starting_message: bool = True,
    limit: int | None = None,
) -> serving.Serving | None:
    """Apply the deployments and run what is due of them, ``limit`` runs at a time (default 5), until interrupted.

    Their schedules are active from now on and, with ``pause_on_shutdown``, rest when nobody serves them any more.
    In a notebook's kernel it goes on in the background, and is returned. Raises UsageError, ServerError.
    """
    if not deployments:
        raise UsageError("serve() needs a deployment: serve(my_flow.to_deployment('name')).")
    names = [each.full_name for each in deployments]
    if _in_kernel():
        serving.give_way(names)
    with get_client(sync_client=True) as client:
        ids = [_apply(client, each, placed(client, _served(each.wishes))) for each in deployments]
    served = serving.Served(names, ids, limit=limit or serving.LIMIT, pause=pause_on_shutdown)
    if _in_kernel():
        return serving.start(served)
    greeting = _triggers("Serving, and waiting for due runs. To trigger one:", deployments)
    serving.serve_here(served, greeting if print_starting_message else "")
    return None


def serve_notebook(
    notebook: "Notebook", function: str, wishes: Wishes, how: "Exporting", *, live: "Interface", limit: int, pause: bool
) -> serving.Serving:
    """Export ``function`` of a notebook and serve it in the background, in the place of what served it so far.

    Raises what ``deploying.deploy_notebook`` does.
    """
    serving.give_way([f"{live.name}/{wishes.name}"])
    deployed = deploying.deploy_notebook(notebook, function, _served(wishes), how, live=live)
    ids = [deployed.deployment.id] if deployed.deployment else []
    return serving.start(serving.Served([deployed.name], ids, limit=limit, pause=pause))


def _served(wishes: Wishes) -> Wishes:
    """An earlier serving may have paused it."""
    return replace(wishes, served=True, paused=bool(wishes.paused))


def _apply(client: SyncClient, planned: RunnerDeployment, wishes: Wishes) -> UUID:
    return apply(client, planned.source, wishes).settled.id


def _triggers(what: str, deployments: Sequence[RunnerDeployment]) -> str:
    commands = [f"    perijove deployment run '{each.full_name}'" for each in deployments]
    return "\n".join([what, *commands, ""])


def _in_kernel() -> bool:
    shell = getattr(builtins, "get_ipython", None)
    return shell is not None and hasattr(shell(), "kernel")


def _job_variables(flow: "FlowDefinition", options: DeploymentOptions) -> JsonObject:
    given = dict(options.get("job_variables") or {})
    if not dependencies.is_isolated(options.get("env")):
        return given
    file = sources.file_of(flow)
    return {**dependencies.job_variables(file.read_text("utf-8"), of=file.name), **given}


def _schedules(options: DeploymentOptions) -> list[DeploymentScheduleCreate] | None:
    """All schedules that the options say; None where they say nothing of any."""
    said = [*options.get("schedules", ()), *([options["schedule"]] if "schedule" in options else [])]
    written = define.schedules(
        cron=_many(options.get("cron"), str),
        interval=_many(options.get("interval"), (str, int, float, timedelta)),
        rrule=_many(options.get("rrule"), str),
        timezone=options.get("timezone"),
    )
    if "schedules" not in options and not said and written is None:
        return None
    return [*map(_with_options, said), *(written or ())]


def _with_options(schedule: DeploymentScheduleCreate | Schedule) -> DeploymentScheduleCreate:
    if isinstance(schedule, DeploymentScheduleCreate):
        return schedule
    if isinstance(schedule, Schedule):
        return DeploymentScheduleCreate(schedule=schedule)
    raise ScheduleError(f"{schedule!r} is no schedule: write one such as perijove.schedules.Cron('0 8 * * *').")


def _many(given: Any, single: type[T] | tuple[type[Any], ...]) -> list[Any]:
    if given is None:
        return []
    return [given] if isinstance(given, single) else list(_iterable(given))


def _iterable(given: Any) -> Iterable[Any]:
    if not isinstance(given, Iterable):
        raise ScheduleError(f"{given!r} is no schedule.")
    return given


def _limit(given: int | ConcurrencyLimitConfig | None) -> ConcurrencyLimitConfig | None:
    return ConcurrencyLimitConfig(limit=given) if isinstance(given, int) else given

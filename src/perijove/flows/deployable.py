"""What a flow can do beyond being called: be deployed, and be served."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack
from uuid import UUID

import perijove
from perijove.flows.definitions import FlowDefinition

if TYPE_CHECKING:
    from perijove.deployments.authoring import RunnerDeployment
    from perijove.deployments.serving import Serving
    from perijove.flows.flows import Flow
    from perijove.pulling.storages import Storage
    from perijove.schemas.deployments import ConcurrencyLimitConfig
    from perijove.schemas.schedules import DeploymentScheduleCreate, Schedule

EntrypointType = Literal["file_path", "module_path"]
"""How runs find the flow: in a file, or in a module that is installed where they run."""


class DeploymentOptions(TypedDict, total=False):
    """What may be said of a deployment, as in Prefect. What is left out stays as it is when a flow is deployed anew,
    if it is ``paused``, of the schedules or of the triggers; all else becomes what is said.

    - interval, cron, rrule: one or many; intervals are seconds, timedeltas or text such as ``15m``.
    - timezone: IANA name for the above; default UTC.
    - schedule, schedules: what ``perijove.schedules`` makes; ``schedules=[]``: none.
    - paused: schedules ask for no runs.
    - concurrency_limit: runs of the deployment that may go on at once.
    - parameters: for all runs; a run's own come over them.
    - enforce_parameter_schema: refuse runs whose parameters don't fit the flow's annotations (default True).
    - work_queue_name, job_variables: for the worker of a work pool.
    - env: ``"isolated"`` for an environment with what the flow's file depends on, as it says by PEP 723.
    - triggers: what sets it off beside schedules: ``after FLOW/DEPLOYMENT Completed``, or Prefect's triggers.
    """

    interval: str | float | timedelta | Iterable[str | float | timedelta]
    cron: str | Iterable[str]
    rrule: str | Iterable[str]
    timezone: str
    paused: bool | None
    schedule: "DeploymentScheduleCreate | Schedule"
    schedules: "Sequence[DeploymentScheduleCreate | Schedule]"
    concurrency_limit: "int | ConcurrencyLimitConfig | None"
    parameters: Mapping[str, Any] | None
    description: str | None
    tags: Iterable[str] | None
    version: str | None
    enforce_parameter_schema: bool
    work_queue_name: str | None
    job_variables: Mapping[str, Any] | None
    entrypoint_type: EntrypointType
    env: Literal["isolated"] | None
    triggers: Iterable[object] | None


class Deployable(FlowDefinition):
    """A flow's ways to a server. The names are Prefect's; nothing here gives a coroutine, in no event loop.

    What is above this package is reached through the front door, ``perijove``, and loaded when it is asked for.
    """

    def to_deployment(
        self, name: str, *, work_pool_name: str | None = None, **options: Unpack[DeploymentOptions]
    ) -> "RunnerDeployment":
        """The deployment ``name`` of this flow as a value: for ``serve()``, for ``deploy()``, or for its ``apply()``.

        Changes nothing yet. Raises UsageError for a flow that lies in no file, ScheduleError, ParameterError.
        """
        return perijove.deployments.authoring.plan(self, name, work_pool_name=work_pool_name, **options)

    def serve(
        self,
        name: str | None = None,
        *,
        pause_on_shutdown: bool = True,
        print_starting_message: bool = True,
        limit: int | None = None,
        global_limit: "int | ConcurrencyLimitConfig | None" = None,
        **options: Unpack[DeploymentOptions],
    ) -> "Serving | None":
        """Deploy the flow and run what is due of it, each run in a process of its own, until interrupted.

        ``name``: default the flow's; of a path such as ``__file__``, the file's. ``limit``: runs at a time here (5);
        ``global_limit``: of the deployment anywhere. ``pause_on_shutdown``: its schedules rest when nobody serves it.
        SIGINT and SIGTERM end it with grace. In a notebook's kernel it goes on in the background, and is returned.
        """
        if global_limit is not None:
            options["concurrency_limit"] = global_limit
        planned = self.to_deployment(self._served_name(name), **options)
        return perijove.deployments.authoring.serve(
            planned, pause_on_shutdown=pause_on_shutdown, print_starting_message=print_starting_message, limit=limit
        )

    def deploy(
        self,
        name: str,
        work_pool_name: str | None = None,
        *,
        image: str | None = None,
        print_next_steps: bool = True,
        **options: Unpack[DeploymentOptions],
    ) -> UUID:
        """Deploy the flow to a work pool (None: the embedded server's own), and return the deployment's id.

        ``image``: the container image that runs it, where the pool's workers use one. Raises UsageError for a pool
        that isn't there, ServerError, and what ``to_deployment`` does.
        """
        if image is not None:
            options["job_variables"] = {"image": image, **(options.get("job_variables") or {})}
        planned = self.to_deployment(name, **options)
        (deployment_id,) = perijove.deployments.authoring.deploy(
            planned, work_pool_name=work_pool_name, print_next_steps_message=print_next_steps
        )
        return deployment_id

    @staticmethod
    def from_source(source: "str | Path | Storage", entrypoint: str) -> "Flow[..., Any]":
        """The flow ``entrypoint`` (``path/to/file.py:flow``) of a directory, a git repository or an object storage.

        ``source``: a path, an address (``https://....git``, ``s3://bucket/folder``), or a ``GitRepository`` or
        ``RemoteStorage`` of ``perijove.storages``. The code is fetched now; deployed, each run fetches it for itself.
        Raises EntrypointError.
        """
        return perijove.deployments.sources.from_source(source, entrypoint)

    def _served_name(self, name: str | None) -> str:
        return self.name if not name else Path(name).stem if Path(name).is_file() else name

"""A run triggered by a command's words."""

from collections.abc import Iterable
from datetime import UTC, datetime

from perijove import clock
from perijove.client import SyncClient
from perijove.deployments import names, parameters
from perijove.deployments.flow_runs import create_run
from perijove.deployments.run import Run
from perijove.deployments.waiting import StoppedAsking
from perijove.errors import UsageError
from perijove.recurrence import durations
from perijove.schemas.deployments import DeploymentFlowRunCreate


def trigger(
    client: SyncClient,
    name: str,
    pairs: Iterable[str] = (),
    *,
    start: datetime | None = None,
    tags: Iterable[str] = (),
    flow_run_name: str | None = None,
    job_variables: Iterable[str] = (),
) -> Run:
    """Create a run of the deployment ``name`` and return it without waiting.

    ``pairs`` and ``job_variables`` are words ``name=value``. Raises NotFound, UsageError, ParameterError, and
    StoppedAsking when the user interrupts.
    """
    deployment, full_name = names.read(client, name)
    schema = deployment.parameter_openapi_schema if deployment.enforce_parameter_schema else None
    given = parameters.read(pairs, schema)
    parameters.check(given, schema, of=full_name)
    wanted = DeploymentFlowRunCreate(
        name=flow_run_name,
        parameters=given,
        tags=list(tags),
        job_variables=parameters.read(job_variables, None),
    )
    try:
        return create_run(client, deployment, full_name, wanted, start=start)
    except KeyboardInterrupt:
        raise StoppedAsking(full_name) from None


def start_time(at: str | None, after: str | None) -> datetime | None:
    """The start that a user's words ask for, in UTC: an ISO 8601 time (a bare one is this machine's local time), or a
    length of time from now (``15m``); None where neither is given. Raises UsageError, ScheduleError."""
    if at and after:
        raise UsageError("A run starts at a time or in a while: give one of the two.")
    if after:
        return clock.now() + durations.parse(after)
    try:
        return datetime.fromisoformat(at).astimezone(UTC) if at else None
    except ValueError:
        raise UsageError(f"{at!r} is no time: write it as 2026-12-24T08:00, or with an offset +01:00.") from None

"""What holds a run up as it is claimed: its deployment's concurrency limit, or the run before it of its schedule."""

from uuid import UUID

from sqlalchemy import Connection

from perijove.errors import NotFound
from perijove.schemas.concurrency import ConcurrencyLimit, ConcurrencyLimitCreate, ConcurrencyLimitUpdate
from perijove.schemas.deployments import DeploymentCreate, DeploymentUpdate
from perijove.schemas.runs import FlowRun
from perijove.schemas.schedules import Overlap
from perijove.server.rules.verdicts import Queue
from perijove.server.storage import concurrency_limits, deployments, flow_runs

_OWN = "deployment:"

FULL = "Deployment concurrency limit reached."
_NEVER = "The deployment concurrency limit is 0. The flow will deadlock if submitted again."


def queue(connection: Connection, run: FlowRun) -> Queue | None:
    """What the run has to wait for before it is claimed; None: nothing."""
    return _behind_its_deployment(connection, run) or _behind_its_schedule(connection, run)


def _behind_its_deployment(connection: Connection, run: FlowRun) -> Queue | None:
    if run.deployment_id is None:
        return None
    limit_id, options = deployments.limit_of(connection, run.deployment_id)
    if limit_id is None:
        return None
    limit = concurrency_limits.read(connection, limit_id)
    if not limit.active or limit.active_slots < limit.limit:
        return None
    return Queue(_NEVER, never=True) if not limit.limit else Queue(FULL, cancels=_cancels(options))


def _cancels(options: dict[str, object] | None) -> bool:
    return options is not None and options.get("collision_strategy") == "CANCEL_NEW"


def _behind_its_schedule(connection: Connection, run: FlowRun) -> Queue | None:
    """One that has begun waits for no other any more: two that are retried would wait for each other."""
    maker, is_scheduled = run.created_by, run.auto_scheduled and run.run_count == 0
    if not is_scheduled or run.deployment_id is None or maker is None or maker.id is None:
        return None
    overlap = deployments.overlap_of(connection, maker.id)
    if overlap in (None, Overlap.ALLOW) or not flow_runs.under_way(connection, run.deployment_id, maker.id):
        return None
    return Queue("The schedule's run before this one is still under way.", cancels=overlap is Overlap.SKIP)


def limit_deployment(connection: Connection, deployment_id: UUID, wanted: DeploymentCreate | DeploymentUpdate) -> None:
    """Give the deployment the limit that was asked for: one of its own, or one that it shares. Raises NotFound."""
    given = wanted.model_fields_set
    if wanted.global_concurrency_limit_id is not None:
        shared = concurrency_limits.read(connection, wanted.global_concurrency_limit_id)
        deployments.set_limit(connection, deployment_id, shared.id)
        forget(connection, deployment_id)
    elif wanted.concurrency_limit is not None:
        own = _own(connection, deployment_id, wanted.concurrency_limit)
        deployments.set_limit(connection, deployment_id, own.id)
    elif given & {"concurrency_limit", "global_concurrency_limit_id"}:
        deployments.set_limit(connection, deployment_id, None)
        forget(connection, deployment_id)


def forget(connection: Connection, deployment_id: UUID) -> None:
    """Delete the deployment's own limit, if it has one."""
    try:
        concurrency_limits.remove(connection, f"{_OWN}{deployment_id}")
    except NotFound:
        return


def _own(connection: Connection, deployment_id: UUID, limit: int) -> ConcurrencyLimit:
    name = f"{_OWN}{deployment_id}"
    if not concurrency_limits.find(connection, [name]):
        return concurrency_limits.create(connection, ConcurrencyLimitCreate(name=name, limit=limit))
    concurrency_limits.change(connection, name, ConcurrencyLimitUpdate(limit=limit))
    return concurrency_limits.read(connection, name)

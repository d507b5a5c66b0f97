"""Which deployment a user means: ``flow/deployment`` or an id."""

from collections.abc import Iterable
from uuid import UUID

from perijove.client import SyncClient, targets
from perijove.deployments.paging import PAGE, every
from perijove.deployments.words import did_you_mean
from perijove.errors import NotFound
from perijove.schemas.deployments import Deployment
from perijove.schemas.filters import Among, DeploymentQuery, DeploymentSort, FlowFilter, FlowQuery


def as_id(name: str | UUID) -> UUID | None:
    """``name`` as an id, or None where it is a name."""
    try:
        return name if isinstance(name, UUID) else UUID(name)
    except ValueError:
        return None


def read(client: SyncClient, name: str | UUID) -> tuple[Deployment, str]:
    """The deployment, and its full name ``flow/deployment``.

    Raises NotFound, with the likeliest name, for one that the server has not.
    """
    deployment_id = as_id(name)
    try:
        if deployment_id is None:
            return client.read_deployment_by_name(str(name)), str(name)
        deployment = client.read_deployment(deployment_id)
    except NotFound:
        raise _unknown(client, str(name)) from None
    return deployment, f"{client.read_flow(deployment.flow_id).name}/{deployment.name}"


def read_all(client: SyncClient) -> dict[str, Deployment]:
    """Every deployment by its full name, in the names' order."""
    found = list(
        every(
            lambda offset: client.read_deployments(
                DeploymentQuery(limit=PAGE, offset=offset, sort=DeploymentSort.NAME_ASC)
            )
        )
    )
    flows = flow_names(client, {each.flow_id for each in found})
    named = {f"{flows.get(each.flow_id, '?')}/{each.name}": each for each in found}
    return dict(sorted(named.items()))


def of_running_server() -> list[str]:
    """The deployments' full names; none where no server runs, for this starts none."""
    target = targets.find()
    if target is None:
        return []
    with SyncClient(target) as client:
        return list(read_all(client))


def flow_names(client: SyncClient, flow_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of these flows, by id."""
    ids = list(flow_ids)
    chunks = (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
    queries = (FlowQuery(flows=FlowFilter(id=Among[UUID](any_=chunk)), limit=PAGE) for chunk in chunks)
    return {flow.id: flow.name for query in queries for flow in client.read_flows(query)}


def _unknown(client: SyncClient, name: str) -> NotFound:
    known = list(read_all(client))
    hint = did_you_mean(name, known) or f" It has: {', '.join(known[:10]) or 'none yet'}."
    return NotFound(404, f"There is no deployment {name!r} on {client.target}.{hint}")

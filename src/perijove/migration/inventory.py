"""What a server knows that can be carried to another one, by names: ids are a server's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perijove.client import SyncClient
from perijove.deployments import automations, names
from perijove.deployments.paging import PAGE, every
from perijove.schemas.automations import Automation
from perijove.schemas.deployments import Deployment
from perijove.schemas.filters import WorkPoolQuery, WorkQueueQuery
from perijove.schemas.work import WorkPool, WorkQueue


@dataclass(frozen=True, slots=True)
class Inventory:
    """Work pools by name, work queues by pool and name, deployments by ``flow/deployment``, and automations."""

    pools: Mapping[str, WorkPool]
    queues: Mapping[tuple[str, str], WorkQueue]
    deployments: Mapping[str, Deployment]
    automations: Sequence[Automation]

    def words(self) -> dict[str, str]:
        """What each id stands for, in words that mean the same on another server."""
        return {
            **{str(each.id): f"work pool {name}" for name, each in self.pools.items()},
            **{str(each.id): f"work queue {'/'.join(place)}" for place, each in self.queues.items()},
            **{str(each.id): f"deployment {name}" for name, each in self.deployments.items()},
            **{str(each.flow_id): f"flow {name.rpartition('/')[0]}" for name, each in self.deployments.items()},
        }


def read(client: SyncClient) -> Inventory:
    """All of it. Raises ServerError."""
    pools = every(lambda offset: client.read_work_pools(WorkPoolQuery(limit=PAGE, offset=offset)))
    named = {pool.name: pool for pool in pools}
    queues = {(pool, queue.name): queue for pool in named for queue in _queues(client, pool)}
    return Inventory(named, queues, names.read_all(client), automations.every(client))


def _queues(client: SyncClient, pool: str) -> list[WorkQueue]:
    return list(every(lambda offset: client.read_work_queues_of_pool(pool, WorkQueueQuery(limit=PAGE, offset=offset))))

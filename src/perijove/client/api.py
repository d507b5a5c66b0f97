"""Every endpoint, each a method of one name: that of Prefect's client where it has one."""

from perijove.client.calls import AsyncSender
from perijove.client.endpoints.artifacts import Artifacts
from perijove.client.endpoints.automations import Automations
from perijove.client.endpoints.blocks import Blocks
from perijove.client.endpoints.concurrency_limits import ConcurrencyLimits
from perijove.client.endpoints.deployments import Deployments
from perijove.client.endpoints.events import Events
from perijove.client.endpoints.flow_runs import FlowRuns
from perijove.client.endpoints.flows import Flows
from perijove.client.endpoints.leases import Leases
from perijove.client.endpoints.server import Server
from perijove.client.endpoints.task_runs import TaskRuns
from perijove.client.endpoints.variables import Variables
from perijove.client.endpoints.work_pools import WorkPools


class Api(
    Artifacts,
    Automations,
    Blocks,
    ConcurrencyLimits,
    Deployments,
    Events,
    FlowRuns,
    Flows,
    Leases,
    Server,
    TaskRuns,
    Variables,
    WorkPools,
):
    """Prefect's REST API, as far as deployments need it; what each group of endpoints is about is a module's noun."""


class AsyncApi(Api, AsyncSender):
    """The same, each method to be awaited."""

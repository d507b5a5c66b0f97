"""Many clients at once: nobody is told to come back, and no run is lost or made twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from perijove import embed
from perijove.client import SyncClient, get_client
from perijove.schemas.deployments import DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import FlowRunQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.states import StateCreate, StateDetails

CLIENTS, RUNS = 16, 20
LATER = StateCreate(type="SCHEDULED", state_details=StateDetails(scheduled_time="2100-01-01T00:00:00Z"))


def test_sixteen_clients_creating_runs_get_no_errors(embedded: embed.EmbeddedServer, ours: SyncClient) -> None:
    flow = ours.create_flow(FlowCreate(name="report"))
    deployment = ours.create_deployment(DeploymentCreate(name="prod", flow_id=flow.id))

    def create(number: int) -> list[str]:
        with get_client(sync_client=True) as client:
            wanted = [DeploymentFlowRunCreate(state=LATER, idempotency_key=f"{number}-{each}") for each in range(RUNS)]
            return [str(client.create_flow_run_from_deployment(deployment.id, run).id) for run in wanted]

    with ThreadPoolExecutor(CLIENTS) as pool:
        made = Counter(run for runs in pool.map(create, range(CLIENTS)) for run in runs)
    assert len(made) == CLIENTS * RUNS
    assert ours.count_flow_runs(FlowRunQuery()) == CLIENTS * RUNS

"""Writes that were acknowledged are kept, once, whatever becomes of the server; and many at a time lose nothing."""

import contextlib
import random
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID, uuid4

from perijove import get_client
from perijove.client import SyncClient
from perijove.errors import ServerError
from perijove.schemas.filters import Among, FlowFilter, FlowRunQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.logs import LogCreate
from perijove.schemas.runs import FlowRun, FlowRunCreate
from perijove.schemas.states import State, StateCreate, StateType

from . import stage

WRITERS = 4
CROWD, READERS = 32, 8


def killed(kills: int) -> float:
    """Kill the server that four clients write to, again and again; the seconds of the longest restart."""
    flow_id = stage.patiently(lambda client: client.create_flow(FlowCreate(name=str(uuid4())))).id
    acknowledged: dict[str, UUID] = {}
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            wanted = FlowRunCreate(flow_id=flow_id, idempotency_key=str(uuid4()))
            acknowledged[str(wanted.idempotency_key)] = _insist(wanted).id

    with ThreadPoolExecutor(WRITERS) as threads:
        writing = [threads.submit(write) for _ in range(WRITERS)]
        longest = max(_kill_soon() for _ in range(kills))
        over.set()
    for each in writing:
        each.result()
    for key, run_id in acknowledged.items():
        again = FlowRunCreate(flow_id=flow_id, idempotency_key=key)
        assert stage.patiently(partial(_make, wanted=again)).id == run_id, "an acknowledged run is lost"
    of_flow = FlowRunQuery(flows=FlowFilter(id=Among(any_=[flow_id])))
    assert stage.patiently(lambda client: client.count_flow_runs(of_flow)) == len(acknowledged)
    return longest


def crowd(writes: int, clients: int = CROWD) -> float:
    """As many writes by each of the clients, while eight read and another server wants the database.

    The seconds that the slowest but one in a hundred took.
    """
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow(FlowCreate(name=str(uuid4()))).id
    over = threading.Event()
    with ThreadPoolExecutor(clients + READERS) as threads:
        reading = [threads.submit(_read, over) for _ in range(READERS)]
        writing = [threads.submit(_write, flow_id, writes) for _ in range(clients)]
        refused = subprocess.run(
            [sys.executable, "-m", "perijove.background"], capture_output=True, text=True, check=False
        )
        took = [seconds for each in writing for seconds in each.result()]
        over.set()
        for each in reading:
            each.result()
    assert "Another embedded server" in refused.stdout, refused
    with get_client(sync_client=True) as client:
        query = FlowRunQuery(flows=FlowFilter(id=Among(any_=[flow_id])))
        assert client.count_flow_runs(query) == clients * (writes // 3)
    return statistics.quantiles(took, n=100)[-1]


def _make(client: SyncClient, wanted: FlowRunCreate) -> FlowRun:
    return client.create_flow_run(wanted)


def _insist(wanted: FlowRunCreate) -> FlowRun:
    """The run, however long the server is killed each time that it is asked."""
    while True:
        with contextlib.suppress(ServerError):
            return stage.patiently(partial(_make, wanted=wanted))


def _kill_soon() -> float:
    """Kill the server within half a second; the seconds until it answers again."""
    time.sleep(random.uniform(0, 0.5))
    start = time.monotonic()
    stage.kill_server()
    return time.monotonic() - start


def _write(flow_id: UUID, writes: int) -> list[float]:
    """Create runs, change their states and log, by turns; the seconds that each took."""
    took: list[float] = []
    with get_client(sync_client=True) as client:
        for _ in range(writes // 3):
            start = time.monotonic()
            run = client.create_flow_run(FlowRunCreate(flow_id=flow_id))
            made = time.monotonic()
            client.set_flow_run_state(run.id, StateCreate(type=StateType.RUNNING))
            begun = time.monotonic()
            now = State(type=StateType.RUNNING).timestamp
            client.create_logs([LogCreate(name="n", level=20, message="m", timestamp=now, flow_run_id=run.id)])
            took += [made - start, begun - made, time.monotonic() - begun]
    return took


def _read(over: threading.Event) -> None:
    with get_client(sync_client=True) as client:
        while not over.is_set():
            client.read_flow_runs(FlowRunQuery(limit=20))

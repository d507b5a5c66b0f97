"""Every instant of a schedule has one run, whatever is done to the schedule, to the server and to the clock."""

import asyncio
import random
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import takewhile
from pathlib import Path
from uuid import UUID, uuid4

import time_machine
from sqlalchemy import Connection

from perijove import clock, recurrence
from perijove.client import SyncClient
from perijove.schemas.deployments import DeploymentCreate, DeploymentUpdate
from perijove.schemas.filters import Among, FlowRunFilter, FlowRunQuery, FlowRunSort
from perijove.schemas.flows import FlowCreate
from perijove.schemas.schedules import Catchup, CronSchedule, DeploymentScheduleCreate, IntervalSchedule
from perijove.server.services import deploying
from perijove.server.services.scheduler import MOST_RUNS, Scheduler
from perijove.server.services.signals import Signals
from perijove.server.storage import flow_runs, flows
from perijove.server.storage.database import Database

from . import stage

MINUTELY = CronSchedule(cron="* * * * *")
CLIENTS = 4
HOUR = timedelta(hours=1)
LEAPS = (HOUR, -HOUR, timedelta(days=30), timedelta(minutes=-10), timedelta(minutes=7), timedelta(minutes=170))
AHEAD = 4
"""Runs that were made ahead, and are due beside those that are caught up with."""


def redeployed(times: int) -> float:
    """Redeploy, pause, resume and edit a deployment by four clients, and kill the server; the seconds that it took."""
    start = time.monotonic()
    flow_id = stage.patiently(lambda client: client.create_flow(FlowCreate(name=str(uuid4())))).id
    deployment_id = stage.patiently(lambda client: _redeploy(client, flow_id, MINUTELY))
    over = threading.Event()

    def kill() -> None:
        while not over.wait(random.uniform(1, 3)):
            stage.kill_server()

    disturb = partial(_disturb, flow_id=flow_id, deployment_id=deployment_id)
    with ThreadPoolExecutor(CLIENTS + 1) as threads:
        killing = threads.submit(kill)
        list(threads.map(lambda _: stage.patiently(disturb), range(times)))
        over.set()
    killing.result()
    stage.patiently(lambda client: client.resume_deployment(deployment_id))
    stage.patiently(lambda client: _redeploy(client, flow_id, MINUTELY))
    now = clock.now()
    query = FlowRunQuery(flow_runs=FlowRunFilter(deployment_id=Among(any_=[deployment_id])))
    runs = stage.patiently(lambda client: client.read_flow_runs(query))
    found = sorted(run.expected_start_time for run in runs if run.expected_start_time)
    ahead = [instant for instant in found if now < instant <= now + HOUR]
    wanted = list(takewhile(lambda instant: instant <= now + HOUR, recurrence.instants(MINUTELY, now)))
    assert ahead == wanted, "a schedule's instant has no run, or two"
    assert len(set(found)) == len(found)
    return time.monotonic() - start


def _redeploy(client: SyncClient, flow_id: UUID, schedule: CronSchedule) -> UUID:
    schedules = [DeploymentScheduleCreate(schedule=schedule)]
    return client.create_deployment(DeploymentCreate(name="d", flow_id=flow_id, paused=False, schedules=schedules)).id


def _disturb(client: SyncClient, flow_id: UUID, deployment_id: UUID) -> None:
    match random.randrange(5):
        case 0:
            client.pause_deployment(deployment_id)
        case 1:
            client.resume_deployment(deployment_id)
        case 2:
            client.update_deployment(deployment_id, DeploymentUpdate(description=str(uuid4())))
        case 3:
            _redeploy(client, flow_id, CronSchedule(cron="*/2 * * * *"))
        case _:
            _redeploy(client, flow_id, MINUTELY)


def clock_jumped(jumps: int) -> float:
    """Let the clock jump about; the seconds of the longest look of the scheduler at what it has to do then."""
    with tempfile.TemporaryDirectory(prefix="perijove-chaos-") as place:
        return asyncio.run(_clock_jumped(Path(place), jumps))


async def _clock_jumped(place: Path, jumps: int) -> float:
    database = Database(place / "p.db")
    scheduler, longest = Scheduler(database, Signals()), 0.0
    hourly = IntervalSchedule(interval=HOUR, anchor_date=datetime(2026, 1, 1, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 1, 1, 0, 30, tzinfo=UTC), tick=False) as travelled:
        flow, _ = await database.write(lambda connection: flows.ensure(connection, FlowCreate(name="f")))
        schedules = [DeploymentScheduleCreate(schedule=hourly, catchup=Catchup.ALL)]
        wanted = DeploymentCreate(name="d", flow_id=flow.id, schedules=schedules)
        await database.write(lambda connection: deploying.create(connection, wanted))
        latest = clock.now()
        for _ in range(jumps):
            travelled.shift(random.choice(LEAPS))
            start = time.perf_counter()
            await scheduler.refill()
            longest = max(longest, time.perf_counter() - start)
            await database.read(partial(_check, before=latest, now=clock.now()))
            latest = max(latest, clock.now())
    database.close()
    return longest


def _check(connection: Connection, before: datetime, now: datetime) -> None:
    """What was due since the latest time that there ever was has its runs, as many as are caught up with, and once."""
    query = FlowRunQuery(sort=FlowRunSort.EXPECTED_START_TIME_DESC)
    found = [run.expected_start_time for run in flow_runs.search(connection, query) if run.expected_start_time]
    assert len(set(found)) == len(found), "an instant has two runs"
    caught_up = len([instant for instant in found if before < instant <= now])
    due = max(int((now - before) / HOUR), 0)
    assert min(due, MOST_RUNS) <= caught_up <= MOST_RUNS + AHEAD, f"{due} were due, and {caught_up} are there"

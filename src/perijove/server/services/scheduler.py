"""Make the runs of schedules ahead of their time, as many as Prefect keeps, and each slot once.

A schedule that is new or changed gets its runs in the transaction that changes it; this loop only refills those whose
runs run out, and sleeps until the first of them will.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import takewhile
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Connection

from perijove import clock, recurrence
from perijove.errors import ScheduleError
from perijove.schemas.deployments import Deployment
from perijove.schemas.schedules import (
    FEWEST_RUNS,
    MOST_RUNS,
    SHORTEST_REACH,
    Catchup,
    DeploymentSchedule,
    RunsAhead,
    Schedule,
)
from perijove.schemas.states import State, StateDetails, StateName, StateType
from perijove.server.services.signals import RUNS, SCHEDULES, Signals, sleep_until
from perijove.server.storage import deployments, flow_runs
from perijove.server.storage.database import Database

LONGEST_REACH = timedelta(days=100)
AWAY = timedelta(seconds=30)
"""After how much more than it should, the scheduler knows that no server was there, or that the computer slept."""

_BATCH = 100
_REACHES = (timedelta(minutes=2), timedelta(hours=1), timedelta(days=1), timedelta(days=30))

log = logging.getLogger(__name__)


_OFF = "scheduler is off"


def switch_off(connection: Connection) -> None:
    """Have no runs made on this connection, for as long as it lives, but those that are asked for."""
    connection.info[_OFF] = True


def slot(schedule: Schedule, parameters: dict[str, object]) -> str:
    """What a schedule says, hashed. With an instant it names a run's place, whatever rows come and go."""
    return sha256(to_json([schedule.model_dump(mode="json"), parameters])).hexdigest()


def reset(connection: Connection, deployment_id: UUID, *, future_only: bool = True) -> None:
    """Delete the deployment's automatic runs that have not begun, and make those that its schedules now ask for."""
    flow_runs.remove_scheduled(connection, deployment_id, after=clock.now() if future_only else None)
    deployment = deployments.read(connection, deployment_id)
    if not deployment.paused and not connection.info.get(_OFF):
        for schedule in deployment.schedules:
            if schedule.active:
                refill(connection, deployment, schedule)


def refill(connection: Connection, deployment: Deployment, schedule: DeploymentSchedule) -> None:
    """Make the runs that the schedule lacks, and note when it will need more."""
    now = clock.now()
    most = min(MOST_RUNS, schedule.max_scheduled_runs or MOST_RUNS)
    ahead = list(_ahead(schedule.schedule, RunsAhead(start_time=now, max_runs=most)))
    _fill(connection, deployment, schedule, ahead)
    deployments.set_refill(connection, schedule.id, _needed_again(ahead))


def make(connection: Connection, deployment_id: UUID, wanted: RunsAhead) -> None:
    """Make the runs that are asked for, of each schedule in force, paused deployment or not; raises NotFound."""
    deployment = deployments.read(connection, deployment_id)
    for schedule in deployment.schedules:
        if schedule.active:
            _fill(connection, deployment, schedule, list(_ahead(schedule.schedule, wanted)))


def _fill(
    connection: Connection, deployment: Deployment, schedule: DeploymentSchedule, instants: Sequence[datetime]
) -> None:
    """Make the runs of these instants that are not there: of a schedule that goes on, most are."""
    name = slot(schedule.schedule, schedule.parameters)
    lacking = flow_runs.open_slots(connection, deployment.id, name, instants)
    flow_runs.add_scheduled(connection, list(_runs(deployment, schedule, lacking)))


def _catch_up(connection: Connection, deployment: Deployment, schedule: DeploymentSchedule, since: datetime) -> None:
    """Keep, of the runs that were due while no server was there, those that the schedule says."""
    now = clock.now()
    most = {Catchup.LATEST: 1, Catchup.ALL: MOST_RUNS, Catchup.NONE: 0}[schedule.catchup]
    kept = _last(schedule.schedule, since, now, most)
    name = slot(schedule.schedule, schedule.parameters)
    gone = flow_runs.remove_missed(connection, deployment.id, name, since=since, until=now, keep=kept)
    _fill(connection, deployment, schedule, kept)
    if gone:
        log.warning("%d runs of %s were missed and are left out (catchup %s)", gone, deployment.name, schedule.catchup)


def _last(schedule: Schedule, since: datetime, until: datetime, most: int) -> list[datetime]:
    """The last instants of the schedule in a span, at most so many. It is looked through from its end, in steps that
    grow, so that a year's worth of seconds costs no more than a day's worth of hours."""
    found: list[datetime] = []
    for reach in (*_REACHES, until - since):
        begin = max(since, until - reach) - timedelta(microseconds=1)
        found = list(takewhile(lambda instant: instant <= until, recurrence.instants(schedule, begin)))
        if len(found) >= most or begin < since:
            break
    return found[-most:] if most else []


def _ahead(schedule: Schedule, wanted: RunsAhead) -> Iterable[datetime]:
    """The instants to have runs for: both as many and as far as they have to reach."""
    start = wanted.start_time or clock.now()
    end, enough = wanted.end_time or start + LONGEST_REACH, start + wanted.min_time
    for number, instant in enumerate(recurrence.instants(schedule, start), start=1):
        if instant > end or number > wanted.max_runs:
            return
        yield instant
        if number >= wanted.min_runs and instant >= enough:
            return


def _needed_again(ahead: list[datetime]) -> datetime | None:
    """When fewer than FEWEST_RUNS are left, or they reach less than an hour ahead; None after a schedule's end."""
    if not ahead:
        return None
    return min(ahead[-min(FEWEST_RUNS, len(ahead))], max(ahead[-1] - SHORTEST_REACH, ahead[0]))


def _runs(
    deployment: Deployment, schedule: DeploymentSchedule, instants: Iterable[datetime]
) -> Iterator[tuple[dict[str, Any], State]]:
    """A run for each instant, as it is stored, with its state."""
    name = slot(schedule.schedule, schedule.parameters)
    shared = {
        "deployment_id": deployment.id,
        "deployment_version": deployment.version,
        "work_queue_id": deployment.work_queue_id,
        "parameters": {**deployment.parameters, **schedule.parameters},
        "tags": ["auto-scheduled", *deployment.tags],
        "labels": {**deployment.labels, "prefect.deployment.id": str(deployment.id)},
        "auto_scheduled": True,
        "created_by": {
            "id": str(schedule.id),
            "type": "SCHEDULE",
            "display_value": schedule.slug or type(schedule.schedule).__name__,
        },
        "slot": name,
    }
    for instant in instants:
        due = {"expected_start_time": instant, "next_scheduled_start_time": instant, "scheduled_for": instant}
        key = f"scheduled {deployment.id} {name[:16]} {instant.isoformat()}"
        row = flow_runs.new_row(deployment.flow_id, {**shared, **due, "idempotency_key": key})
        details = StateDetails(scheduled_time=instant, flow_run_id=row["id"])
        state = State(type=StateType.SCHEDULED, message="Flow run scheduled", state_details=details)
        row |= {"state_id": state.id, "state_type": state.type.value, "state_name": StateName.SCHEDULED.value}
        yield {**row, "state_timestamp": state.timestamp}, state


class Scheduler:
    """The loop that refills schedules."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self._database = database
        self._signals = signals

    async def run(self) -> None:
        """Refill until cancelled."""
        with self._signals.listen(SCHEDULES) as changed:
            while True:
                changed.clear()
                await self.refill()
                await sleep_until(await self._database.read(deployments.next_refill), changed)

    async def refill(self) -> None:
        """Make the runs that are lacking now, and decide on those that were missed."""
        while await self._database.write(self._refill_some):
            self._signals.notify(RUNS)

    def _refill_some(self, connection: Connection) -> int:
        wanting = deployments.to_refill(connection, clock.now(), _BATCH)
        for schedule, since in wanting:
            assert schedule.deployment_id is not None  # noqa: S101  (its column is NOT NULL)
            deployment = deployments.read(connection, schedule.deployment_id)
            try:
                if clock.now() - since > AWAY:
                    _catch_up(connection, deployment, schedule, since)
                refill(connection, deployment, schedule)
            except ScheduleError as error:
                log.warning("Deployment %s has a schedule that can't be followed: %s", deployment.id, error)
                deployments.set_refill(connection, schedule.id, None)
        return len(wanting)

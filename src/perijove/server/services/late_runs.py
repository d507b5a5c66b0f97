"""Tell of runs that should have begun and have not: they become Late, and run all the same."""

import asyncio
from datetime import timedelta

from sqlalchemy import Connection

from perijove import clock
from perijove.schemas.states import StateCreate, StateDetails, StateName, StateType
from perijove.server.services import orchestration
from perijove.server.services.signals import RUNS, Signals, sleep_until
from perijove.server.storage import flow_runs
from perijove.server.storage.database import Database

GRACE = timedelta(seconds=15)

PAUSE = 1.0
"""Seconds from news of runs to the look at them, which does for all that came meanwhile: what is new is not late."""


class LateRuns:
    """The loop that marks runs as late."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self._database = database
        self._signals = signals

    async def run(self) -> None:
        """Mark until cancelled; asleep until the first waiting run would be late."""
        with self._signals.listen(RUNS) as changed:
            while True:
                changed.clear()
                first = await self._database.read(flow_runs.first_waiting)
                if first is not None and first + GRACE <= clock.now():
                    self._signals.notify(*await self._database.write(_mark_some))
                else:
                    await sleep_until(first + GRACE if first else None, changed)
                    if changed.is_set():
                        await asyncio.sleep(PAUSE)


def _mark_some(connection: Connection) -> list[object]:
    overdue = flow_runs.overdue(connection, clock.now() - GRACE)
    for run in overdue:
        details = StateDetails(scheduled_time=run.next_scheduled_start_time)
        late = StateCreate(type=StateType.SCHEDULED, name=StateName.LATE, state_details=details)
        orchestration.enter(connection, run, late)
    return [run.id for run in overdue]

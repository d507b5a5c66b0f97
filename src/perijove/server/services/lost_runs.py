"""Find the runs of others' workers that are lost, and say so: they become Crashed, with the reason."""

import asyncio

from sqlalchemy import Connection

from perijove import clock
from perijove.schemas.runs import FlowRun
from perijove.server.rules import lost
from perijove.server.services import orchestration
from perijove.server.services.signals import SLOTS, Signals
from perijove.server.storage import flow_runs, logs, task_runs, work_pools
from perijove.server.storage.database import Database

PAUSE = 30.0
"""Seconds between two looks."""


class LostRuns:
    """The loop that looks for them."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self._database = database
        self._signals = signals

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            if await self._database.read(_lost):
                ended = await self._database.write(bury)
                self._signals.notify(SLOTS, *(run.id for run in ended))
            await asyncio.sleep(PAUSE)


def bury(connection: Connection) -> list[FlowRun]:
    """Put every lost run into the state that it belongs in, and return them."""
    found = _lost(connection)
    for run in found:
        if state := lost.verdict(_signs(connection, run), clock.now()):
            orchestration.enter(connection, run, state)
    return found


def _lost(connection: Connection) -> list[FlowRun]:
    now = clock.now()
    unleased = flow_runs.unleased(connection, quiet_since=now - min(lost.CANCELLING_FOR, lost.SILENT_FOR))
    return [run for run in unleased if lost.verdict(_signs(connection, run), now)]


def _signs(connection: Connection, run: FlowRun) -> lost.Signs:
    assert run.state is not None  # noqa: S101  (only runs under way are asked about)
    worker = run.labels.get("prefect.worker.name")
    gone = work_pools.gone_since(connection, run.work_pool_id, worker) if worker and run.work_pool_id else None
    words = (logs.last_of(connection, run.id), task_runs.last_of(connection, run.id))
    last_word = max((word for word in words if word is not None), default=run.state.timestamp)
    return lost.Signs(run.state.type, run.state.timestamp, last_word, worker, gone)

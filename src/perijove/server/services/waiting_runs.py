"""Call the runs that wait for a slot as soon as one comes free, in the order of their times."""

from sqlalchemy import Connection

from perijove import clock
from perijove.schemas.states import StateCreate, StateDetails, StateName, StateType
from perijove.server.services import limiting, orchestration
from perijove.server.services.signals import RUNS, SLOTS, Signals
from perijove.server.storage import flow_runs
from perijove.server.storage.database import Database


class WaitingRuns:
    """The loop that calls them."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self._database = database
        self._signals = signals

    async def run(self) -> None:
        """Call until cancelled; asleep until some run ends or some limit is changed."""
        with self._signals.listen(SLOTS) as changed:
            while True:
                changed.clear()
                if await self._database.read(flow_runs.awaiting_slots):
                    called = await self._database.write(_call)
                    self._signals.notify(*called, *([RUNS] if called else []))
                await changed.wait()


def _call(connection: Connection) -> list[object]:
    """Let the first run that nothing holds up any more be due, and return its id."""
    now = clock.now()
    for run in flow_runs.awaiting_slots(connection):
        is_due = run.next_scheduled_start_time is not None and run.next_scheduled_start_time <= now
        if is_due or limiting.queue(connection, run) is not None:
            continue
        due = StateCreate(
            type=StateType.SCHEDULED,
            name=StateName.AWAITING_CONCURRENCY_SLOT,
            state_details=StateDetails(scheduled_time=now),
        )
        orchestration.enter(connection, run, due)
        return [run.id]
    return []

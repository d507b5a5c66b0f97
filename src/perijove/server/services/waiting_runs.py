"""Call the runs that wait for a slot as soon as one comes free, in the order of their times.

Those that must wait on are put off before they come due, in the state that they have: whoever fetched them would only
be told once more to wait, and each time would be a state in their history and an event.
"""

from datetime import timedelta

from sqlalchemy import Connection

from perijove import clock
from perijove.schemas.states import StateCreate, StateDetails, StateName, StateType
from perijove.server.rules.transitions import SLOT_WAIT
from perijove.server.services import limiting, orchestration
from perijove.server.services.signals import RUNS, SLOTS, Signals, sleep_until
from perijove.server.storage import flow_runs
from perijove.server.storage.database import Database

LOOK = 10.0
"""Seconds between two looks, where nobody tells of a slot: some come free by the passing of time alone."""

EARLY = timedelta(seconds=20)
"""How long before it is due a run is put off: more than a look apart and than Prefect's workers fetch ahead, ten each.
"""


class WaitingRuns:
    """The loop that calls them, or puts them off."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self._database = database
        self._signals = signals

    async def run(self) -> None:
        """Call until cancelled."""
        with self._signals.listen(SLOTS) as changed:
            while True:
                changed.clear()
                if await self._database.read(flow_runs.awaiting_slots):
                    called = await self._database.write(call)
                    self._signals.notify(*called, *([RUNS] if called else []))
                await sleep_until(None, changed, at_most=LOOK)


def call(connection: Connection) -> list[object]:
    """Let the first run that nothing holds up any more be due, and return its id; the others go on waiting."""
    now = clock.now()
    flow_runs.put_off_waiting(connection, until=now + SLOT_WAIT, due_between=(now, now + EARLY))
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

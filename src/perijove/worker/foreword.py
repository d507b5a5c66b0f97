"""What a worker says in a run's log before the run has a process of its own."""

import logging
from contextlib import suppress

from perijove import clock
from perijove.errors import ServerError
from perijove.schemas.logs import LogCreate
from perijove.worker.connection import Connection
from perijove.worker.launch import Launch


async def say(launch: Launch, message: str) -> None:
    """Add a line to the run's log, if its server is there to take it."""
    entry = LogCreate(
        name="perijove.worker",
        level=logging.INFO,
        message=message,
        timestamp=clock.now(),
        flow_run_id=launch.run_id,
    )
    with suppress(ServerError):
        async with Connection(launch.target) as connection:
            await connection.call(lambda api: api.create_logs([entry]), patience=0.0)

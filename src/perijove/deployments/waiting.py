"""Wait for a run to end: by requests that the server holds, or by asking again where it holds none."""

import asyncio
import math

from perijove import clock
from perijove.client import AsyncClient, Target, targets
from perijove.errors import ServerUnavailable
from perijove.schemas.runs import FlowRun

HOLD = 30.0
"""Seconds for which one request asks to be held."""

PATIENCE = 60.0
"""Seconds for which a server that went away is looked for: it may be starting anew."""

_SLACK = 0.05  # seconds; an answer without news that comes sooner than asked, by more than this, was not held
_PAUSE = 0.5


async def until_final(target: Target, run: FlowRun, *, timeout: float | None, poll_interval: float) -> FlowRun:  # noqa: ASYNC109
    """The run as last read: ended, or as it was when ``timeout`` seconds had passed (None: no limit).

    Raises ServerUnavailable when the server stays away, and NotFound when the run was deleted.
    """
    deadline = math.inf if timeout is None else clock.monotonic() + timeout
    lost_at: float | None = None
    while not is_final(run) and clock.monotonic() < deadline:
        try:
            async with AsyncClient(targets.found_again(target)) as client:
                while not is_final(run) and (left := deadline - clock.monotonic()) > 0:
                    run, lost_at = await _news(client, run, min(left, HOLD), poll_interval), None
        except ServerUnavailable:
            lost_at = lost_at or clock.monotonic()
            if clock.monotonic() - lost_at > PATIENCE:
                raise
            await asyncio.sleep(_PAUSE)
    return run


def is_final(run: FlowRun) -> bool:
    """Whether the run is over."""
    return run.state is not None and run.state.is_final


async def _news(client: AsyncClient, run: FlowRun, hold: float, poll_interval: float) -> FlowRun:
    asked = clock.monotonic()
    latest = await client.read_flow_run(run.id, wait=hold, until_final=True)
    early = hold - (clock.monotonic() - asked)
    if not is_final(latest) and early > _SLACK:
        await asyncio.sleep(min(poll_interval, early))
    return latest

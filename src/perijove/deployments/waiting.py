"""Wait for a run to end: by requests that the server holds, or by asking again where it holds none."""

import asyncio
import math

from perijove import clock
from perijove.client import AsyncClient
from perijove.schemas.runs import FlowRun

HOLD = 30.0
"""Seconds for which one request asks to be held."""

_SLACK = 0.05  # seconds; an answer without news that comes sooner than asked, by more than this, was not held


async def until_final(client: AsyncClient, run: FlowRun, *, timeout: float | None, poll_interval: float) -> FlowRun:  # noqa: ASYNC109
    """The run as last read: ended, or as it was when ``timeout`` seconds had passed (None: no limit)."""
    deadline = math.inf if timeout is None else clock.monotonic() + timeout
    while not is_final(run) and (left := deadline - clock.monotonic()) > 0:
        run = await _news(client, run, min(left, HOLD), poll_interval)
    return run


def is_final(run: FlowRun) -> bool:
    """Whether the run is over."""
    return run.state is not None and run.state.is_final


async def _news(client: AsyncClient, run: FlowRun, hold: float, poll_interval: float) -> FlowRun:
    asked = clock.monotonic()
    latest = await client.read_flow_run(run.id, wait=hold, unless=run.state_id)
    early = hold - (clock.monotonic() - asked)
    if latest.state_id == run.state_id and early > _SLACK:
        await asyncio.sleep(min(poll_interval, early))
    return latest

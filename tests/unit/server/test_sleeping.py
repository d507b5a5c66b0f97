"""A service that sleeps until something happens is stopped whenever its server stops, also as it happens."""

import asyncio

import pytest

from perijove.server.services.signals import sleep_until

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("steps", range(5))
async def test_an_end_that_comes_as_the_event_does_is_not_lost(steps: int) -> None:
    event = asyncio.Event()
    sleeping = asyncio.create_task(sleep_until(None, event, at_most=60))
    await asyncio.sleep(0.01)
    event.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    had_woken = sleeping.done()
    sleeping.cancel()
    await asyncio.wait([sleeping])
    assert had_woken or sleeping.cancelled()

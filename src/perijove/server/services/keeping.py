"""Keep a service running: one bad moment, such as a full disk, must not end it for good."""

import asyncio
import logging
from typing import Protocol

PAUSE = 1.0
"""Seconds between a service's failure and its next try."""

log = logging.getLogger(__name__)


class Service(Protocol):
    """A loop that runs until it is cancelled."""

    async def run(self) -> None:
        """Do its work for ever."""


async def keep_running(service: Service) -> None:
    """Run the service, again after each failure, until cancelled."""
    while True:
        try:
            await service.run()
        except Exception:
            log.exception("%s failed, and goes on in %g s", type(service).__name__, PAUSE)
            await asyncio.sleep(PAUSE)

"""``Prefer: wait=SECONDS`` (RFC 7240): an answer that may be held until there is one worth giving."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header

from perijove import clock
from perijove.server.services.signals import Signals, sleep_until

LONGEST = 60.0
"""Seconds that an answer is held at most."""

EVER = datetime.max.replace(tzinfo=UTC)
"""Up to when runs are given to who doesn't say, and doesn't wait either: Prefect's commands preview them."""

_WAIT = re.compile(r"(?:^|[;,\s])wait\s*=\s*\"?(\d+(?:\.\d+)?)\"?", re.IGNORECASE)


async def _seconds(prefer: Annotated[str | None, Header()] = None) -> float:
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), LONGEST) if found else 0.0


Patience = Annotated[float, Depends(_seconds)]
"""Seconds that the client would have its answer held; 0: none."""


class Hold:
    """An answer that is held for ``patience`` seconds at most, and no longer than the server lives."""

    def __init__(self, patience: float, signals: Signals) -> None:
        self._until = clock.monotonic() + patience
        self._signals = signals

    @property
    def is_over(self) -> bool:
        """Whether it is time to answer with what there is."""
        return self._signals.closed or clock.monotonic() >= self._until

    async def until_changed(self, event: asyncio.Event, first: datetime | None = None) -> None:
        """Wait for the event, for the instant ``first`` (None: never) or for the end of the hold."""
        await sleep_until(first, event, at_most=self._until - clock.monotonic())
        event.clear()

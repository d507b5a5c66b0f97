"""``Prefer: wait=SECONDS`` (RFC 7240): an answer that may be held until there is one worth giving."""

import re
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Header

from perijove import clock

LONGEST = 60.0
"""Seconds that an answer is held at most."""

_WAIT = re.compile(r"(?:^|[;,\s])wait\s*=\s*\"?(\d+(?:\.\d+)?)\"?", re.IGNORECASE)


async def _seconds(prefer: Annotated[str | None, Header()] = None) -> float:
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), LONGEST) if found else 0.0


Patience = Annotated[float, Depends(_seconds)]
"""Seconds that the client would have its answer held; 0: none."""


def deadline(patience: float) -> float:
    """The monotonic instant at which a patient client gets its answer, whatever it is."""
    return clock.monotonic() + patience


def left(until: float) -> timedelta:
    """What is left until then."""
    return timedelta(seconds=max(0.0, until - clock.monotonic()))

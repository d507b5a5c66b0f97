"""The only module that asks what time it is, so that a test can answer for it."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The wall clock's instant, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never run backwards: for timeouts and durations, never for instants."""
    return time.monotonic()

"""How fast one automation may start runs: a storm of events becomes a queue of runs, not a stampede."""

from datetime import datetime, timedelta

BURST = 100
"""Runs that may start at once."""

INTERVAL = timedelta(milliseconds=100)
"""The time between two runs in the long run: six hundred a minute."""


def next_start(paced_until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """When the next run may start, and what ``paced_until`` becomes by it (the generic cell rate algorithm)."""
    until = max(paced_until or now, now) + INTERVAL
    return max(now, until - BURST * INTERVAL), until

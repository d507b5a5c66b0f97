"""Runs over time: how many were in which state in each interval, and for how long."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from perijove.schemas.base import Instant, Model
from perijove.schemas.filters import Query
from perijove.schemas.states import StateType

MOST_INTERVALS = 500


def _long_enough(interval: timedelta) -> timedelta:
    if interval < timedelta(seconds=1):
        raise ValueError("History interval must not be less than 1 second")
    return interval


Interval = Annotated[timedelta, AfterValidator(_long_enough)]


class HistoryQuery(Query):
    """Runs whose expected start is in the given time, in intervals of so many seconds, the first 500 of them."""

    history_start: Instant
    history_end: Instant
    history_interval_seconds: Interval


class HistoryState(Model):
    """The runs of an interval that are in one state; the sums are seconds."""

    state_type: StateType | None
    state_name: str | None
    count_runs: int
    sum_estimated_run_time: float
    sum_estimated_lateness: float


class HistoryInterval(Model):
    interval_start: Instant
    interval_end: Instant
    states: list[HistoryState] = Field(default_factory=list)

"""Runs counted over time in the database."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Table, case, cast, func, literal, select

from perijove import clock
from perijove.schemas.filters import Query
from perijove.schemas.history import MOST_INTERVALS, HistoryInterval, HistoryQuery, HistoryState
from perijove.schemas.states import FINAL, StateType
from perijove.server.storage import filters
from perijove.server.storage.tables import Moment, flow_runs, task_runs

_MICROSECOND = timedelta(microseconds=1)
_FINAL = [state.value for state in FINAL]


def of_flow_runs(connection: Connection, query: HistoryQuery) -> list[HistoryInterval]:
    """The flow runs that the query asks for."""
    return _history(connection, flow_runs, filters.of_flow_runs(query), query)


def of_task_runs(connection: Connection, query: HistoryQuery) -> list[HistoryInterval]:
    """The task runs that the query asks for."""
    return _history(connection, task_runs, filters.of_task_runs(query), query)


def average_lateness(connection: Connection, query: Query) -> float | None:
    """How many seconds later than expected the flow runs that the query asks for began; None when there are none."""
    late = func.avg(_lateness(flow_runs, clock.now()))
    average = connection.scalar(select(late).where(filters.of_flow_runs(query), flow_runs.c.start_time.is_not(None)))
    return None if average is None else average / 1e6


def _history(
    connection: Connection, runs: Table, wanted: ColumnElement[bool], query: HistoryQuery
) -> list[HistoryInterval]:
    spans = list(_intervals(query))
    if not spans:
        return []
    begin, end, now = spans[0][0], spans[-1][1], clock.now()
    width = query.history_interval_seconds // _MICROSECOND
    number = cast((_number(runs.c.expected_start_time) - _number(literal(begin, Moment))) / width, Integer)
    counted = select(
        number.label("number"),
        runs.c.state_type,
        runs.c.state_name,
        func.count().label("count_runs"),
        func.sum(_run_time(runs, now)).label("run_time"),
        func.sum(_lateness(runs, now)).label("lateness"),
    ).where(wanted, runs.c.expected_start_time >= begin, runs.c.expected_start_time < end)
    states: dict[int, list[HistoryState]] = defaultdict(list)
    for row in connection.execute(counted.group_by("number", runs.c.state_type, runs.c.state_name)):
        states[row.number].append(_state(row))
    return [
        HistoryInterval(interval_start=start, interval_end=stop, states=states[place])
        for place, (start, stop) in enumerate(spans)
    ]


def _state(row: Any) -> HistoryState:
    return HistoryState(
        state_type=row.state_type,
        state_name=row.state_name,
        count_runs=row.count_runs,
        sum_estimated_run_time=row.run_time / 1e6,
        sum_estimated_lateness=row.lateness / 1e6,
    )


def _intervals(query: HistoryQuery) -> Iterator[tuple[datetime, datetime]]:
    start = query.history_start
    for _ in range(MOST_INTERVALS):
        if start >= query.history_end:
            return
        stop = start + query.history_interval_seconds
        yield start, stop
        start = stop


def _number(moment: ColumnElement[Any]) -> ColumnElement[int]:
    """The microseconds that an instant, or a length of time, is kept as."""
    return cast(moment, Integer)


def _run_time(runs: Table, now: datetime) -> ColumnElement[int]:
    since = _number(literal(now, Moment)) - _number(runs.c.state_timestamp)
    running = case((runs.c.state_type == StateType.RUNNING.value, since), else_=0)
    return _number(runs.c.total_run_time) + running


def _lateness(runs: Table, now: datetime) -> ColumnElement[int]:
    """Microseconds that a run began after its time, or waits beyond it."""
    expected = _number(runs.c.expected_start_time)
    over = runs.c.state_type.in_(_FINAL)
    began = func.coalesce(_number(runs.c.start_time), case((over, expected), else_=_number(literal(now, Moment))))
    return func.max(began - expected, 0)

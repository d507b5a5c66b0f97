"""How many runs begin in each hour of an agenda's days, over all of its deployments."""

from collections.abc import Sequence
from datetime import timedelta

from perijove.schemas.history import HistoryInterval
from perijove.schemas.states import StateType
from perijove.widgets.agenda import Agenda, Mark

HOUR = timedelta(hours=1)

_BAD = (StateType.FAILED, StateType.CRASHED)


def hours(agenda: Agenda, counted: Sequence[HistoryInterval] | None) -> list[list[float]]:
    """For each hour the runs, and those of them that failed. ``counted``: past runs, where not all are in the lanes."""
    count = round((agenda.days[-1] - agenda.days[0]) / HOUR) if agenda.days else 0
    load = [[0.0, 0.0] for _ in range(count)]

    def add(start: timedelta, runs: float, bad: float) -> None:
        number = start // HOUR
        if 0 <= number < count:
            load[number][0] += runs
            load[number][1] += bad

    for lane in agenda.lanes:
        for mark in lane.coming if counted is not None else (*lane.past, *lane.coming):
            for number in range(pieces := _pieces(mark)):
                start = mark.start + number * HOUR
                add(start - agenda.days[0], mark.count / pieces, mark.state_type in _BAD)
    for interval in counted or ():
        for state in interval.states:
            bad = state.count_runs if state.state_type in _BAD else 0
            add(interval.interval_start - agenda.days[0], state.count_runs, bad)
    return [[round(each, 1) for each in pair] for pair in load]


def _pieces(mark: Mark) -> int:
    """The hours that a stretch is spread over; a single run begins in one."""
    return max(1, round((mark.end - mark.start) / HOUR)) if mark.count > 1 else 1

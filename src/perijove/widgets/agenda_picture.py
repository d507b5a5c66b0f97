"""An agenda as text, and as HTML without script: for terminals, saved notebooks, and pages that know no widgets.

Jupyter cleans HTML that it does not trust: what is used here comes through, as in ``picture``.
"""

import html as markup
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from perijove.deployments.table import Table, plain
from perijove.deployments.words import moment
from perijove.widgets.agenda import Agenda, Clash, Lane, Mark, repeated
from perijove.widgets.picture import BOX, SIGNS, colour

MOST_LANES = 50
MOST_CLASHES = 10
MOST_MARKS = 400
"""Of one lane, in HTML."""

_COMING = "#78909c"
_CLASH = "#ef6c00"
_FAINT = "color: var(--jp-ui-font-color2, #757575)"
_LEGEND = "green: completed, red: failed, blue: running, grey-blue: to come, orange: to come, and in a clash"
_CELL = "text-align: left; vertical-align: top; width: 22%; padding: 2px 8px 2px 0; overflow-wrap: anywhere"


def text(agenda: Agenda, notes: Sequence[str], zone: tzinfo | None) -> str:
    """A row a deployment, a column a day: how many runs, the past ones by their states."""
    days = agenda.days
    columns = ("deployment", *(_day(day, zone) for day in days[:-1]))
    rows = [(lane.name, *_counts(lane, days)) for lane in agenda.lanes[:MOST_LANES]]
    return str(
        Table(rows, columns, title=_title(agenda, zone), notes=[*_clash_lines(agenda, zone), *_more(agenda), *notes])
    )


def html(agenda: Agenda, notes: Sequence[str], zone: tzinfo | None) -> str:
    """A lane a deployment, its runs to scale."""
    lanes = "".join(_row(lane, agenda) for lane in agenda.lanes[:MOST_LANES])
    table = f'<table style="width: 100%">{_head(agenda, zone)}{lanes}</table>' if lanes else ""
    told = [*([_LEGEND] if lanes else []), *_clash_lines(agenda, zone), *_more(agenda), *notes]
    below = "".join(f'<div style="{_FAINT}">{markup.escape(plain(each))}</div>' for each in told)
    title = markup.escape(_title(agenda, zone))
    return f'<div class="perijove-picture" style="{BOX}"><div><b>{title}</b></div>{table}{below}</div>'


def _title(agenda: Agenda, zone: tzinfo | None) -> str:
    if not agenda.lanes:
        return "No deployment has any runs in these two weeks."
    first, last = (each.astimezone(zone) for each in (agenda.days[0], agenda.days[-2]))
    return f"Runs from {first:%a %d %b} to {last:%a %d %b %Y} ({zone or last.tzname()})"


def _day(day: datetime, zone: tzinfo | None) -> str:
    return f"{day.astimezone(zone):%a %d}"


def _more(agenda: Agenda) -> list[str]:
    left = len(agenda.lanes) - MOST_LANES
    return [f"and {left:,} more deployments"] if left > 0 else []


def _clash_lines(agenda: Agenda, zone: tzinfo | None) -> list[str]:
    found = repeated(agenda.clashes)
    lines = [_clash_line(clash, times, zone) for clash, times in found[:MOST_CLASHES]]
    left = len(found) - MOST_CLASHES
    return [*lines, *([f"and {left:,} more clashes"] if left > 0 else [])]


def _clash_line(clash: Clash, times: int, zone: tzinfo | None) -> str:
    named = ", ".join(clash.names[:4]) + (f" and {len(clash.names) - 4} more" if len(clash.names) > 4 else "")
    until = "" if clash.in_one_minute else f" until {clash.end.astimezone(zone):%H:%M}"
    often = f", the first of {times:,}" if times > 1 else ""
    return f"clash: {moment(clash.start, zone)}{until}{often}: {named}"


def _counts(lane: Lane, days: Sequence[datetime]) -> Iterable[str]:
    for start, end in pairwise(days):
        signs = Counter(SIGNS.get(mark.state_type, "?") for mark in _within(lane.past, start, end) if mark.state_type)
        past = " ".join(f"{count}{sign}" for sign, count in signs.items())
        coming = sum(_share(mark, start, end) for mark in lane.coming)
        yield " ".join(filter(None, (past, f"{coming:.0f}" if coming else "")))


def _within(marks: Iterable[Mark], start: datetime, end: datetime) -> Iterable[Mark]:
    return (mark for mark in marks if start <= mark.start < end)


def _share(mark: Mark, start: datetime, end: datetime) -> float:
    """The runs of a mark that begin in the time: of a stretch, its part of it."""
    if mark.count == 1:
        return start <= mark.start < end
    overlap = min(mark.end, end) - max(mark.start, start)
    return max(round(mark.count * (overlap / ((mark.end - mark.start) or timedelta(1)))), 0)


def _head(agenda: Agenda, zone: tzinfo | None) -> str:
    days = "".join(
        f'<div style="position: absolute; left: {_percent(day, agenda):.2f}%; {_FAINT}">{day.astimezone(zone):%d}</div>'
        for day in agenda.days[:-1]
    )
    return f'<tr><td style="{_CELL}"></td><td><div style="position: relative; height: 18px">{days}</div></td></tr>'


def _row(lane: Lane, agenda: Agenda) -> str:
    marks = "".join(_bar(mark, agenda) for mark in [*lane.past, *lane.coming][:MOST_MARKS])
    name = markup.escape(plain(lane.name))
    track = f'<div style="position: relative; height: 14px; border-left: 1px solid #9e9e9e">{marks}</div>'
    return f'<tr><td style="{_CELL}">{name}</td><td>{track}</td></tr>'


def _bar(mark: Mark, agenda: Agenda) -> str:
    left = _percent(mark.start, agenda)
    width = max(_percent(mark.end, agenda) - left, 0.3)
    shade = _CLASH if mark.meets else _COMING if mark.state_type is None else colour(mark.state_type)
    place = f"position: absolute; left: {left:.2f}%; width: {width:.2f}%; height: 14px"
    return f'<div style="{place}; background: {shade}"></div>'


def _percent(instant: datetime, agenda: Agenda) -> float:
    whole = agenda.days[-1] - agenda.days[0]
    return min(100 * ((instant - agenda.days[0]) / whole), 100)

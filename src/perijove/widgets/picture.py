"""A run as a picture: HTML without script, for saved notebooks and for pages that know no widgets.

Jupyter cleans HTML that it does not trust: what is used here (no SVG, widths in percent) comes through.
"""

import html as markup
from datetime import datetime

from perijove import clock
from perijove.deployments.run import line, took
from perijove.deployments.table import Table, plain, preformatted
from perijove.deployments.words import as_words, length, moment
from perijove.schemas.states import StateType
from perijove.widgets.known import Known
from perijove.widgets.task_bars import TaskBar

MOST_TASKS = 100
MOST_LINES = 200

_COLOURS = {
    StateType.COMPLETED: "#388e3c",
    StateType.FAILED: "#d32f2f",
    StateType.CRASHED: "#d32f2f",
    StateType.RUNNING: "#1976d2",
}
SIGNS = {
    StateType.SCHEDULED: "◷",
    StateType.PENDING: "…",
    StateType.RUNNING: "▸",
    StateType.COMPLETED: "✓",
    StateType.FAILED: "✕",
    StateType.CRASHED: "!",
    StateType.CANCELLED: "-",
    StateType.CANCELLING: "…",
    StateType.PAUSED: "‖",
}
"""What stands for a state where there is room for one character."""

_OTHER = "#757575"
BOX = "font-family: var(--jp-ui-font-family, sans-serif); font-size: var(--jp-ui-font-size1, 13px)"


def colour(state_type: StateType | None) -> str:
    """A colour for the state that is told apart on light ground and on dark."""
    return _COLOURS.get(state_type, _OTHER) if state_type else _OTHER


def html(known: Known, of_what: str) -> str:
    """What is known of the run, escaped."""
    parts = (_head(known, of_what), _facts(known), _timeline(known), _log(known))
    return f'<div class="perijove-picture" style="{BOX}">{"".join(parts)}</div>'


def _head(known: Known, of_what: str) -> str:
    run = known.run
    name = markup.escape(plain(f"{run.name} ({of_what})" if of_what else run.name))
    state = markup.escape(plain(run.state_name or "no state"))
    return f'<div><b>Flow run {name}</b> <b style="color: {colour(run.state_type)}">{state}</b></div>'


def _facts(known: Known) -> str:
    run = known.run
    states = " → ".join(f"{state.name} {state.timestamp.astimezone():%H:%M:%S}" for state in known.states)
    facts = {
        "started": moment(run.start_time) if run.start_time else "",
        "took": took(run),
        "states": states,
        "message": (known.states[-1].message or "") if known.states else "",
        "parameters": as_words(run.parameters),
        "progress": ", ".join(f"{each.description or 'progress'}: {each.data} %" for each in known.progress),
    }
    return Table([(name, fact) for name, fact in facts.items() if fact]).html()


def _timeline(known: Known) -> str:
    bars = known.begun()
    if not bars:
        return ""
    first = min(bar.start_time for bar in bars if bar.start_time)
    last = max(bar.end_time or known.run.end_time or clock.now() for bar in bars)
    rows = "".join(_row(bar, first, last) for bar in bars[:MOST_TASKS])
    more = f"<div>and {len(bars) - MOST_TASKS} more task runs</div>" if len(bars) > MOST_TASKS else ""
    return f'<table style="width: 100%">{rows}</table>{more}'


def _row(bar: TaskBar, first: datetime, last: datetime) -> str:
    start, end = bar.start_time or first, bar.end_time or last
    whole = (last - first).total_seconds() or 1.0
    left = 100 * (start - first).total_seconds() / whole
    width = max(100 * (end - start).total_seconds() / whole, 0.5)
    name = markup.escape(plain(bar.name))
    state = markup.escape(plain(bar.state_name or ""))
    shade = colour(bar.state_type)
    track = f'<div style="margin-left: {left:.1f}%; width: {width:.1f}%; background: {shade}; height: 10px"></div>'
    cell = 'style="text-align: left; width: 22%; overflow-wrap: anywhere"'  # notebooks fix their tables' layout
    return (
        f"<tr><td {cell}>{name}</td><td>{track}</td>"
        f'<td {cell}><span style="color: {shade}">{state}</span> {length(end - start)}</td></tr>'
    )


def _log(known: Known) -> str:
    if not known.logs:
        return ""
    lines = list(known.logs)[-MOST_LINES:]
    text = preformatted("\n".join(plain(line(log)) for log in lines))
    count = f"{len(known.logs):,} log lines" + (f", the last {MOST_LINES}" if len(known.logs) > MOST_LINES else "")
    return f"<details><summary>{count}</summary>{text}</details>"

"""Whether a log line is one of those that somebody asks for: what ``server.storage.filters`` says in SQL."""

from typing import Any

from perijove.schemas.filters import Among, LogFilter, Span
from perijove.schemas.logs import Log
from perijove.server.rules import text_search


def includes(asked: LogFilter, line: Log) -> bool:
    """Whether the filter includes the line."""
    verdicts = [
        *_of(asked.level, lambda wanted: _between(line.level, wanted.ge_, wanted.le_)),
        *_of(asked.timestamp, lambda wanted: _in_span(line, wanted)),
        *_of(asked.flow_run_id, lambda wanted: _among(line.flow_run_id, wanted)),
        *_of(asked.task_run_id, lambda wanted: _among(line.task_run_id, wanted)),
        *_of(asked.text, lambda wanted: text_search.is_found(wanted, f"{line.message} {line.name}")),
    ]
    return any(verdicts) if asked.operator == "or_" and verdicts else all(verdicts)


def _of(criterion: Any, verdict: Any) -> list[bool]:
    return [] if criterion is None else [verdict(criterion)]


def _between(value: Any, least: Any, most: Any) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _in_span(line: Log, wanted: Span) -> bool:
    return _between(line.timestamp, wanted.after_ or wanted.start_, wanted.before_ or wanted.end_)


def _among(value: Any, wanted: Among[Any]) -> bool:
    return (
        (wanted.any_ is None or value in wanted.any_)
        and (wanted.not_any_ is None or value not in wanted.not_any_)
        and (wanted.is_null_ is None or (value is None) is wanted.is_null_)
    )

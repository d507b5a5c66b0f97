"""What a run writes, as log lines: its streams cut at line ends, bounded in length and in all."""

import logging
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError

from perijove import clock
from perijove.flows.logs import ENDED
from perijove.schemas.logs import LogCreate

LINE_LIMIT = 250_000
"""Bytes of a line of text; a longer one becomes several, which Prefect's limit of 1,000,000 bytes an entry takes even
where JSON needs four for one. An entry that comes as JSON keeps so many characters of its message."""

ENTRY_LIMIT = 4_000_000
"""Bytes of an entry that comes as JSON; what is longer is taken as text."""

RUN_LIMIT = 16 * 1024 * 1024
"""Bytes that are kept of one run's whole output; what is over is counted, and said in the last line."""

LEVELS = {"stdout": logging.INFO, "stderr": logging.WARNING}
"""The level that a plain line gets, by its stream; the stream's name is the logger's."""

_TICK = timedelta(microseconds=1)
_LINE_END = re.compile(rb"\r?\n")


class Lines:
    """One stream's bytes, cut into lines."""

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self._limit = limit
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that ``data`` completes, without their ends."""
        *lines, self._rest = _LINE_END.split(self._rest + data)
        if len(self._rest) > self._limit:
            lines.append(self._rest)
            self._rest = b""
        return [piece for line in lines for piece in _pieces(line, self._limit)]

    def end(self) -> list[bytes]:
        """The line that the stream's end cut short, if there is one."""
        rest, self._rest = self._rest, b""
        return _pieces(rest, self._limit) if rest else []


@dataclass
class Output:
    """A run's streams as log entries: ``stdout`` and ``stderr`` are text, ``log`` holds entries as they are (JSON).

    ``keeps_text`` False: the text goes nowhere.
    ``wants_delivery``: an empty line came in the log, by which the run asks that all before it be delivered.
    ``has_ended``: the run said that the server has its end.
    """

    flow_run_id: UUID
    limit: int = RUN_LIMIT
    keeps_text: bool = True
    kept: int = 0
    truncated: int = 0
    wants_delivery: bool = False
    has_ended: bool = False
    _lines: dict[str, Lines] = field(
        default_factory=lambda: {"stdout": Lines(), "stderr": Lines(), "log": Lines(ENTRY_LIMIT)}
    )
    _latest: datetime = field(default_factory=clock.now)

    def feed(self, stream: str, data: bytes) -> list[LogCreate]:
        """The entries that ``data`` completes."""
        if stream != "log" and not self.keeps_text:
            return []
        is_full = self.kept >= self.limit
        if is_full:
            self.truncated += len(data)
            if stream != "log":  # no time is lost on what nobody will read
                return []
        lines = self._lines[stream].feed(data)
        if stream == "log":
            self.wants_delivery |= b"" in lines
            self.has_ended |= ENDED in lines
        if is_full:
            return []
        self.kept += len(data)
        self._latest = max(clock.now(), self._latest)
        return self._entries(stream, lines)

    def end(self) -> list[LogCreate]:
        """The entries that the streams' end completes, and one that says how much was left out."""
        entries = [entry for stream, lines in self._lines.items() for entry in self._entries(stream, lines.end())]
        if self.truncated:
            entries.append(self._plain("perijove.worker", logging.WARNING, f"truncated {self.truncated} bytes"))
            self.truncated = 0
        return entries

    def _entries(self, stream: str, lines: list[bytes]) -> list[LogCreate]:
        if stream == "log":
            return [self._structured(line) for line in lines if line not in (b"", ENDED)]
        return [self._plain(stream, LEVELS[stream], line.decode("utf-8", "replace")) for line in lines]

    def _structured(self, line: bytes) -> LogCreate:
        try:
            entry = LogCreate.model_validate_json(line)
        except ValidationError:
            return self._plain("log", logging.WARNING, line[:LINE_LIMIT].decode("utf-8", "replace"))
        self.truncated += max(0, len(entry.message) - LINE_LIMIT)
        return entry.model_copy(update={"message": entry.message[:LINE_LIMIT]})

    def _plain(self, name: str, level: int, message: str) -> LogCreate:
        # Lines of one read share an instant, and a server sorts by it.
        self._latest += _TICK
        return LogCreate(name=name, level=level, message=message, timestamp=self._latest, flow_run_id=self.flow_run_id)


def _pieces(line: bytes, limit: int) -> list[bytes]:
    return [line[start : start + limit] for start in range(0, len(line), limit)] or [line]

"""From a line of an exported module back to the notebook's cell and line, for tracebacks."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_METADATA = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an exported module came from. ``runs`` are [module line, cell, cell line], each counting on to the next."""

    notebook: str | None
    function: str
    runs: Sequence[Sequence[int]]

    def locate(self, line: int) -> tuple[int, int] | None:
        """The cell's number and the line in it for a line of the module (from 1); None above the cells."""
        place = bisect_right([run[0] for run in self.runs], line)
        if not place:
            return None
        start, cell, first = self.runs[place - 1]
        return cell, first + line - start


def origin_of(text: str) -> Origin | None:
    """The origin that an exported module's header tells; None for any other file."""
    match = _METADATA.search(text)
    if not match:
        return None
    content = "\n".join(line[2:] if line.startswith("# ") else line[1:] for line in match["content"].splitlines())
    try:
        tool = tomllib.loads(content).get("tool", {}).get("perijove")
    except tomllib.TOMLDecodeError:
        return None
    return (
        Origin(tool.get("notebook"), tool["function"], tool.get("lines", [])) if tool and "function" in tool else None
    )


def locate(path: str | Path, line: int) -> str | None:
    """``notebook, cell 3, line 2`` for a line of an exported file; None when the file is no export."""
    try:
        origin = origin_of(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    place = origin.locate(line) if origin else None
    return f"{origin.notebook or 'notebook'}, cell {place[0]}, line {place[1]}" if origin and place else None

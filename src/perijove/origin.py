"""From a line of an exported module back to the notebook's cell and line: what the module's header tells."""

import linecache
import re
import tomllib
import traceback
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

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
    match = _METADATA.search(text) if "[tool.perijove]" in text else None
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


def place_in_notebook(path: str, line: int) -> str | None:
    """``report.ipynb, cell 3, line 7 (perijove_exports/report.py:41)`` for a line of an exported file, else None."""
    origin = origin_of("".join(linecache.getlines(path)))
    place = origin.locate(line) if origin else None
    if origin is None or place is None:
        return None
    file = Path(path)
    shown = file.relative_to(Path.cwd()).as_posix() if file.is_relative_to(Path.cwd()) else path
    return f"{origin.notebook or 'notebook'}, cell {place[0]}, line {place[1]} ({shown}:{line})"


def where_raised(error: BaseException) -> str | None:
    """The innermost place in a notebook that an exception came through, for one that came through an export."""
    return next(reversed(list(_places(error.__traceback__))), None)


def note_cells(error: BaseException) -> None:
    """Let the exception's traceback end with the notebook's cells and lines that it came through, outermost first."""
    told = getattr(error, "__notes__", ())
    for place in _places(error.__traceback__):
        note = f"  in {place}"
        if note not in told:
            error.add_note(note)
            told = error.__notes__


def _places(trace: TracebackType | None) -> Iterator[str]:
    for frame, line in traceback.walk_tb(trace):
        place = place_in_notebook(frame.f_code.co_filename, line)
        if place:
            yield place

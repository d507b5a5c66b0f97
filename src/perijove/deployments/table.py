"""How values show themselves: aligned text in a terminal, a table that follows the theme in a notebook.

What is shown came from servers, notebooks and runs, so it is never trusted: no control character reaches a terminal
and no markup a page.
"""

import html
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

_STEERING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of the text around them."""

_BOX = "font-family: var(--jp-ui-font-family, sans-serif); font-size: var(--jp-ui-font-size1, 13px)"
_CELL = "text-align: left; vertical-align: top; white-space: pre-line; padding: 2px 12px 2px 0"
_FAINT = "color: var(--jp-ui-font-color2, inherit)"
_MONO = "margin: 0; font-family: var(--jp-code-font-family, monospace); font-size: var(--jp-code-font-size, 13px)"


def plain(text: str) -> str:
    """``text`` without what could steer a terminal; line ends and tabs stay."""
    return "".join(
        char for char in text if char in "\n\t" or (unicodedata.category(char) != "Cc" and char not in _STEERING)
    )


def preformatted(text: str) -> str:
    """``text`` as HTML in the code font, escaped."""
    return f'<pre style="{_MONO}">{_escaped(text)}</pre>'


class Shown(ABC):
    """A value with a readable form: ``table()`` says what it holds."""

    @abstractmethod
    def table(self) -> "Table":
        """What is shown, as rows of text."""

    def __repr__(self) -> str:
        return str(self.table())

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return self.table().html()

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Both forms, for frontends to choose from; a saved notebook keeps both."""
        table = self.table()
        return {"text/plain": str(table), "text/html": table.html()}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under ``columns`` (none: label and value). ``title`` stands above, each of ``notes`` below, and then
    ``code``, in the code font."""

    rows: Sequence[Sequence[str]]
    columns: Sequence[str] = ()
    title: str = ""
    notes: Sequence[str] = ()
    code: str = ""

    def __str__(self) -> str:
        rows = (self.columns, *self.rows) if self.rows else ()
        grid = [line for row in rows if row for line in _lines(row)]
        widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in grid]
        return "\n".join(
            plain(line).rstrip() for line in (*_given(self.title), *lines, *self.notes, *_given(self.code))
        )

    def html(self) -> str:
        """The same for a notebook; themed by Jupyter's CSS variables, without script."""
        title = f"<div><b>{_escaped(self.title)}</b></div>" if self.title else ""
        notes = "".join(f'<div style="{_FAINT}">{_escaped(note)}</div>' for note in self.notes)
        return f'<div style="{_BOX}">{title}{self._grid()}{notes}{preformatted(self.code) if self.code else ""}</div>'

    def _grid(self) -> str:
        if not self.rows:
            return ""
        head = _row("th", self.columns) if self.columns else ""
        return f"<table>{head}{''.join(_row('td', row) for row in self.rows)}</table>"


def _escaped(text: str) -> str:
    return html.escape(plain(text))


def _given(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _lines(row: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A row whose cells have several lines, as rows of one line each."""
    return zip_longest(*(plain(cell).split("\n") for cell in row), fillvalue="")


def _row(tag: str, cells: Sequence[str]) -> str:
    inner = "".join(f'<{tag} style="{_CELL}">{_escaped(cell)}</{tag}>' for cell in cells)
    return f"<tr>{inner}</tr>"

"""The line for long work in a notebook: an output of the cell that is updated, and gone at the end."""

import html
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import DisplayHandle, clear_output, display

from perijove import progress

_STYLE = "color: var(--jp-ui-font-color2, gray); font-size: var(--jp-ui-font-size1, 13px)"
_NOTHING: dict[str, str] = {}


class CellLine(progress.Place):
    """An output of the cell that runs."""

    def __init__(self, kernel: Any) -> None:
        self._session = kernel.session
        self._handle: DisplayHandle | None = None
        self._others: int | None = None

    def begin_cell(self, *_: object) -> None:
        """A cell begins: what is sent from now on is what it shows."""
        self._others = self._session.message_count

    def show(self, line: str) -> None:
        self._publish({"text/plain": line, "text/html": f'<div style="{_STYLE}">{html.escape(line)}</div>'})

    def clear(self) -> None:
        if self._handle is None:
            return
        self._publish(_NOTHING)
        self._handle = None
        if self._session.message_count == self._others:  # an output, be it empty, takes room of its own below a cell
            clear_output()  # type: ignore[no-untyped-call]

    def _publish(self, shown: dict[str, str]) -> None:
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(shown, raw=True)  # type: ignore[no-untyped-call]
        if self._others is not None:
            self._others += 1


def show_in(shell: InteractiveShell) -> None:
    """Show such lines in the shell's cells, or on its terminal."""
    place: progress.Place | None = progress.on_terminal()
    if kernel := getattr(shell, "kernel", None):
        place = CellLine(kernel)
        shell.events.register("pre_run_cell", place.begin_cell)
    progress.show_on(place)


def leave(shell: InteractiveShell) -> None:
    """Show none any more."""
    place = progress.shown_on()
    if isinstance(place, CellLine):
        shell.events.unregister("pre_run_cell", place.begin_cell)
    progress.show_on(None)

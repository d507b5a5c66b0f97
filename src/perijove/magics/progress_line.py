"""The line for long work in a notebook: an output of the cell that is updated, and empty at the end."""

import html

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import DisplayHandle, display

from perijove import progress

_STYLE = "color: var(--jp-ui-font-color2, gray); font-size: var(--jp-ui-font-size1, 13px)"


class CellLine(progress.Place):
    """An output of the cell that runs."""

    def __init__(self) -> None:
        self._handle: DisplayHandle | None = None

    def show(self, line: str) -> None:
        shown = {"text/plain": line, "text/html": f'<div style="{_STYLE}">{html.escape(line)}</div>'}
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(shown, raw=True)  # type: ignore[no-untyped-call]

    def clear(self) -> None:
        if self._handle is not None:
            self._handle.update({"text/plain": "", "text/html": ""}, raw=True)  # type: ignore[no-untyped-call]
        self._handle = None


def place_in(shell: InteractiveShell) -> progress.Place | None:
    """Where the shell shows such a line."""
    return CellLine() if hasattr(shell, "kernel") else progress.on_terminal()

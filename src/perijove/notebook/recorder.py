"""The live kernel's memory: which cells ran, in which order, and where they failed."""

import sys
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from perijove.notebook.cells import Cell
from perijove.notebook.ipython_syntax import to_python

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell


_RECORDERS: "WeakKeyDictionary[InteractiveShell, Recorder]" = WeakKeyDictionary()


def recorder_of(shell: "InteractiveShell") -> "Recorder":
    """The shell's one recorder, started now if there is none."""
    if shell not in _RECORDERS:
        _RECORDERS[shell] = Recorder(shell)
        _RECORDERS[shell].start()
    return _RECORDERS[shell]


def forget(shell: "InteractiveShell") -> None:
    """Record nothing further of the shell."""
    if recorder := _RECORDERS.pop(shell, None):
        recorder.stop()


class Recorder:
    """Records every cell that a shell runs from ``start`` on; what ran before comes from the shell's history.

    A cell costs one small object and no analysis. What ran before ``start`` is taken to have succeeded.
    """

    def __init__(self, shell: "InteractiveShell") -> None:
        self._shell: Any = shell
        self._ran: list[Cell] = []
        self._running: ExecutionInfo | None = None
        self._started_in: int | None = None

    def start(self) -> None:
        """Take the history so far and register for what comes."""
        history: list[str] = list(self._shell.history_manager.input_hist_raw)
        now = len(history) - 1  # the cell that called us is the last, and still runs
        self._ran = [
            Cell(source, number, execution=number) for number, source in enumerate(history[:now]) if source.strip()
        ]
        self._started_in = now
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)

    def stop(self) -> None:
        """Record nothing further."""
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)

    def cells(self) -> tuple[Cell, ...]:
        """What ran, in the order it ran; of the cell that is running now, what stands before the current line."""
        running = self._current()
        return tuple([*self._ran, running] if running else self._ran)

    def _before(self, info: "ExecutionInfo") -> None:
        self._running = info

    def _after(self, result: "ExecutionResult") -> None:
        info, self._running, self._started_in = result.info, None, None
        if info is None or info.silent or not info.raw_cell or result.error_before_exec is not None:
            return
        number = result.execution_count or self._shell.execution_count
        error = result.error_in_exec
        line = self._line_in_trace(error.__traceback__) if error is not None else None
        self._ran.append(
            Cell(
                info.raw_cell,
                number,
                id=getattr(info, "cell_id", None),
                execution=number,
                failed=error is not None,
                failed_line=_author_line(info.raw_cell, line) if line else None,
            )
        )

    def _current(self) -> Cell | None:
        """The cell under way: it counts as failed at the line that runs, so only what came before is taken."""
        if self._running is not None:
            source, cell_id = self._running.raw_cell, getattr(self._running, "cell_id", None)
        elif self._started_in is not None and self._started_in < len(self._shell.history_manager.input_hist_raw):
            source, cell_id = self._shell.history_manager.input_hist_raw[self._started_in], None
        else:
            return None
        line = self._line_in_stack(sys._getframe())
        if not source or line is None:
            return None
        number = len(self._shell.history_manager.input_hist_raw) - 1
        return Cell(source, number, id=cell_id, execution=number, failed=True, failed_line=_author_line(source, line))

    def _is_cell(self, frame: "FrameType") -> bool:
        return frame.f_globals is self._shell.user_ns and frame.f_code.co_name in {"<module>", "<cell line: 1>"}

    def _line_in_trace(self, trace: "TracebackType | None") -> int | None:
        while trace is not None:
            if self._is_cell(trace.tb_frame):
                return trace.tb_lineno
            trace = trace.tb_next
        return None

    def _line_in_stack(self, frame: "FrameType | None") -> int | None:
        while frame is not None:
            if self._is_cell(frame):
                return frame.f_lineno
            frame = frame.f_back
        return None


def _author_line(source: str, line: int) -> int:
    """The author's line (from 1) of a line of the code that IPython ran, which has no blank lines at its start."""
    lines = to_python(source.lstrip("\n")).lines
    blank = len(source) - len(source.lstrip("\n"))
    return blank + (lines[line - 1] if 0 < line <= len(lines) else line)

"""The last word on an export: it is imported in a clean process, and what is found there is compared."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perijove import settings
from perijove.errors import ExportError
from perijove.notebook import probe

_HEAVY = 2.0  # seconds a statement may take at import before it is pointed out

Locate = Callable[[int], tuple[int, int] | None]


@dataclass(frozen=True, slots=True)
class Interface:
    """What a clean process found: ``kind`` is "flow" or "function"; a flow has its name and parameter schema."""

    kind: str
    name: str
    parameters: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """The interface, and sentences about what importing the file costs."""

    interface: Interface
    warnings: tuple[str, ...] = field(default=())


def verify(
    path: Path, function: str, *, directory: Path, locate: Locate, timeout: float = 60.0, python: str | None = None
) -> Verified:
    """Import ``path`` with ``python`` (default: this interpreter) in ``directory``, standard input closed.

    ``locate`` maps a line of the file to its cell and line; ``timeout`` is in seconds. Raises ExportError, naming
    the cell, when the import fails, takes too long or gives no ``function``.
    """
    with tempfile.TemporaryDirectory(prefix="perijove-") as scratch:
        report = Path(scratch) / "report.json"
        output = Path(scratch) / "output"
        ours = str(settings.current().home)
        command = [python or sys.executable, "-P", probe.__file__, str(path), function, str(report), ours]
        if not _run(command, directory, timeout, output):
            raise _too_slow(Path(f"{report}.line"), locate, timeout)
        if not report.exists():
            said = _last_line(output.read_text(errors="replace"))
            raise ExportError(f"Importing the export ended its process: {said}. Nothing was written.")
        found = json.loads(report.read_text(encoding="utf-8"))
    if "error" in found:
        raise _failed(found, function, locate)
    return Verified(Interface(found["kind"], found["name"], found["parameters"]), _costs(found, locate))


def _run(command: list[str], directory: Path, timeout: float, output: Path) -> bool:
    """Run a command that leaves nothing running, its output in a file; whether it ended in time.

    A pipe would stay open, and be waited for, as long as any process that the command started.
    """
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "Agg"},
        )
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        finally:
            _end(process)
    return True


def _end(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _too_slow(progress: Path, locate: Locate, timeout: float) -> ExportError:
    line = int(progress.read_text(encoding="ascii") or 0) if progress.exists() else 0
    place = locate(line)
    what = f"cell {place[0]}, line {place[1]} was" if place else "its imports were"
    told = f"Importing the export took more than {timeout:g} s; {what} still running. Move that work into the function."
    return ExportError(told, cell=place[0] if place else None, line=place[1] if place else None)


def _failed(found: Mapping[str, Any], function: str, locate: Locate) -> ExportError:
    line = found["line"]
    place = locate(line) if line else None
    where = f" at cell {place[0]}, line {place[1]}" if place else f" at line {line} of the file" if line else ""
    told = f"`{function}` can't be imported in a clean process{where}: {found['error']}. Nothing was written."
    return ExportError(told, cell=place[0] if place else None, line=place[1] if place else None)


def _last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _costs(found: Mapping[str, Any], locate: Locate) -> tuple[str, ...]:
    told = [
        f"{_place(line, locate)} takes {seconds:.1f} s whenever the file is imported, so before each run. "
        "Move that work into the function."
        for line, seconds, is_import in found["times"]
        if seconds > _HEAVY and not is_import
    ]
    told.extend(
        f"{_place(line, locate)} {what} whenever the file is imported, so before each run. "
        "If that is not meant, do it in the function."
        for line, what in found["reads"]
    )
    return tuple(told)


def _place(line: int, locate: Locate) -> str:
    place = locate(line)
    return f"Cell {place[0]}, line {place[1]}" if place else f"Line {line}"


def interface_of(found: object, name: str) -> Interface | None:
    """The interface of an object of this process, such as the kernel's flow; None when it can't be called."""
    told = probe.describe(found, name)
    if "error" in told:
        return None
    parameters: Any = told["parameters"]
    return Interface(str(told["kind"]), str(told["name"]), parameters)


def require_same(live: Interface, exported: Interface) -> None:
    """Raise ExportError when the kernel's flow and the exported one differ in name or parameters."""
    if live.kind != exported.kind:
        raise ExportError(f"The kernel holds a {live.kind} named {live.name!r}, the export gives a {exported.kind}.")
    if live.name != exported.name:
        raise ExportError(
            f"The kernel's flow is named {live.name!r}, the exported one {exported.name!r}. Run its cell again."
        )
    if live.parameters != exported.parameters:
        raise ExportError(
            f"The parameters of {live.name!r} in the kernel are not those of the exported flow: "
            f"{json.dumps(live.parameters, default=str)} and {json.dumps(exported.parameters, default=str)}. "
            "Run the cells that define it again."
        )

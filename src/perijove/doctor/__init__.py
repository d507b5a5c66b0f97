"""What can be wrong with an installation and its server: each thing looked at, and what to do about it."""

from pathlib import Path

from perijove.doctor import machine, server, sidebar
from perijove.doctor.report import Report

__all__ = ["Report", "examine"]


def examine(directory: Path | None = None) -> Report:
    """Look at this machine, JupyterLab's sidebar, and the server that commands speak to; change nothing.

    ``directory`` is where exports would be written (None: the current one).
    """
    return Report([*machine.findings(directory or Path.cwd()), sidebar.finding(), *server.findings()])

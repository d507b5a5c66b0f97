"""Where the steps work: the run's directory, changed for all that follows."""

import os
from pathlib import Path

from perijove.errors import EntrypointError


def set_working_directory(directory: str) -> dict[str, str]:
    """Go to the directory, for the steps that follow and for the run. Gives ``directory``. Raises EntrypointError."""
    if not isinstance(directory, str) or not directory:
        raise EntrypointError("It names no directory.")
    try:
        os.chdir(Path(directory).expanduser())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise EntrypointError(
            f"The run's directory {directory} can't be entered ({reason}). "
            "Put it back, or deploy the flow again from where it is now."
        ) from None
    return {"directory": str(Path.cwd())}


def inside(root: Path, relative: str) -> Path:
    """The path below ``root``. Raises EntrypointError for one that would lie elsewhere."""
    path = (root / relative).resolve()
    if "\0" in relative or not path.is_relative_to(root.resolve()):
        raise EntrypointError(f"{relative!r} leads out of {root}.")
    return path

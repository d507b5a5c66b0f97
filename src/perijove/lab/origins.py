"""The notebook that a deployment came from, and whether that now says something else than the deployed file."""

import asyncio
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from perijove.errors import ExportError, PathError
from perijove.lab.handlers import Handler, id_of, route
from perijove.notebook import places, read_notebook, write_module
from perijove.notebook.exporter import DIRECTORY
from perijove.origin import origin_of
from perijove.schemas.base import Request
from perijove.schemas.deployments import Deployment

_DIRECTORY_STEP = "prefect.deployments.steps.set_working_directory"
_HEADER_END = "# ///\n"
_MARKER = re.compile(r"^# %% cell(?: \d+)?", re.MULTILINE)
_FROZEN = "# %% frozen"

Status = Literal["same", "changed", "missing", "unknown"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a deployment came from. ``notebook`` is relative to Jupyter Server's root directory.

    ``told`` says why it can't be known, where it can't; ``diff`` is from the deployed file to the saved notebook.
    """

    notebook: str
    function: str
    status: Status
    told: str = ""
    diff: str = ""


class OriginHandler(Handler):
    """The notebook of a deployment; null for one that came from none, or from one that lies elsewhere."""

    @route
    async def get(self, deployment_id: str) -> None:
        deployment = await self.connection.read_deployment(id_of(deployment_id))
        self.answer(await asyncio.to_thread(source_of, deployment, Path(self.settings["server_root_dir"])))


class SavedNotebook(Request):
    """A saved notebook; ``path`` is relative to Jupyter Server's root directory."""

    path: str


class ChangedHandler(Handler):
    """The functions of a saved notebook whose exported files, beside it, are no longer what it says."""

    @route
    async def post(self) -> None:
        asked = self.body(SavedNotebook)
        root = Path(self.settings["server_root_dir"])
        self.answer(await asyncio.to_thread(lambda: list(changed_functions(asked.path, root))))


def changed_functions(path: str, root: Path) -> Iterator[str]:
    """The exported functions that the notebook now defines otherwise. Raises PathError."""
    notebook = places.resolve(root.expanduser(), path)
    for file in sorted((notebook.parent / DIRECTORY).glob("*.py")):
        text = file.read_text("utf-8", errors="replace")
        origin = origin_of(text)
        if origin and origin.notebook == notebook.name:
            found = _compared(text, notebook, path, origin.function)
            if found.status == "changed":
                yield origin.function


def source_of(deployment: Deployment, root: Path) -> Source | None:
    """The notebook that the deployment was exported from, as it is saved now below ``root``."""
    root = root.expanduser().resolve()
    file = _file(deployment)
    try:
        text = places.resolve(root, file.relative_to(root)).read_text("utf-8") if file else ""
    except (PathError, OSError, ValueError):  # elsewhere, gone, or no text
        return None
    origin = origin_of(text)
    directory = _directory(deployment)
    if origin is None or origin.notebook is None or directory is None:
        return None
    notebook = directory / origin.notebook
    if not notebook.is_relative_to(root):
        return None
    return _compared(text, notebook, notebook.relative_to(root).as_posix(), origin.function)


def _compared(text: str, notebook: Path, shown: str, function: str) -> Source:
    if not notebook.is_file():
        return Source(shown, function, "missing", f"{shown} is no longer there.")
    if _FROZEN in text:
        return Source(shown, function, "unknown", "The file holds values that only the kernel knew.")
    try:
        now = write_module(read_notebook(notebook), function, notebook=notebook).source
    except ExportError as error:
        return Source(shown, function, "changed", f"As it is saved, it can't be exported: {error}")
    deployed, saved = _code(text), _code(now)
    if _pieces(deployed) == _pieces(saved):
        return Source(shown, function, "same")
    lines = difflib.unified_diff(deployed.splitlines(), saved.splitlines(), "deployed", "saved notebook", lineterm="")
    return Source(shown, function, "changed", diff="\n".join(lines))


def _code(text: str) -> str:
    """A module's text below its header; cells without their numbers, which are others in a kernel and in a file."""
    return _MARKER.sub("# %% cell", text.partition(_HEADER_END)[2]).strip()


def _pieces(code: str) -> list[str]:
    """What each cell gave, in no cell's order: a kernel may have run them in another one than they stand in."""
    return sorted(piece.strip() for piece in _MARKER.split(code))


def _file(deployment: Deployment) -> Path | None:
    """The file of the deployment's entrypoint, if it is one of this machine's."""
    path = Path((deployment.entrypoint or "").partition(":")[0])
    directory = _directory(deployment)
    if path.suffix != ".py" or directory is None:
        return None
    return (directory / path).resolve()


def _directory(deployment: Deployment) -> Path | None:
    """The directory that the deployment's runs work in."""
    for step in deployment.pull_steps or []:
        named = step.get(_DIRECTORY_STEP)
        if isinstance(named, dict) and isinstance(named.get("directory"), str):
            return Path(named["directory"]).resolve()
    return None

"""A notebook as a source of exports: from a kernel or a file, for good or for a rehearsal."""

import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from perijove import progress
from perijove.errors import PathError
from perijove.notebook.cells import Cell
from perijove.notebook.exporter import Export, export, require_unedited, shown, target


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """How a function is taken out of its notebook: the exporter's own options.

    ``forewarn`` is given a sentence on each secret before it is written to a file.
    """

    out: Path | None = None
    freeze: Collection[str] = ()
    include: Collection[str] = ()
    exclude: Collection[str] = ()
    force: bool = False
    verify: bool = True
    forewarn: Callable[[str], object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """Where a function is taken from. ``path`` is the notebook's file, where known; ``live`` a kernel's namespace."""

    cells: Sequence[Cell]
    path: Path | None = None
    live: Mapping[str, Any] | None = None

    @property
    def directory(self) -> Path:
        """Where runs find what lies beside the notebook."""
        return (self.path.parent if self.path else Path()).resolve()

    def export(self, function: str, how: Exporting) -> Export:
        """Write ``function`` and what it needs to a file. Raises ExportError, PathError."""
        with progress.doing(f"Exporting {function}"):
            return export(
                self.cells,
                function,
                notebook=self.path,
                live_namespace=self.live,
                out=how.out,
                freeze=how.freeze,
                include=how.include,
                exclude=how.exclude,
                force=how.force,
                verify=how.verify,
                forewarn=how.forewarn,
            )

    def rehearse(self, function: str, how: Exporting, *, quiet: bool = True) -> Export:
        """What ``export`` would write, where, and whether it can be imported; nothing stays behind.

        ``quiet``: secrets are in the warnings alone, and nobody is forewarned of them.
        """
        _, place = target(self.directory, how.out, function)
        place = place.parent.resolve() / place.name
        with tempfile.TemporaryDirectory(prefix="perijove-") as scratch:
            aside = replace(
                how, out=Path(scratch).resolve() / place.name, force=True, forewarn=None if quiet else how.forewarn
            )
            thrown_away = self.export(function, aside)
        require_unedited(place, thrown_away.source, force=how.force)
        return replace(thrown_away, path=place, entrypoint=f"{shown(place, self.directory)}:{function}")

    def require_inside(self, out: Path | None) -> None:
        """Raise PathError for a place outside of the notebook's directory, where runs look."""
        if out is not None and out.is_absolute() and not out.resolve().is_relative_to(self.directory):
            raise PathError(f"{out} is outside of {self.directory}, where runs look. Name a file inside it.")

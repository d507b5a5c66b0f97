"""What an export made, as a value that shows itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from perijove.deployments.table import Shown, Table
from perijove.notebook.explain import as_json, as_text
from perijove.notebook.exporter import Export

_DRY_RUN = "Would be exported (a dry run: nothing was written)"


@dataclass(frozen=True, slots=True, repr=False)
class Exported(Shown):
    """An export that shows itself."""

    export: Export
    explain: bool = False
    dry_run: bool = False

    def data(self) -> dict[str, Any]:
        """The same as plain data, for JSON: with why each statement was kept, and the cells that were left out."""
        export = self.export
        return {
            "path": str(export.path),
            "entrypoint": export.entrypoint,
            "fingerprint": export.fingerprint,
            "requirements": list(export.requirements),
            "local_modules": list(export.local_modules),
            "warnings": list(export.warnings),
            **as_json(export.kept, export.dropped),
        }

    def table(self) -> Table:
        """What was written and what went in; on request why each statement was kept."""
        facts = [(name, fact) for name, fact in export_facts(self.export) if fact]
        why = as_text(self.export.kept, self.export.dropped).splitlines() if self.explain else ()
        return Table(facts, title=_DRY_RUN if self.dry_run else "Exported", notes=(*self.export.warnings, *why))


def export_facts(export: Export) -> list[tuple[str, str]]:
    """What an export is made of, as label and value."""
    kept = dict(_count_by_cell([item.cell for item in export.kept]))
    return [
        ("file", str(export.path)),
        (
            "from",
            ", ".join(
                f"cell {cell}" if count == 1 else f"cell {cell} ({count} statements)" for cell, count in kept.items()
            ),
        ),
        ("left out", _cells([item.cell for item in export.dropped])),
        ("needs", ", ".join((*export.requirements, *export.local_modules))),
    ]


def _cells(numbers: Sequence[int]) -> str:
    """``cells 1, 4-6``"""
    spans = ", ".join(
        f"{first}" if first == last else f"{first}-{last}" for first, last in _spans(sorted(set(numbers)))
    )
    return f"{'cell' if len(numbers) == 1 else 'cells'} {spans}" if numbers else ""


def _spans(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of successive numbers, as first and last."""
    for _, run in groupby(enumerate(numbers), key=lambda item: item[1] - item[0]):
        members = [number for _, number in run]
        yield members[0], members[-1]


def _count_by_cell(cells: Sequence[int]) -> Iterator[tuple[int, int]]:
    for cell, items in groupby(sorted(cells)):
        yield cell, len(list(items))

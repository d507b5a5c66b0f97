"""Why each statement was kept and what was left out, as data and as sentences."""

from dataclasses import asdict, dataclass
from typing import Any

from perijove.notebook.slice import Slice


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept statement and the need that kept it; ``why`` is a sentence."""

    cell: int
    line: int
    last: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A cell of which nothing was kept."""

    cell: int
    text: str


def kept_statements(sliced: Slice) -> tuple[Kept, ...]:
    """Every kept statement in the module's order."""
    found = []
    for statement in sliced.statements:
        reason = sliced.kept[statement.index]
        place = f" in cell {reason.cell}, line {reason.line}" if reason.cell else ""
        if reason.how == "sets":
            why = f"it sets {reason.name}, which the module uses"
        elif reason.how == "defines":
            why = f"{reason.who} needs {reason.name}, used{place}" if place else f"{reason.who} asks for it"
        else:
            why = f"it {reason.how} {reason.name}, which {reason.who} needs{place}"
        found.append(Kept(statement.cell.number, statement.line, statement.last, statement.text, why))
    return tuple(found)


def dropped_cells(sliced: Slice) -> tuple[Dropped, ...]:
    """Every cell that gave nothing, in the notebook's order."""
    giving = {id(statement.cell) for statement in sliced.statements}
    return tuple(
        Dropped(cell.number, cell.source)
        for cell in sliced.program.cells
        if id(cell) not in giving and cell.source.strip()
    )


def as_json(kept: tuple[Kept, ...], dropped: tuple[Dropped, ...]) -> dict[str, Any]:
    """The same as plain data."""
    return {"kept": [asdict(item) for item in kept], "dropped": [asdict(item) for item in dropped]}


def as_text(kept: tuple[Kept, ...], dropped: tuple[Dropped, ...]) -> str:
    """A line a statement, and one for the cells that were left out."""
    lines = [f"cell {item.cell}, line {item.line}: {item.text.splitlines()[0]}\n    kept: {item.why}" for item in kept]
    lines.extend(
        f"cell {item.cell}: {item.text.strip().splitlines()[0]}\n    left out: nothing needs it" for item in dropped
    )
    return "\n".join(lines)

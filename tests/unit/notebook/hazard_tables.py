"""Reads the tables of hazards: small notebooks in text, each with the call that tells right from wrong.

=== a sentence that says what is hazardous
x = 1                          a cell; cells are parted by ---
--- again 1                    the first cell is run once more
>>> f(2)                       the call whose answer must be the same in the kernel and in the module
keeps: text                    the module's text holds it         (drops: it does not)
tells: text                    a warning holds it
refused: 2:1 text              in place of an answer: the cell and line blamed, and words of the message
file only, live only           what the hazard is about exists in one of them only
freeze: NAME                   likewise include, exclude
since: 3.12                    the Python that can read it
"""

from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent / "hazards"


@dataclass
class Hazard:
    """One small notebook. ``runs`` are (source, id) in the order they run; ``document`` is what the file holds."""

    name: str
    runs: list[tuple[str, str]] = field(default_factory=list)
    document: list[str] = field(default_factory=list)
    call: str = ""
    keeps: list[str] = field(default_factory=list)
    drops: list[str] = field(default_factory=list)
    tells: list[str] = field(default_factory=list)
    refused: str = ""
    modes: set[str] = field(default_factory=lambda: {"file", "live"})
    options: dict[str, list[str]] = field(default_factory=dict)

    @property
    def function(self) -> str:
        return self.options.get("export", ["f"])[0]


def hazards() -> list[Hazard]:
    return [hazard for path in sorted(HERE.glob("*.txt")) for hazard in _parse(path.read_text())]


def _parse(text: str) -> list[Hazard]:
    found = []
    for block in text.split("\n=== ")[1:]:
        name, _, rest = block.partition("\n")
        found.append(_hazard(name.strip(), rest))
    return found


def _hazard(name: str, text: str) -> Hazard:
    hazard = Hazard(name)
    cells, _, end = ("\n" + text).partition("\n>>>")
    lines: list[str] = []
    for line in [*cells.strip("\n").splitlines(), "---"]:
        if not line.startswith("---"):
            lines.append(line)
            continue
        if lines:
            hazard.document.append("\n".join(lines))
            hazard.runs.append((hazard.document[-1], f"id{len(hazard.document)}"))
        lines = []
        for word in line.split()[2:] if line.startswith("--- again") else []:
            hazard.runs.append((hazard.document[int(word) - 1], f"id{word}"))
            hazard.modes.discard("file")
    _expectations(hazard, end)
    return hazard


def _expectations(hazard: Hazard, text: str) -> None:
    call, _, rest = text.partition("\n")
    hazard.call = call.strip()
    for line in rest.splitlines():
        key, _, value = line.partition(": ")
        if key in {"keeps", "drops", "tells"}:
            getattr(hazard, key).append(value)
        elif key == "refused":
            hazard.refused = value
        elif line.strip() in {"file only", "live only"}:
            hazard.modes &= {line.split()[0]}
        elif key in {"freeze", "include", "exclude", "export", "since"}:
            hazard.options[key] = value.split()

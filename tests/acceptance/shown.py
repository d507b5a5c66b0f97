"""Texts that cells and commands showed, without what differs from one run to the next."""

import re

import nbformat

# What differs, and what stands for it.
_CHANGING = {
    r"\x1b\[[0-9;]*m": "",
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "ID",
    r"[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(:\d\d)? (CES?T|UTC|JST)": "WHEN",
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}": "TIME",
    r"(the embedded server at )?http://127\.0\.0\.1:\d+(/api)?": "SERVER",
    r"from \d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?": "from WHEN",
    r"\b\d\d:\d\d:\d\d\.\d{3}\b": "TIME",
    r"\d+(\.\d+)? (ms|s|min)( ago)?": "TIME",
    r"\S*/perijove_exports/": "perijove_exports/",
    r"\S*/serving/[a-z]+-[a-z]+\.log": "LOG",
    r"\b[a-z]+-[a-z]+\b(?!/)": "NAME",
    r"(?<=\s)\d{3,}$": "PID",
    r"==\d[\w.]*": "==VERSION",
    r" +": " ",
    r"Runs from .* to .* \(": "Runs from DAY to DAY (",
    r"(?: [A-Z][a-z]{2} \d\d){15}$": " DAYS",
    r"(/\S+)(?: \d+[✓✕]?)+ ?$": r"\1 COUNTS",
    r"the first of \d+": "the first of SOME",
}


def shown(cell: nbformat.NotebookNode) -> str:
    """What a cell shows, as text."""
    return "\n".join(filter(None, map(_text, cell.get("outputs", ()))))


def lasting(text: str) -> list[str]:
    """The lines of a text, with a word in the place of what changes."""
    for changing, word in _CHANGING.items():
        text = re.sub(changing, word, text, flags=re.MULTILINE)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _text(output: nbformat.NotebookNode) -> str:
    if output.output_type == "error":
        return "\n".join(output.traceback)
    text: str = output.get("text") or output.get("data", {}).get("text/plain", "")
    return text

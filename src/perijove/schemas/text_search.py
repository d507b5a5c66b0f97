"""Prefect's searches of text: of some words one must be there; ``-`` or ``!`` stands before what must not be there.

What has ``+`` before it must be there in any case. A phrase stands in quotation marks, and a backslash before one that
is a part of it. Capitals don't matter.
"""

import re
from dataclasses import dataclass

from pydantic import Field

from perijove.schemas.base import Request

_TERM = re.compile(r'[-!+](?=\s|$)|(?P<sign>[-!+])?(?:"(?P<phrase>(?:\\.|[^"\\])*)"?|(?P<word>[^\s"]+))', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Terms:
    """What a text has to hold: one of ``some`` (none given: nothing), all of ``every``, and nothing of ``none``."""

    some: tuple[str, ...]
    every: tuple[str, ...]
    none: tuple[str, ...]


def parse(query: str) -> Terms:
    """What the query asks for."""
    found: dict[str, list[str]] = {"": [], "+": [], "-": []}
    for term in _TERM.finditer(query):
        phrase = term["phrase"]
        text = term["word"] or (_ESCAPED.sub(r"\1", phrase) if phrase else "")
        if text.strip():
            found[(term["sign"] or "").replace("!", "-")].append(text)
    return Terms(tuple(found[""]), tuple(found["+"]), tuple(found["-"]))


class TextSearch(Request):
    """A search as it is asked for."""

    query: str = Field(max_length=200)

    @property
    def terms(self) -> Terms:
        """What it asks for."""
        return parse(self.query)

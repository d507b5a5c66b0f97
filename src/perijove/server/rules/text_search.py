"""Whether a text is one of those that somebody searches for."""

from perijove.schemas.text_search import TextSearch


def is_found(asked: TextSearch, text: str) -> bool:
    """Whether the text has what is asked for."""
    terms, text = asked.terms, text.lower()

    def holds(term: str) -> bool:
        return term.lower() in text

    return (
        (not terms.some or any(map(holds, terms.some)))
        and all(map(holds, terms.every))
        and not any(map(holds, terms.none))
    )

"""Searches of text as SQL conditions: what ``server.rules.text_search`` says of one text."""

from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, true

from perijove.schemas.text_search import TextSearch


def is_found(asked: TextSearch, text: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the text has what is asked for."""
    terms = asked.terms
    some, every, none = (
        [text.icontains(term, autoescape=True) for term in given] for given in (terms.some, terms.every, terms.none)
    )
    return and_(or_(*some) if some else true(), *every, *map(not_, none))

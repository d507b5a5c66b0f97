"""Whether an event is one of those that somebody asks for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import translate
from functools import lru_cache

from pydantic_core import to_json

from perijove.schemas.events import (
    ID,
    ROLE,
    Event,
    EventAnyResourceFilter,
    EventFilter,
    EventNameFilter,
    EventRelatedFilter,
    EventResourceFilter,
    Labels,
    Resource,
)
from perijove.server.rules import text_search


def includes(asked: EventFilter, event: Event) -> bool:
    """Whether the filter includes the event."""
    since, until = asked.occurred.since, asked.occurred.until
    return (
        (since is None or since <= event.occurred)
        and (until is None or event.occurred <= until)
        and (asked.id is None or not asked.id.id or event.id in asked.id.id)
        and (asked.event is None or _is_called(asked.event, event.event))
        and (asked.resource is None or _is_resource(asked.resource, event.resource))
        and all(any(_is_related(one, each) for each in event.related) for one in asked.related or ())
        and all(any(_is_resource(one, each) for each in involved(event)) for one in asked.any_resource or ())
        and (asked.text is None or text_search.is_found(asked.text, _text(event)))
    )


def involved(event: Event) -> list[Resource]:
    """Every resource of the event: the one that it happened to, and those that had a part in it."""
    return [event.resource, *event.related]


def _text(event: Event) -> str:
    """All that a search of text looks through."""
    values = [value for resource in involved(event) for value in resource.values()]
    return " ".join([event.event, *values, to_json(event.payload).decode()])


def has_labels(labels: Mapping[str, str | Sequence[str]], resource: Resource) -> bool:
    """Whether each of the labels is, on the resource, like one of its patterns."""
    return all(is_like(resource.get(label), patterns) for label, patterns in labels.items())


def is_like(value: str | None, patterns: str | Iterable[str]) -> bool:
    """Whether the value is like one of the patterns: ``*`` is anything, a leading ``!`` means the opposite."""
    if value is None:
        return False
    given = [patterns] if isinstance(patterns, str) else patterns
    return any(_matches(pattern, value) for pattern in given)


def _matches(pattern: str, value: str) -> bool:
    found = _pattern(pattern.removeprefix("!")).fullmatch(value) is not None
    return found is not pattern.startswith("!")


@lru_cache(maxsize=4096)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob))


def _is_called(asked: EventNameFilter, name: str) -> bool:
    return (
        (not asked.prefix or name.startswith(tuple(asked.prefix)))
        and not name.startswith(tuple(asked.exclude_prefix or ()))
        and (not asked.name or name in asked.name)
        and name not in (asked.exclude_name or ())
    )


def _is_resource(asked: EventResourceFilter | EventAnyResourceFilter, resource: Resource) -> bool:
    labels: Labels = asked.labels or {}
    return (
        (not asked.id or resource[ID] in asked.id)
        and (not asked.id_prefix or resource[ID].startswith(tuple(asked.id_prefix)))
        and has_labels(labels, resource)
    )


def _is_related(asked: EventRelatedFilter, resource: Resource) -> bool:
    in_roles = [(found, role) for found, role in asked.resources_in_roles or ()]
    return (
        (not asked.id or resource[ID] in asked.id)
        and (not asked.role or resource[ROLE] in asked.role)
        and (not in_roles or (resource[ID], resource[ROLE]) in in_roles)
        and has_labels(asked.labels or {}, resource)
    )

"""Which events somebody asks for, as SQL conditions: what ``server.rules.matching`` says of one event."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, TableValuedAlias, and_, exists, func, or_, select, true
from sqlalchemy import Text as SqlText

from perijove.schemas.events import (
    ID,
    ROLE,
    EventAnyResourceFilter,
    EventFilter,
    EventNameFilter,
    EventRelatedFilter,
    EventResourceFilter,
    Labels,
)
from perijove.server.storage import text_search
from perijove.server.storage.tables import event_resources, events

Condition = ColumnElement[bool]

_JSON = [column.cast(SqlText) for column in (events.c.resource, events.c.related, events.c.payload)]
_TEXT = events.c.event + " " + _JSON[0] + " " + _JSON[1] + " " + _JSON[2]

_AFTER_ALL = "\U0010ffff"


def of_events(asked: EventFilter) -> Condition:
    """The events that the filter includes; ``distinct`` is not a condition on one event, and so not in it."""
    return and_(true(), *_conditions(asked))


def _conditions(asked: EventFilter) -> Iterable[Condition]:
    if asked.occurred.since is not None:
        yield events.c.occurred >= asked.occurred.since
    if asked.occurred.until is not None:
        yield events.c.occurred <= asked.occurred.until
    if asked.id is not None and asked.id.id:
        yield events.c.id.in_(asked.id.id)
    if asked.event is not None:
        yield from _names(asked.event)
    if asked.resource is not None:
        yield from _resource(asked.resource)
    for related in asked.related or ():
        yield from _related(related)
    for resource in asked.any_resource or ():
        yield from _any_resource(resource)
    if asked.text is not None:
        yield text_search.is_found(asked.text, _TEXT)


def _names(asked: EventNameFilter) -> Iterable[Condition]:
    if asked.prefix:
        yield _starts(events.c.event, asked.prefix)
    if asked.exclude_prefix:
        yield ~_starts(events.c.event, asked.exclude_prefix)
    if asked.name:
        yield events.c.event.in_(asked.name)
    if asked.exclude_name:
        yield events.c.event.not_in(asked.exclude_name)


def _resource(asked: EventResourceFilter) -> Iterable[Condition]:
    if asked.id:
        yield _involves(event_resources.c.resource_id.in_(asked.id), event_resources.c.role == "")
    if asked.id_prefix:
        yield _starts(events.c.resource_id, asked.id_prefix)
    if asked.labels:
        yield _labelled(events.c.resource, asked.labels)


def _related(asked: EventRelatedFilter) -> Iterable[Condition]:
    found = event_resources.c
    conditions: list[Condition] = [found.role.in_(asked.role) if asked.role else found.role != ""]
    if asked.id:
        conditions.append(found.resource_id.in_(asked.id))
    if asked.resources_in_roles:
        pairs = [and_(found.resource_id == name, found.role == role) for name, role in asked.resources_in_roles]
        conditions.append(or_(*pairs))
    if asked.id or asked.role or asked.resources_in_roles:
        yield _involves(*conditions)
    if asked.labels:
        each = func.json_each(events.c.related.cast(SqlText)).table_valued("value", name="related_resource")
        same = _same_resource(each, asked.id, asked.role, asked.resources_in_roles)
        yield exists(select(each.c.value).where(_labelled(each.c.value, asked.labels), *same))


def _any_resource(asked: EventAnyResourceFilter) -> Iterable[Condition]:
    conditions: list[Condition] = []
    if asked.id:
        conditions.append(event_resources.c.resource_id.in_(asked.id))
    if asked.id_prefix:
        conditions.append(_starts(event_resources.c.resource_id, asked.id_prefix))
    if conditions:
        yield _involves(*conditions)
    if asked.labels:
        resource, related = events.c.resource.cast(SqlText), events.c.related.cast(SqlText)
        everyone = func.json_insert(related, "$[#]", func.json(resource))
        each = func.json_each(everyone).table_valued("value", name="any_resource")
        same = _same_resource(each, asked.id, None, None)
        if asked.id_prefix:
            same.append(_starts(_label(each.c.value, ID), asked.id_prefix))
        yield exists(select(each.c.value).where(_labelled(each.c.value, asked.labels), *same))


def _same_resource(
    each: TableValuedAlias,
    ids: Sequence[str] | None,
    roles: Sequence[str] | None,
    pairs: Sequence[tuple[str, str]] | None,
) -> list[Condition]:
    """That it is one and the same resource which has the labels, the id and the role."""
    name, role = _label(each.c.value, ID), _label(each.c.value, ROLE)
    conditions: list[Condition] = []
    if ids:
        conditions.append(name.in_(ids))
    if roles:
        conditions.append(role.in_(roles))
    if pairs:
        conditions.append(or_(*(and_(name == wanted, role == part) for wanted, part in pairs)))
    return conditions


def _involves(*conditions: Condition) -> Condition:
    return events.c.position.in_(select(event_resources.c.position).where(*conditions))


def _label(resource: ColumnElement[Any], label: str) -> ColumnElement[Any]:
    labels = func.json_each(resource.cast(SqlText)).table_valued("key", "value")
    return select(labels.c.value).where(labels.c.key == label).scalar_subquery()


def _labelled(resource: ColumnElement[Any], wanted: Labels) -> Condition:
    return and_(true(), *(_like(_label(resource, label), patterns) for label, patterns in wanted.items()))


def _like(value: ColumnElement[Any], patterns: Sequence[str]) -> Condition:
    alike = [
        value.op("GLOB")(pattern) if not pattern.startswith("!") else ~value.op("GLOB")(pattern[1:])
        for pattern in (_as_sqlite_glob(one) for one in patterns)
    ]
    return or_(False, *alike)


def _as_sqlite_glob(pattern: str) -> str:
    """``[!abc]`` is how Python writes what SQLite writes as ``[^abc]``."""
    return pattern.replace("[!", "[^")


def _starts(column: ColumnElement[Any], prefixes: Sequence[str]) -> Condition:
    return or_(*(and_(column >= prefix, column < prefix + _AFTER_ALL) for prefix in prefixes))

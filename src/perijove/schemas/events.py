"""Events: what happened to which resource, as Prefect tells it; and which of them somebody asks for."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field
from uuid_utils.compat import uuid7

from perijove import clock
from perijove.schemas.base import Instant, Model, Request
from perijove.schemas.text_search import TextSearch

ID = "prefect.resource.id"
NAME = "prefect.resource.name"
ROLE = "prefect.resource.role"

MOST_LABELS = 500
MOST_RELATED = 100
LONGEST_NAME = 1024
PAGE = 50
"""Events in one page of an answer."""


def _has_id(resource: dict[str, str]) -> dict[str, str]:
    if not resource.get(ID):
        raise ValueError(f"a resource needs the label {ID}")
    return resource


def _has_role(resource: dict[str, str]) -> dict[str, str]:
    if not resource.get(ROLE):
        raise ValueError(f"a related resource needs the label {ROLE}")
    return resource


Resource = Annotated[dict[str, str], Field(max_length=MOST_LABELS), AfterValidator(_has_id)]
"""Labels of a thing; ``prefect.resource.id`` is its name among all things."""

RelatedResource = Annotated[Resource, AfterValidator(_has_role)]
"""A thing that had a part in an event, which ``prefect.resource.role`` names."""


class Event(Model):
    """Something that happened. ``follows``: the event that is known to have come before it."""

    occurred: Instant = Field(default_factory=clock.now)
    event: str = Field(min_length=1, max_length=LONGEST_NAME)
    resource: Resource
    related: list[RelatedResource] = Field(default_factory=list, max_length=MOST_RELATED)
    payload: dict[str, Any] = Field(default_factory=dict)
    id: UUID = Field(default_factory=uuid7)
    follows: UUID | None = None


class ReceivedEvent(Event):
    """An event as the server keeps it."""

    received: Instant = Field(default_factory=clock.now)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Patterns = Annotated[list[str], BeforeValidator(_as_list)]
"""Values of which one must match; ``*`` stands for anything, and a leading ``!`` means the opposite."""

Labels = dict[str, Patterns]
"""What each of some labels must be like."""


class Occurred(Request):
    """When; a bound that is not given is none."""

    since: Instant | None = None
    until: Instant | None = None


class EventNameFilter(Request):
    prefix: list[str] | None = None
    exclude_prefix: list[str] | None = None
    name: list[str] | None = None
    exclude_name: list[str] | None = None


class EventResourceFilter(Request):
    """The resource that it happened to. ``distinct``: only the last event of each resource."""

    id: list[str] | None = None
    id_prefix: list[str] | None = None
    labels: Labels | None = None
    distinct: bool = False


class EventRelatedFilter(Request):
    """A resource that had a part in it; all that is asked must hold of the same one."""

    id: list[str] | None = None
    role: list[str] | None = None
    resources_in_roles: list[tuple[str, str]] | None = None
    labels: Labels | None = None


class EventAnyResourceFilter(Request):
    """A resource, whatever part it had; all that is asked must hold of the same one."""

    id: list[str] | None = None
    id_prefix: list[str] | None = None
    labels: Labels | None = None


class EventIdFilter(Request):
    id: list[UUID] | None = None


class EventOrder(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


def _many(value: Any) -> Any:
    return [value] if value is not None and not isinstance(value, list) else value


class EventFilter(Request):
    """Which events. Criteria given together all hold; one that is absent, null or empty asks nothing."""

    occurred: Occurred = Field(default_factory=Occurred)
    event: EventNameFilter | None = None
    resource: EventResourceFilter | None = None
    related: Annotated[list[EventRelatedFilter] | None, BeforeValidator(_many)] = None
    any_resource: Annotated[list[EventAnyResourceFilter] | None, BeforeValidator(_many)] = None
    id: EventIdFilter | None = None
    text: TextSearch | None = None
    order: EventOrder = EventOrder.DESC


class EventQuery(Request):
    filter: EventFilter | None = None
    limit: int = Field(default=PAGE, ge=0, le=PAGE)


class EventPage(Model):
    """Some of the events that were asked for; ``next_page`` is the address of the following ones."""

    events: list[ReceivedEvent]
    total: int
    next_page: str | None = None


class Countable(StrEnum):
    """What events are counted by."""

    DAY = "day"
    TIME = "time"
    EVENT = "event"
    RESOURCE = "resource"


class TimeUnit(StrEnum):
    WEEK = "week"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"


class EventCountQuery(Request):
    filter: EventFilter = Field(default_factory=EventFilter)
    time_unit: TimeUnit = TimeUnit.DAY
    time_interval: float = Field(default=1.0, ge=0.01, le=1000)


class EventCount(Model):
    """How many events have ``value`` (shown as ``label``), and between which instants."""

    value: str
    label: str
    count: int
    start_time: Instant
    end_time: Instant


class EventSubscription(Request):
    """What a client asks of a stream of events: Prefect's filter message.

    ``after`` is ours: the id of the last event that the client has, so that it is given all that came since.
    """

    type: Literal["filter"]
    filter: EventFilter
    backfill: bool = True
    after: UUID | None = None

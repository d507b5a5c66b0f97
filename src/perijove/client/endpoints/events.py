"""Requests about events and log lines."""

from collections.abc import Sequence

from perijove.client.calls import Call, encode, endpoint, nothing
from perijove.client.endpoints.requests import post
from perijove.schemas.events import Event, EventPage, EventQuery
from perijove.schemas.filters import LogQuery
from perijove.schemas.logs import Log, LogCreate


class Events:
    """Events and logs."""

    @endpoint
    def create_events(self, events: Sequence[Event]) -> Call[None]:
        """Tell what happened; ``prefect.task-run.*`` events are how task runs become known."""
        return Call("POST", "/events", nothing, encode(list(events), whole=True))

    @endpoint
    def read_events(self, query: EventQuery) -> Call[EventPage]:
        """The first of the events that are asked for, and how many there are."""
        return post("/events/filter", query, EventPage)

    @endpoint
    def create_logs(self, logs: Sequence[LogCreate]) -> Call[None]:
        return Call("POST", "/logs/", nothing, encode(list(logs)))

    @endpoint
    def read_logs(self, query: LogQuery) -> Call[list[Log]]:
        return post("/logs/filter", query, list[Log])

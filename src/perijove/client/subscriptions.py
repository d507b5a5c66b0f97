"""What happens on a server, one by one as it happens: over a WebSocket that is opened again whenever it breaks."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from anyio.from_thread import start_blocking_portal
from pydantic import Field
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from perijove import clock
from perijove.client import targets
from perijove.client.targets import Target
from perijove.errors import NotAuthenticated, ServerError, ServerUnavailable
from perijove.schemas.base import Model
from perijove.schemas.events import EventFilter, ReceivedEvent
from perijove.schemas.filters import LogFilter
from perijove.schemas.logs import Log

PATIENCE = 60.0
"""Seconds for which a server that went away is looked for: it may be starting anew."""

LARGEST_MESSAGE = 8 * 1024 * 1024
"""Bytes that one message may have."""

_REFUSED = 1008
_PAUSES = (0.0, 0.1, 0.5, 1.0, 2.0)
_OVERLAP = timedelta(minutes=1)
_MOST_KNOWN = 10_000
_FOREVER = timedelta(days=3650)  # Prefect's server takes no end for now

T = TypeVar("T", ReceivedEvent, Log)


class Subscription(ABC, Generic[T]):
    """Everything of one kind that happens, in its order: ``async for one in subscription``, or a plain ``for``.

    It goes on until the loop is left. A connection that breaks is opened again and nothing is missed or doubled, as
    far as the server keeps it (Prefect's keeps no log lines for this). Raises ServerUnavailable when the server stays
    away, NotAuthenticated, and ServerError for a server that has no such stream.
    """

    path: str
    kind: str

    def __init__(self, target: Target | None = None, *, since: datetime | None = None) -> None:
        self._target = target or targets.require()
        self._since = since
        self._began = clock.now()
        self._last: T | None = None
        self._known: dict[object, None] = {}

    @abstractmethod
    def _question(self, since: datetime) -> dict[str, Any]:
        """The filter as JSON, for what has happened since then."""

    @abstractmethod
    def _read(self, message: str | bytes) -> Sequence[T]:
        """The things in a message; none in one of another kind."""

    @abstractmethod
    def _happened(self, one: T) -> datetime:
        """When it happened."""

    def __aiter__(self) -> AsyncGenerator[T]:
        return self._all()

    async def _all(self) -> AsyncGenerator[T]:
        lost_at: float | None = None
        tries = 0
        while True:
            try:
                async with self._connect() as socket:
                    await self._ask(socket)
                    lost_at, tries = None, 0
                    async for message in socket:
                        for one in self._new(message):
                            yield one
            except InvalidStatus as error:
                self._refused(error)
            except ConnectionClosedError as error:
                self._closed(error)
            except (ConnectionClosed, InvalidHandshake, OSError, TimeoutError):
                pass
            lost_at = lost_at or clock.monotonic()
            if clock.monotonic() - lost_at > PATIENCE:
                raise ServerUnavailable(f"{self._target} went away, and did not come back in {PATIENCE:g} s.")
            await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1
            self._target = targets.found_again(self._target)

    def __iter__(self) -> Iterator[T]:
        with start_blocking_portal() as portal:
            happening = self._all()
            try:
                while True:
                    yield portal.call(happening.__anext__)
            finally:
                portal.call(happening.aclose)

    def _connect(self) -> connect:
        return connect(
            "ws" + self._target.api_url.removeprefix("http") + self.path,
            subprotocols=[Subprotocol("prefect")],
            additional_headers=self._target.headers,
            proxy=True if self._target.kind == "remote" else None,
            max_size=LARGEST_MESSAGE,
            compression=None if self._target.kind == "embedded" else "deflate",
        )

    async def _ask(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"type": "auth", "token": self._target.token}))
        if json.loads(await socket.recv()).get("type") != "auth_success":
            raise NotAuthenticated(403, f"{self._target} refuses the token.")
        await socket.send(json.dumps(self._message()))

    def _message(self) -> dict[str, Any]:
        """What is asked for: at first all since the time that was given, later all since the last that came."""
        if self._last is None:
            since = self._since or self._began
            return {"type": "filter", "filter": self._question(since), "backfill": True}
        since = self._happened(self._last) - _OVERLAP  # for a server that does not know ``after``
        return {"type": "filter", "filter": self._question(since), "backfill": True, "after": str(self._last.id)}

    def _new(self, message: str | bytes) -> Iterator[T]:
        """The things in the message that are not known yet."""
        for one in self._read(message):
            if one.id not in self._known:
                self._last = one
                self._known[one.id] = None
                if len(self._known) > _MOST_KNOWN:
                    del self._known[next(iter(self._known))]
                yield one

    def _refused(self, error: InvalidStatus) -> None:
        status = error.response.status_code
        if status >= 500:
            return
        reason = f"{self._target} has no stream of {self.kind}s, or refuses the token (HTTP {status})."
        raise ServerError(f"{reason} An older server has none: upgrade it, or look from time to time.")

    def _closed(self, error: ConnectionClosedError) -> None:
        if error.rcvd is not None and error.rcvd.code == _REFUSED:
            raise NotAuthenticated(403, f"{self._target} refuses the token: {error.rcvd.reason}")
        if error.rcvd is not None and error.rcvd.code == 1002:
            raise ServerError(f"{self._target} does not understand the subscription: {error.rcvd.reason}")


class _EventMessage(Model):
    event: ReceivedEvent | None = None


class _LogMessage(Model):
    """One line, or from an embedded server several."""

    log: Log | None = None
    logs: list[Log] = Field(default_factory=list)


class Events(Subscription[ReceivedEvent]):
    """Events, those that ``asked`` includes; ``since``: also the past ones since then (None: from now on)."""

    path = "/events/out"
    kind = "event"

    def __init__(
        self, asked: EventFilter | None = None, target: Target | None = None, *, since: datetime | None = None
    ) -> None:
        super().__init__(target, since=since)
        self._asked = asked or EventFilter()

    def _question(self, since: datetime) -> dict[str, Any]:
        said = self._asked.model_dump(mode="json", exclude_none=True, exclude_unset=True)
        until = self._asked.occurred.until or clock.now() + _FOREVER
        return {**said, "occurred": {"since": since.isoformat(), "until": until.isoformat()}}

    def _read(self, message: str | bytes) -> Sequence[ReceivedEvent]:
        event = _EventMessage.model_validate_json(message).event
        return [event] if event else ()

    def _happened(self, one: ReceivedEvent) -> datetime:
        return one.occurred


class Logs(Subscription[Log]):
    """Log lines, those that ``asked`` includes; ``since``: also the past ones since then (None: from now on)."""

    path = "/logs/out"
    kind = "log"

    def __init__(
        self, asked: LogFilter | None = None, target: Target | None = None, *, since: datetime | None = None
    ) -> None:
        super().__init__(target, since=since)
        self._asked = asked or LogFilter()

    def _question(self, since: datetime) -> dict[str, Any]:
        said = self._asked.model_dump(mode="json", exclude_none=True, exclude_unset=True)
        return {**said, "timestamp": {"after_": since.isoformat(), **said.get("timestamp", {})}}

    def _message(self) -> dict[str, Any]:
        return {**super()._message(), "together": True}  # a message for each of many lines costs more than the line

    def _read(self, message: str | bytes) -> Sequence[Log]:
        said = _LogMessage.model_validate_json(message)
        return [said.log] if said.log else said.logs

    def _happened(self, one: Log) -> datetime:
        return one.timestamp

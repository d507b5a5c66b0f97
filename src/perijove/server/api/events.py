"""Routes of events: tell, look up, count, and watch them."""

import asyncio
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, WebSocket, WebSocketDisconnect, status
from pydantic import ValidationError
from sqlalchemy import Connection

from perijove import clock
from perijove.schemas.base import Request as Asked
from perijove.schemas.events import (
    PAGE,
    Countable,
    Event,
    EventCount,
    EventCountQuery,
    EventFilter,
    EventPage,
    EventQuery,
    EventSubscription,
)
from perijove.server.api import sockets
from perijove.server.api.backend import Backend, Injected
from perijove.server.rules import matching
from perijove.server.services import counting, recording
from perijove.server.storage import events
from perijove.server.storage.events import Recorded

BACKFILL_PAGE = 250
"""Past events that are sent at once."""

MOST_UNRECORDED = 500
"""Events of one client that wait to be recorded; more wait with the client."""

router = APIRouter(prefix="/events", tags=["events"])
log = logging.getLogger(__name__)


@router.post("", status_code=status.HTTP_204_NO_CONTENT)
async def create_events(happened: list[Event], backend: Injected) -> None:
    """Take note of what happened: task runs are made from the ``prefect.task-run.*`` events of their processes."""
    await _record(backend, happened)


async def _record(backend: Backend, happened: list[Event]) -> None:
    touched = await backend.write(partial(recording.record, happened=happened))
    backend.signals.notify(*touched)


# -- looking up ---------------------------------------------------------------------------------------------------


class _Page(Asked):
    """What the address of a following page holds."""

    filter: EventFilter
    total: int
    limit: int
    offset: int


@router.post("/filter")
async def read_events(query: EventQuery, request: Request, backend: Injected) -> EventPage:
    """The first page of the events that are asked for."""
    asked = (query.filter or EventFilter()).model_copy(deep=True)
    asked.occurred.until = asked.occurred.until or clock.now()  # the same events for the following pages
    total = await backend.read(partial(events.count, asked=asked))
    return await _page(_Page(filter=asked, total=total, limit=query.limit, offset=0), request, backend)


@router.get("/filter/next")
async def read_next_events(
    token: Annotated[str, Query(alias="page-token")], request: Request, backend: Injected
) -> EventPage:
    """A following page; its address was in the page before it."""
    try:
        page = _Page.model_validate_json(urlsafe_b64decode(token))
    except (ValueError, ValidationError):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "That is no page token of this server.") from None
    return await _page(page, request, backend)


async def _page(page: _Page, request: Request, backend: Backend) -> EventPage:
    limit, offset = min(page.limit, PAGE), max(page.offset, 0)
    found = await backend.read(partial(events.search, asked=page.filter, limit=limit, offset=offset))
    return EventPage(events=found, total=page.total, next_page=_next_page(page, request))


def _next_page(page: _Page, request: Request) -> str | None:
    after = page.offset + page.limit
    if not page.limit or after >= page.total:
        return None
    token = urlsafe_b64encode(page.model_copy(update={"offset": after}).model_dump_json().encode()).decode()
    return f"{request.base_url}api/events/filter/next?page-token={token}"


@router.post("/count-by/{countable}")
async def count_events(countable: Countable, query: EventCountQuery, backend: Injected) -> list[EventCount]:
    """How many events there are by name, by resource or by span of time."""
    return await backend.read(partial(counting.count, query=query, by=countable))


# -- streams ------------------------------------------------------------------------------------------------------


@router.websocket("/in")
async def events_in(socket: WebSocket, backend: Injected) -> None:
    """Take note of events as they come, one a message."""
    await socket.accept()
    waiting: asyncio.Queue[Event] = asyncio.Queue(MOST_UNRECORDED)
    recorder = asyncio.create_task(_record_all(waiting, backend))
    try:
        while True:
            if event := _event(await socket.receive_text()):
                await waiting.put(event)
    except (WebSocketDisconnect, KeyError):
        await waiting.join()
    finally:
        recorder.cancel()
        await asyncio.gather(recorder, return_exceptions=True)


def _event(text: str) -> Event | None:
    """The event in a message. A bad one is passed over: a client that is cut off for it sends it again for ever."""
    try:
        return Event.model_validate_json(text)
    except ValidationError as error:
        log.warning("A client sent what is no event: %s", error.errors(include_url=False, include_input=False)[:3])
        return None


async def _record_all(waiting: asyncio.Queue[Event], backend: Backend) -> None:
    while True:
        happened = [await waiting.get()]
        while not waiting.empty():
            happened.append(waiting.get_nowait())
        try:
            await _record(backend, happened)
        except Exception:
            log.exception("%d events could not be recorded", len(happened))
        finally:
            for _ in happened:
                waiting.task_done()


@router.websocket("/out")
async def events_out(socket: WebSocket, backend: Injected) -> None:
    """Send the events that are asked for: those that were, then each as it happens."""
    if asked := await sockets.asked(socket, EventSubscription):
        if asked.after is not None:  # what the client has is known better than by a time
            asked.filter.occurred.since = None
        await sockets.send_while_connected(socket, _send_events(socket, asked, backend))


async def _send_events(socket: WebSocket, asked: EventSubscription, backend: Backend) -> None:
    def wants(one: Recorded) -> bool:
        return matching.includes(asked.filter, one.event)

    with backend.feed.watch(Recorded, wants) as watch:
        last = await _backfill(socket, asked, backend)
        while True:
            for one in await watch.next():
                if one.position > last:
                    await socket.send_text(_message(one))


async def _backfill(socket: WebSocket, asked: EventSubscription, backend: Backend) -> int:
    """Send the past events; the position up to which everything has been sent."""
    last = await backend.read(partial(_start, asked=asked))
    page = await backend.read(partial(events.after, position=last, limit=BACKFILL_PAGE, asked=asked.filter))
    while page:
        for one in page:
            await socket.send_text(_message(one))
        last = page[-1].position
        page = await backend.read(partial(events.after, position=last, limit=BACKFILL_PAGE, asked=asked.filter))
    return last


def _start(connection: Connection, asked: EventSubscription) -> int:
    """The position after which events are wanted."""
    known = events.position_of(connection, asked.after) if asked.after else None
    if known is not None:
        return known
    return 0 if asked.backfill or asked.after else events.last_position(connection)


def _message(one: Recorded) -> str:
    return f'{{"type":"event","event":{one.json}}}'

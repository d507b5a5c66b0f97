"""Routes of log lines."""

from collections.abc import Iterable, Iterator
from functools import partial

from fastapi import APIRouter, WebSocket, status

from perijove.schemas.filters import LogQuery, LogSubscription
from perijove.schemas.logs import Log, LogCreate
from perijove.server.api import sockets
from perijove.server.api.backend import Backend, Injected
from perijove.server.rules import log_matching
from perijove.server.storage import logs
from perijove.server.storage.logs import Logged

BACKFILL_PAGE = 250
"""Lines that are there already which are sent at once."""

LARGEST_MESSAGE = 500_000
"""Characters of a message that holds several lines."""

router = APIRouter(prefix="/logs", tags=["logs"])


@router.post("/", status_code=status.HTTP_201_CREATED)
async def create_logs(lines: list[LogCreate], backend: Injected) -> None:
    await backend.write(partial(logs.add, lines=lines))


@router.post("/filter")
async def read_logs(query: LogQuery, backend: Injected) -> list[Log]:
    return await backend.read(partial(logs.search, query=query))


@router.websocket("/out")
async def logs_out(socket: WebSocket, backend: Injected) -> None:
    """Send the lines that are asked for as they come; on request also those that are there already."""
    if asked := await sockets.asked(socket, LogSubscription):
        if asked.after is not None:  # what the client has is known better than by a time
            asked.filter.timestamp = None
        await sockets.send_while_connected(socket, _send_lines(socket, asked, backend))


async def _send_lines(socket: WebSocket, asked: LogSubscription, backend: Backend) -> None:
    def wants(one: Logged) -> bool:
        return log_matching.includes(asked.filter, one.line)

    with backend.feed.watch(Logged, wants) as watch:
        sent = await _backfill(socket, asked, backend) if asked.backfill or asked.after else set()
        while True:
            come = await watch.next()
            await _send(socket, asked, [one for one in come if one.line.id not in sent])
            sent -= {one.line.id for one in come}  # stored while the lines before them were being sent


async def _backfill(socket: WebSocket, asked: LogSubscription, backend: Backend) -> set[object]:
    """Send the lines that are there, and return their ids: the last of them may come once more."""
    sent: set[object] = set()
    page = await backend.read(partial(logs.after, line_id=asked.after, limit=BACKFILL_PAGE, asked=asked.filter))
    while page:
        await _send(socket, asked, [Logged(line) for line in page])
        sent |= {line.id for line in page}
        page = await backend.read(partial(logs.after, line_id=page[-1].id, limit=BACKFILL_PAGE, asked=asked.filter))
    return sent


async def _send(socket: WebSocket, asked: LogSubscription, lines: Iterable[Logged]) -> None:
    if not asked.together:
        for one in lines:
            await socket.send_text(f'{{"type":"log","log":{one.json}}}')
        return
    for some in _in_messages(one.json for one in lines):
        await socket.send_text(f'{{"type":"logs","logs":[{",".join(some)}]}}')


def _in_messages(lines: Iterable[str]) -> Iterator[list[str]]:
    """As many lines as a message should have."""
    some: list[str] = []
    size = 0
    for line in lines:
        if some and size + len(line) > LARGEST_MESSAGE:
            yield some
            some, size = [], 0
        some.append(line)
        size += len(line)
    if some:
        yield some

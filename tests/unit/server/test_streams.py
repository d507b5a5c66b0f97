"""Events and log lines as they happen, over real WebSockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from fastapi.routing import APIWebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response
from websockets.typing import Subprotocol

from perijove import clock
from perijove.client import AsyncClient, Events, Logs, Target
from perijove.errors import NotAuthenticated, ServerError
from perijove.schemas.events import Event, EventFilter, EventNameFilter, EventQuery
from perijove.schemas.filters import Among, LogFilter
from perijove.schemas.logs import LogCreate
from perijove.server.api.logs import LARGEST_MESSAGE
from perijove.server.app import ROUTERS
from perijove.server.services import feed

pytestmark = pytest.mark.anyio
PATIENCE = 10.0


@pytest.fixture
async def teller(served: Target) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(served) as opened:
        yield opened


def _happened(name: str = "thing.happened") -> Event:
    return Event(event=name, resource={"prefect.resource.id": "thing.1"})


def _line(message: str, **fields: Any) -> LogCreate:
    return LogCreate(name="a", level=20, message=message, timestamp=clock.now(), **fields)


@asynccontextmanager
async def _socket(target: Target, path: str, token: str | None) -> AsyncIterator[ClientConnection]:
    """A socket on which a token was given, as Prefect's clients give it."""
    url = target.api_url.replace("http", "ws", 1) + path
    async with connect(url, subprotocols=[Subprotocol("prefect")], proxy=None) as socket:
        await socket.send(json.dumps({"type": "auth", "token": token}))
        yield socket


async def _read_all(socket: ClientConnection) -> None:
    while True:
        await socket.recv()


async def test_past_events_come_first_then_each_as_it_happens(teller: AsyncClient) -> None:
    before = clock.now()
    past = [_happened(f"thing.{number}") for number in range(600)]
    await teller.create_events(past)
    last = _happened("last")
    heard = []
    async with asyncio.timeout(PATIENCE):
        async for event in Events(target=teller.target, since=before):
            heard.append(event.id)
            if event.id == past[-1].id:
                await teller.create_events([last])
            if event.id == last.id:
                break
    assert heard == [event.id for event in (*past, last)]


async def test_who_comes_back_hears_what_he_missed_and_nothing_twice(teller: AsyncClient) -> None:
    told = [_happened(f"thing.{number}") for number in range(3)]
    await teller.create_events(told)
    question = {"type": "filter", "filter": {}, "after": str(told[0].id)}
    async with asyncio.timeout(PATIENCE), _socket(teller.target, "/events/out", teller.target.token) as socket:
        await socket.recv()
        await socket.send(json.dumps(question))
        heard = [json.loads(await socket.recv())["event"]["id"] for _ in range(2)]
    assert heard == [str(event.id) for event in told[1:]]


async def test_events_that_are_sent_in_are_recorded(teller: AsyncClient) -> None:
    told = [_happened(f"thing.{number}") for number in range(100)]
    async with asyncio.timeout(PATIENCE), _socket(teller.target, "/events/in", teller.target.token) as socket:
        await socket.recv()
        await socket.send("no event")
        for event in told:
            await socket.send(event.model_dump_json())
    asked = EventFilter(event=EventNameFilter(prefix=["thing."]))
    async with asyncio.timeout(PATIENCE):
        while (await teller.read_events(EventQuery(filter=asked))).total < len(told):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_log_lines_come_as_they_are_written_and_those_before_on_request(teller: AsyncClient) -> None:
    before, run_id = clock.now(), uuid4()
    await teller.create_logs([_line("mine", flow_run_id=run_id), _line("another's", flow_run_id=uuid4())])
    heard = []
    asked = LogFilter(flow_run_id=Among(any_=[run_id]))
    async with asyncio.timeout(PATIENCE):
        async for line in Logs(asked, teller.target, since=before):
            heard.append(line.message)
            if len(heard) == 2:
                break
            await teller.create_logs([_line("not mine"), _line("later", flow_run_id=run_id)])
    assert heard == ["mine", "later"]


@pytest.mark.parametrize(("together", "messages"), [(False, [1, 1, 1]), (True, [2, 1])])
async def test_several_lines_come_in_one_message_where_that_is_asked_for(
    teller: AsyncClient, together: bool, messages: list[int]
) -> None:
    run_id = uuid4()
    await teller.create_logs([_line(text, flow_run_id=run_id) for text in ("a", "b", "c" * LARGEST_MESSAGE)])
    question = {"type": "filter", "filter": {"flow_run_id": {"any_": [str(run_id)]}}, "backfill": True}
    async with asyncio.timeout(PATIENCE), _socket(teller.target, "/logs/out", teller.target.token) as socket:
        await socket.recv()
        await socket.send(json.dumps({**question, "together": together}))
        heard = [json.loads(await socket.recv()) for _ in messages]
    told = [said["logs"] if together else [said["log"]] for said in heard]
    assert [len(some) for some in told] == messages
    assert [line["message"][0] for some in told for line in some] == ["a", "b", "c"]


async def test_a_plain_loop_hears_the_same(teller: AsyncClient) -> None:
    before = clock.now()
    await teller.create_events([_happened("one"), _happened("two")])

    def first_two() -> list[str]:
        heard = []
        for event in Events(target=teller.target, since=before):
            heard.append(event.event)
            if len(heard) == 2:
                break
        return heard

    assert await asyncio.wait_for(asyncio.to_thread(first_two), PATIENCE) == ["one", "two"]


async def test_a_wrong_token_is_told_in_a_sentence(served: Target) -> None:
    for wrong in (Target(served.api_url, "remote", "wrong"), Target(served.api_url, "remote")):
        with pytest.raises((NotAuthenticated, ServerError), match="token"):
            await anext(aiter(Events(target=wrong)))


async def test_a_server_without_streams_is_told_in_a_sentence() -> None:
    def not_found(socket: ServerConnection, _: object) -> Response:
        return socket.respond(404, "Not Found")

    async with serve(lambda _: asyncio.sleep(0), "127.0.0.1", 0, process_request=not_found) as old:
        address = old.sockets[0].getsockname()[1]
        with pytest.raises(ServerError, match="no stream of events"):
            await anext(aiter(Events(target=Target(f"http://127.0.0.1:{address}/api", "remote"))))


@pytest.mark.parametrize(
    ("path", "question"),
    [
        ("/events/out", {"type": "nonsense"}),
        ("/events/out", {"type": "filter", "filter": {"color": "red"}}),
        ("/logs/out", {"type": "filter", "filter": {"level": "high"}}),
    ],
)
async def test_nonsense_is_refused_with_prefects_code(served: Target, path: str, question: dict[str, Any]) -> None:
    async with asyncio.timeout(PATIENCE), _socket(served, path, served.token) as socket:
        await socket.recv()
        await socket.send(json.dumps(question))
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1002


async def test_a_reader_who_leaves_too_much_unread_is_dropped_and_told_so(
    teller: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_WAITING", 5)
    started = clock.now().isoformat()
    question = {"type": "filter", "filter": {"occurred": {"since": started}}}
    async with asyncio.timeout(PATIENCE), _socket(teller.target, "/events/out", teller.target.token) as socket:
        await socket.recv()
        await socket.send(json.dumps(question))
        await teller.create_events([_happened("first")])
        await socket.recv()
        await teller.create_events([_happened() for _ in range(20)])
        with pytest.raises(ConnectionClosed) as closed:
            await _read_all(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013


async def test_there_is_room_for_so_many_watchers_and_no_more(
    teller: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_WATCHERS", 0)
    async with asyncio.timeout(PATIENCE), _socket(teller.target, "/events/out", teller.target.token) as socket:
        await socket.recv()
        await socket.send(json.dumps({"type": "filter", "filter": {}}))
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013


# -- the guard ----------------------------------------------------------------------------------------------------

PATHS = ["/events/in", "/events/out", "/logs/out"]


@pytest.mark.parametrize(
    "first", ['{"type":"auth","token":"wrong"}', '{"type":"auth","token":null}', '{"type":"filter"}', "[]", "no json"]
)
async def test_no_socket_is_opened_by_a_wrong_first_message(served: Target, first: str) -> None:
    for path in PATHS:
        url = served.api_url.replace("http", "ws", 1) + path
        async with connect(url, subprotocols=[Subprotocol("prefect")], proxy=None) as socket:
            await socket.send(first)
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008


STRANGERS = [
    {"Origin": "http://evil.example"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Basic d3Jvbmc="},
]


async def test_no_browser_and_no_wrong_header_opens_a_socket(served: Target) -> None:
    for path, headers in product(PATHS, STRANGERS):
        url = served.api_url.replace("http", "ws", 1) + path
        given = {"Authorization": f"Bearer {served.token}", **headers}
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, subprotocols=[Subprotocol("prefect")], additional_headers=given, proxy=None)
        assert refused.value.response.status_code == 403


async def test_a_host_that_is_not_ours_opens_no_socket(served: Target) -> None:
    address = urlsplit(served.api_url)
    for path in PATHS:
        url = f"ws://evil.example:{address.port}/api{path}"
        given = {"Authorization": f"Bearer {served.token}"}
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, additional_headers=given, proxy=None, host="127.0.0.1", port=address.port)
        assert refused.value.response.status_code == 403


async def test_a_client_that_does_not_speak_the_protocol_needs_the_token_in_a_header(served: Target) -> None:
    for path in PATHS:
        url = served.api_url.replace("http", "ws", 1) + path
        with pytest.raises(InvalidStatus):
            await connect(url, proxy=None)
        async with connect(url, additional_headers={"Authorization": f"Bearer {served.token}"}, proxy=None):
            pass


async def test_every_socket_of_the_server_is_among_those_that_were_tried() -> None:
    routes = [route for part in ROUTERS for route in part.router.routes]
    assert sorted(route.path for route in routes if isinstance(route, APIWebSocketRoute)) == sorted(PATHS)


async def test_the_token_may_be_given_as_prefects_auth_string(served: Target) -> None:
    for token in ("the-token", "user:the-token", ":the-token"):
        async with asyncio.timeout(PATIENCE), _socket(served, "/events/out", token) as socket:
            assert json.loads(await socket.recv()) == {"type": "auth_success"}

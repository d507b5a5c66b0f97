"""No route is reached without the token, a Host that is ours and an Origin that is not a stranger's."""

from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi.routing import APIRoute

from perijove.server.app import ROUTERS, create_app
from perijove.server.guard import PUBLIC_PATHS
from perijove.server.services.signals import Signals
from perijove.server.storage.database import Database

pytestmark = pytest.mark.anyio
TOKEN = "the-token"
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE")
GOOD = {"host": "127.0.0.1:4200", "authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "perijove.db")
    yield opened
    opened.close()


def _paths() -> list[str]:
    """Every route's path, as the routers have them: an application may hide those that it includes."""
    paths = {f"/api{route.path}" for part in ROUTERS for route in part.router.routes if isinstance(route, APIRoute)}
    return [*sorted(paths), "/ready", "/openapi.json", "/", "/nowhere"]


async def _statuses(
    database: Database, methods: Iterable[str], paths: Iterable[str], headers: dict[str, str]
) -> dict[tuple[str, str], int]:
    app = create_app(database, Signals(), TOKEN)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        return {
            (method, path): (await client.request(method, path, headers=headers)).status_code
            for method, path in product(methods, paths)
        }


async def _status(database: Database, method: str, path: str, headers: dict[str, str]) -> int:
    return (await _statuses(database, [method], [path], headers))[method, path]


def test_the_routes_that_are_tried_are_all_there_are() -> None:
    assert len(_paths()) > 40
    assert "/api/deployments/{deployment_id:uuid}" in _paths()


async def test_the_one_public_path_says_nothing_but_that_it_is_there(database: Database) -> None:
    assert sorted(PUBLIC_PATHS) == ["/ready"]
    assert await _status(database, "GET", "/ready", {"host": "localhost"}) == 200


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "Basic d3Jvbmc=", "Basic !", TOKEN])
async def test_every_route_and_method_refuses_a_request_without_the_token(
    database: Database, authorization: str | None
) -> None:
    headers = {"host": "127.0.0.1"} | ({} if authorization is None else {"authorization": authorization})
    paths = [path for path in _paths() if path not in PUBLIC_PATHS]
    assert set((await _statuses(database, METHODS, paths, headers)).values()) == {401}


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "0.0.0.0",
        "[::2]",
        "",
        "127.0.0.2",
        "evil.example@127.0.0.1",
        "127.0.0.1?x.evil.example",
        "127.0.0.1:abc",
        "[::1",
    ],
)
async def test_a_host_that_is_not_ours_is_refused_even_with_the_token(database: Database, host: str) -> None:
    answers = await _statuses(database, ["GET"], _paths(), {**GOOD, "host": host})
    assert set(answers.values()) == {400}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:8888"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "ftp://127.0.0.1:4200"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_page_of_another_origin_is_refused_even_with_the_token(
    database: Database, headers: dict[str, str]
) -> None:
    answers = await _statuses(database, METHODS, ["/api/flows/"], {**GOOD, **headers})
    assert set(answers.values()) == {403}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "localhost", "LOCALHOST:1", "[::1]", "[::1]:4200"])
@pytest.mark.parametrize("authorization", [f"Bearer {TOKEN}", f"bearer {TOKEN}", "Basic OnRoZS10b2tlbg=="])
async def test_the_token_opens_the_door(database: Database, host: str, authorization: str) -> None:
    assert await _status(database, "GET", "/api/version", {"host": host, "authorization": authorization}) == 200


@pytest.mark.parametrize("authorization", [None, "Bearer ", "Basic Og=="])
async def test_a_server_without_a_token_lets_nobody_in(database: Database, authorization: str | None) -> None:
    app = create_app(database, Signals(), "")
    headers = {"host": "127.0.0.1"} | ({} if authorization is None else {"authorization": authorization})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        assert (await client.get("/api/version", headers=headers)).status_code == 401


async def test_a_body_that_is_too_large_or_of_unsaid_length_is_refused(database: Database) -> None:
    assert await _status(database, "POST", "/api/logs/", {**GOOD, "content-length": str(2**30)}) == 413
    assert await _status(database, "POST", "/api/logs/", {**GOOD, "transfer-encoding": "chunked"}) == 411

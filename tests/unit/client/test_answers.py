"""Answers that don't come from the API: an address that is another program's."""

import asyncio

import httpx2 as httpx
import pytest
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from perijove.client import AsyncClient, Target
from perijove.errors import NotAuthenticated, ServerError
from perijove.schemas.filters import FlowQuery


def _read_flows(answer: Response) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)

    async def read() -> None:
        target = Target("http://other.example/api", "remote")
        async with AsyncClient(target, httpx.ASGITransport(app=app)) as client:
            await client.read_flows(FlowQuery())

    asyncio.run(read())


def test_a_server_that_sends_elsewhere_is_not_the_api() -> None:
    with pytest.raises(ServerError, match=r"does not answer as Prefect's API does\. The API's address ends in /api"):
        _read_flows(RedirectResponse("/login"))


def test_a_page_that_refuses_is_not_quoted() -> None:
    with pytest.raises(NotAuthenticated) as refused:
        _read_flows(HTMLResponse("<html><title>Log in</title></html>", 403))
    assert str(refused.value) == "The server refuses the token: Forbidden"

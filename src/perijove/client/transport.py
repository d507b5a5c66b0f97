"""How calls reach a server: the token, the patience, and refusals turned into errors."""

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Any, Self, TypeVar

import httpx2 as httpx

from perijove.client.api import Api, AsyncApi
from perijove.client.calls import Call, SyncSender
from perijove.client.targets import Target
from perijove.errors import ApiError, Invalid, NotAuthenticated, NotFound, ServerError, ServerUnavailable
from perijove.servers import without_password

TIMEOUT = 30.0
"""Seconds that an answer may take, beyond what the call itself asks the server to wait."""

PAUSES = (0.05, 0.2, 0.75, 2.0)
"""Seconds between the tries of a request that never reached the server, or that it was too busy for."""

API_VERSION = "0.8.4"
"""The version of Prefect's REST API that is spoken."""

_BUSY = (429, 503)

# Spreads the tries of many clients. The module's own generator is the user's, who may have seeded it.
_chance = random.Random()  # noqa: S311  (no secret)
T = TypeVar("T")


class SyncClient(Api, SyncSender):
    """A blocking client of one target. Use it as a context manager, or close it."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._http = httpx.Client(**_options(target))

    def send(self, call: Call[T]) -> T:
        for pause in _tries():
            try:
                response = self._http.send(self._http.build_request(**_request(call, self.target)))
            except httpx.ConnectError as error:
                if pause is None:
                    raise _unavailable(self.target) from error
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if pause is None or not _goes_again(call, error):
                    raise _unavailable(self.target) from error
            else:
                if pause is None or response.status_code not in _BUSY:
                    return _read(call, _accepted(response))
            time.sleep(pause)
        raise AssertionError("the last try has no pause")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(AsyncApi):
    """An asynchronous client of one target: ``async with AsyncClient(target) as client``.

    ``transport``: another way to the server than the network, such as ``httpx2.ASGITransport``.
    """

    def __init__(self, target: Target, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.target = target
        self._http = httpx.AsyncClient(**_options(target), transport=transport)

    async def send(self, call: Call[T]) -> T:
        for pause in _tries():
            try:
                response = await self._http.send(self._http.build_request(**_request(call, self.target)))
            except httpx.ConnectError as error:
                if pause is None:
                    raise _unavailable(self.target) from error
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if pause is None or not _goes_again(call, error):
                    raise _unavailable(self.target) from error
            else:
                if pause is None or response.status_code not in _BUSY:
                    return _read(call, _accepted(response))
            await asyncio.sleep(pause)
        raise AssertionError("the last try has no pause")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _tries() -> Iterator[float | None]:
    for pause in PAUSES:
        yield pause * _chance.uniform(0.5, 1.5)
    yield None


def _goes_again(call: Call[Any], error: Exception) -> bool:
    """Whether a request whose answer was lost may be sent again; who waited in vain once has waited long enough."""
    return call.repeatable and isinstance(error, httpx.NetworkError | httpx.ProtocolError)


def _options(target: Target) -> dict[str, Any]:
    headers = {"X-PREFECT-API-VERSION": API_VERSION, "Content-Type": "application/json", **target.headers}
    # Loading the system's certificates costs 20 ms and is of no use on plain HTTP.
    return {
        "headers": headers,
        "verify": not target.api_url.lower().startswith("http:"),
        "trust_env": target.kind == "remote",
    }


def _request(call: Call[Any], target: Target) -> dict[str, Any]:
    return {
        "method": call.method,
        "url": target.api_url + call.path,
        "content": call.body,
        "headers": dict(call.headers),
        "timeout": httpx.Timeout(TIMEOUT + call.wait, connect=5.0),
    }


def _accepted(response: httpx.Response) -> httpx.Response:
    if response.status_code < 300:
        return response
    if response.is_redirect:
        raise _no_api(response)
    detail = _reason(response)
    match response.status_code:
        case 401 | 403:
            raise NotAuthenticated(response.status_code, f"The server refuses the token: {detail}")
        case 404:
            raise NotFound(404, detail)
        case 400 | 409 | 422 as status:
            raise Invalid(status, detail)
        case status:
            raise ApiError(status, f"The server answered {status} to {response.request.url.path}: {detail}")


def _read(call: Call[T], response: httpx.Response) -> T:
    try:
        return call.read(response)
    except ValueError:
        raise _no_api(response) from None


def _no_api(response: httpx.Response) -> ServerError:
    url = without_password(str(response.request.url))
    return ServerError(f"{url} does not answer as Prefect's API does. The API's address ends in /api.")


def _reason(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        is_page = "html" in response.headers.get("content-type", "")
        return (not is_page and response.text[:500]) or response.reason_phrase
    if not isinstance(body, dict):
        return str(body)[:500]
    detail = body.get("detail") or body.get("exception_detail") or body.get("exception_message") or body
    return _invalid_fields(detail) if isinstance(detail, list) else str(detail)


def _invalid_fields(problems: list[Any]) -> str:
    """FastAPI's list of refused fields, as ``field: reason``."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem.get('loc', ()) if part != 'body')}: {problem.get('msg')}"
        if isinstance(problem, dict)
        else str(problem)
        for problem in problems
    )


def _unavailable(target: Target) -> ServerUnavailable:
    hint = (
        "`perijove server start` starts it."
        if target.kind == "embedded"
        else "Is the address right? `perijove target` says what named it."
    )
    return ServerUnavailable(f"Nothing answers at {without_password(target.api_url)}. {hint}")

"""The target's REST API under Jupyter's own authentication: the browser never holds the target's token."""

import re

import httpx2 as httpx

from perijove.client.calls import Call
from perijove.errors import NotFound
from perijove.lab.handlers import Handler, route

PREFIX = "/perijove/api/"

_RESOURCES = (
    "artifacts|automations|deployments|flow_run_states|flow_runs|flows|logs|task_run_states|task_runs|work_pools"
)
_SEGMENT = r"[\w~-](?:[\w.~-]|%(?!2[eEfF]|5[cC])[0-9A-Fa-f]{2})*"
_PATH = re.compile(rf"(?:{_RESOURCES})(?:/{_SEGMENT})*/?(?:\?[^#]*)?", re.ASCII)
_WAIT = re.compile(r"wait=(\d+)")
_PASSED_ON = ("If-None-Match", "Prefer")


class WireHandler(Handler):
    """One request on to the target, and its answer back."""

    @route
    async def get(self, *_: str) -> None:
        await self._forward()

    @route
    async def post(self, *_: str) -> None:
        await self._forward()

    @route
    async def patch(self, *_: str) -> None:
        await self._forward()

    @route
    async def delete(self, *_: str) -> None:
        await self._forward()

    async def _forward(self) -> None:
        response = await self.connection.send(self._call())
        self.set_status(response.status_code)
        self.finish(response.content or None)  # an answer without content may not even have an empty one

    def _call(self) -> Call[httpx.Response]:
        headers = {name: self.request.headers[name] for name in _PASSED_ON if name in self.request.headers}
        wait = _WAIT.search(headers.get("Prefer", ""))
        return Call(
            self.request.method or "GET",
            f"/{self._path()}",
            lambda response: response,
            self.request.body or None,
            headers,
            wait=float(wait[1]) if wait else 0.0,
        )

    def _path(self) -> str:
        """The path and query as they were sent. Raises NotFound for what is no resource of the wire."""
        path = (self.request.uri or "").partition(PREFIX)[2]
        if not _PATH.fullmatch(path):
            raise NotFound(404, f"{path.partition('?')[0][:100]!r} is nothing that the sidebar may ask for.")
        return path

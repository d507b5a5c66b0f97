"""What a worker tells a server of the runs that it has."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from perijove.client import Target
from perijove.schemas.leases import LeaseRenewal
from perijove.worker.claims import Leases
from perijove.worker.connection import Connection
from perijove.worker.posts import PoolPost


class _Renewals:
    """An API that notes what it is asked."""

    def __init__(self) -> None:
        self.named: list[list[UUID]] = []

    async def renew_leases(self, renewal: LeaseRenewal) -> None:
        self.named.append(renewal.flow_run_ids)


class _TriesTwice(Connection):
    """A connection whose every call has to be tried again, with ``between`` happening before."""

    def __init__(self, api: _Renewals, between: Callable[[], object]) -> None:
        super().__init__(Target("http://127.0.0.1:9/api", "remote", "secret"))
        self._api = api
        self._between = between

    async def call(self, ask: Callable[[Any], Awaitable[Any]], *, patience: float = 0.0) -> Any:
        await ask(self._api)
        self._between()
        return await ask(self._api)


@pytest.mark.anyio
async def test_a_renewal_that_is_tried_again_names_the_runs_of_that_moment() -> None:
    api, (ended, begun) = _Renewals(), (uuid4(), uuid4())
    runs = {ended: None}

    def change() -> None:
        del runs[ended]
        runs[begun] = None

    claims = Leases(PoolPost(1, "local", "w"), _TriesTwice(api, change))
    await claims.keep(runs)
    assert api.named == [[ended], [begun]]

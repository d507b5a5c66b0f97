"""What a worker asks a server for."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from perijove.client import Target
from perijove.worker.connection import Connection
from perijove.worker.posts import DeploymentsPost, PoolPost, Post

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class _Asked(Connection):
    """A connection that notes up to when runs are asked for."""

    def __init__(self) -> None:
        super().__init__(Target("http://127.0.0.1:9/api", "remote", "secret"))
        self.before: datetime | None = None

    async def call(self, ask: Callable[[Any], Awaitable[Any]], *, patience: float = 0.0) -> Any:
        return await ask(self)

    async def get_scheduled_flow_runs(self, _: str, request: Any, **__: object) -> list[object]:
        self.before = request.scheduled_before
        return []

    async def get_scheduled_flow_runs_for_deployments(self, _: object, **asked: Any) -> list[object]:
        self.before = asked["scheduled_before"]
        return []


@pytest.mark.anyio
@pytest.mark.parametrize("post", [PoolPost(1, "local", "w"), DeploymentsPost(1, (uuid4(),), pause=False)])
async def test_a_server_that_gives_all_that_is_scheduled_is_asked_for_what_is_due(post: Post) -> None:
    asked = _Asked()
    with time_machine.travel(NOW, tick=False):
        await post.due(asked, 5, wait=0.0)
    assert asked.before == NOW

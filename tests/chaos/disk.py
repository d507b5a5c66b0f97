"""A disk without space: what can't be kept is refused in a sentence, nothing is half done, and the server goes on."""

import contextlib
import random
import resource
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx2 as httpx

from perijove import embed
from perijove.client import SyncClient
from perijove.schemas.filters import Among, FlowFilter, FlowRunQuery
from perijove.schemas.flows import FlowCreate

from . import stage

_ROOM = 1024 * 1024
"""Bytes of a file within which its end may be: what is written breaks off in the middle of anything."""


def filled(times: int) -> float:
    """Let the server's disk fill up, again and again; the seconds of the longest time until it went on."""
    server = embed.find()
    assert server is not None
    flow_id = stage.patiently(lambda client: client.create_flow(FlowCreate(name=str(uuid4())))).id
    with httpx.Client(base_url=server.api_url, headers={"Authorization": f"Bearer {server.token()}"}) as http:
        kept: list[str] = []
        longest = max(_fill(http, server, flow_id, kept) for _ in range(times))
    stage.patiently(lambda client: _check(client, flow_id, len(kept)))
    with contextlib.closing(sqlite3.connect(Path(server.data_directory) / "perijove.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    return longest


def _fill(http: httpx.Client, server: embed.EmbeddedServer, flow_id: UUID, kept: list[str]) -> float:
    with _full_disk(server):
        while (answer := _create(http, flow_id)).status_code == httpx.codes.CREATED:
            kept.append(answer.json()["id"])
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
        assert "nothing was changed. See whether the server's disk has space left" in answer.text
        assert http.post("/flow_runs/filter", json={"limit": 1}).status_code == httpx.codes.OK

    def goes_on() -> bool:
        answer = _create(http, flow_id)
        if answer.status_code == httpx.codes.CREATED:
            kept.append(answer.json()["id"])
        return answer.status_code == httpx.codes.CREATED

    return stage.until(goes_on)


def _create(http: httpx.Client, flow_id: UUID) -> httpx.Response:
    """A run of its flow, with its state and its event: several tables, of which each page may be the last."""
    wanted = {"flow_id": str(flow_id), "parameters": {"text": "x" * random.randrange(10_000)}}
    return http.post("/flow_runs/", json=wanted)


@contextlib.contextmanager
def _full_disk(server: embed.EmbeddedServer) -> Iterator[None]:
    """Nothing is written beyond a place that its log of writes soon comes to (``setrlimit(2)``)."""
    _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (random.randrange(_ROOM), hard))
    try:
        yield
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))


def _check(client: SyncClient, flow_id: UUID, kept: int) -> None:
    """Each run that was acknowledged is there, and no other; each has its state."""
    runs = client.count_flow_runs(FlowRunQuery(flows=FlowFilter(id=Among(any_=[flow_id]))))
    assert runs == kept
    newest = client.read_flow_runs(FlowRunQuery(flows=FlowFilter(id=Among(any_=[flow_id]))))
    assert all(run.state is not None for run in newest)

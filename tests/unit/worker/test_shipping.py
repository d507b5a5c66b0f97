"""What is shipped is stored once, in its order, whatever becomes of the answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from perijove import clock, embed
from perijove.client import SyncClient
from perijove.schemas.filters import LogQuery
from perijove.schemas.logs import LogCreate
from perijove.worker.connection import Connection
from perijove.worker.shipping import Shipper
from perijove.worker.spool import Spool


@asynccontextmanager
async def lossy(upstream: str, losses: int) -> AsyncIterator[str]:
    """The address of a proxy that passes everything on, and cuts the connection instead of the first answers."""
    place = urlsplit(upstream)
    left = losses
    serving: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        there, back = await asyncio.open_connection(place.hostname, place.port)
        asking = asyncio.create_task(_pass_on(reader, back))
        while answer := await there.read(1 << 16):
            if left:
                left -= 1
                break
            writer.write(answer)
        for end in (writer, back):
            end.close()
        await asyncio.gather(asking, writer.wait_closed(), back.wait_closed(), return_exceptions=True)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.create_task(serve(reader, writer)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{place.path}"
    await asyncio.gather(*serving)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
    writer.close()


@pytest.mark.anyio
async def test_lines_whose_answer_was_lost_are_sent_again_and_stored_once_and_in_order(
    server: embed.EmbeddedServer, client: SyncClient, tmp_path: Path
) -> None:
    run = uuid4()
    spool = Spool(tmp_path / "output.jsonl", numbers=True)
    async with (
        lossy(client.target.api_url, losses=3) as address,
        Connection(replace(client.target, api_url=address, kind="remote")) as connection,
    ):
        shipper = Shipper(connection, spool)
        for start in (0, 100):
            numbers = range(start, start + 100)
            shipper.take(
                [
                    LogCreate(name="n", level=20, message=str(each), timestamp=clock.now(), flow_run_id=run)
                    for each in numbers
                ]
            )
            await shipper.deliver_all()
    spool.close()
    query = {"logs": {"flow_run_id": {"any_": [str(run)]}}, "sort": "TIMESTAMP_ASC"}
    stored = [line.message for line in client.read_logs(LogQuery.model_validate(query))]
    assert stored == [str(number) for number in range(200)]

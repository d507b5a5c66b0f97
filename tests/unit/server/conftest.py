"""A database and an application in this process."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection, create_engine

from perijove.client import AsyncClient, Target
from perijove.server.app import create_api, create_app
from perijove.server.services.signals import Signals
from perijove.server.storage.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "perijove.db")
    yield opened
    opened.close()


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A connection to the database's file, in a transaction."""
    engine = create_engine(f"sqlite:///{database.path}")
    with engine.begin() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
async def api(database: Database) -> AsyncIterator[FastAPI]:
    """The application without its guard, its loops running."""
    app = create_api(database, Signals())
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[AsyncClient]:
    """A client whose requests go straight to the application."""
    target = Target("http://127.0.0.1/api", "embedded")
    async with AsyncClient(target, transport=httpx.ASGITransport(app=api)) as opened:
        yield opened


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Target]:
    """The whole server, with its guard, on a port of its own in this process."""
    app = create_app(database, Signals(), "the-token")
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="on", ws="websockets-sansio", ws_max_size=2**20)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Target(f"http://127.0.0.1:{port}/api", "remote", "the-token")
    server.should_exit = True
    await serving

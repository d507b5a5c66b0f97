"""A database and an application in this process."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, create_engine

from perijove.client import AsyncClient, Target
from perijove.server.app import create_api
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

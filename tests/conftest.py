"""What every test may need: a data directory of its own, and an embedded server in it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from perijove import embed, settings
from perijove.client import SyncClient, get_client


def pytest_xdist_auto_num_workers() -> int:
    """``-n auto``: more than one for each processor, for a third of the time is spent on waiting for processes."""
    return (os.cpu_count() or 1) * 3 // 2


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data directory, in force for this process and for those that it starts."""
    directory = tmp_path / "perijove-home"
    for name in [name for name in os.environ if name.startswith(("PERIJOVE_API", "PERIJOVE_PORT", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PERIJOVE_HOME", str(directory))
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect-home"))  # whoever runs the tests may have profiles
    settings.current.cache_clear()
    yield directory
    settings.current.cache_clear()


@pytest.fixture
def server(home: Path) -> Iterator[embed.EmbeddedServer]:
    """A real embedded server, with its local worker, on a free port."""
    started = embed.start()
    yield started
    embed.stop()


@pytest.fixture
def client(server: embed.EmbeddedServer) -> Iterator[SyncClient]:
    """A client of that server."""
    with get_client(sync_client=True) as opened:
        yield opened

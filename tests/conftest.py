"""What every test may need: a data directory of its own, and an embedded server in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from perijove import embed, settings
from perijove.client import SyncClient, get_client


def pytest_xdist_auto_num_workers() -> int:
    """``-n auto``: more than one for each processor, for a third of the time is spent on waiting for processes."""
    return (os.cpu_count() or 1) * 3 // 2


@contextmanager
def _in_force(directory: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith(("PERIJOVE_API", "PERIJOVE_PORT", "PREFECT_"))]:
            patched.delenv(name)
        patched.setenv("PERIJOVE_HOME", str(directory))
        patched.setenv("PREFECT_HOME", str(directory.with_name("prefect-home")))  # whoever tests may have profiles
        settings.current.cache_clear()
        yield directory
    settings.current.cache_clear()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty data directory, in force for this process and for those that it starts."""
    with _in_force(tmp_path / "perijove-home") as directory:
        yield directory


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same, for all tests of a file."""
    with _in_force(tmp_path_factory.mktemp("shared") / "perijove-home") as directory:
        yield directory


@pytest.fixture
def server(home: Path) -> Iterator[embed.EmbeddedServer]:
    """A real embedded server, with its local worker, on a free port."""
    started = embed.start()
    yield started
    embed.stop()


@pytest.fixture(scope="module")
def shared_server(shared_home: Path) -> Iterator[embed.EmbeddedServer]:
    """The same, for all tests of a file: its own fixture ``server`` may be this one."""
    yield embed.start()
    embed.stop()


@pytest.fixture
def client(server: embed.EmbeddedServer) -> Iterator[SyncClient]:
    """A client of that server."""
    with get_client(sync_client=True) as opened:
        yield opened

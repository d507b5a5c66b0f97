"""No test here meets a server that it did not ask for; those that ask share one, which is empty for each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from perijove import embed, settings
from perijove.client import get_client


@pytest.fixture(autouse=True)
def _without_a_server(home: Path) -> None:
    """The data directory is empty unless the test asks for a server."""


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data directory of a running server."""
    directory = tmp_path_factory.mktemp("perijove")
    yield directory
    with _at(directory):
        embed.stop()


@pytest.fixture
def server(_without_a_server: None, _running: Path) -> Iterator[embed.EmbeddedServer]:
    """A real embedded server, with its local worker, that has forgotten what other tests did."""
    with _at(_running):
        started = embed.start(testing=True)
        with get_client(sync_client=True) as client:
            client.clear_database()
        yield started


@contextmanager
def _at(directory: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PERIJOVE_HOME", str(directory))
        settings.current.cache_clear()
        yield
    settings.current.cache_clear()

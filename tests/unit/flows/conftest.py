"""No test here meets a server that it did not ask for."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _without_a_server(home: Path) -> None:
    """The data directory is empty unless the test starts a server in it."""

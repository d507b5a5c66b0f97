"""Tab is never kept waiting for a server."""

import socket
from collections.abc import Iterator

import pytest

from perijove import clock, embed, settings
from perijove.magics.deployment_names import PATIENCE, DeploymentNames


@pytest.fixture
def silent_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server that takes connections and never answers, named as the target."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("PERIJOVE_API_URL", f"http://127.0.0.1:{listener.getsockname()[1]}/api")
        settings.current.cache_clear()
        yield
    settings.current.cache_clear()


def test_a_server_that_does_not_answer_keeps_nobody_waiting(silent_server: None) -> None:
    names = DeploymentNames()
    started = clock.monotonic()
    assert names.known() == []
    assert clock.monotonic() - started < PATIENCE + 0.5


@pytest.mark.usefixtures("home")
def test_no_server_is_started_for_a_completion() -> None:
    assert DeploymentNames().known() == []
    assert embed.find() is None

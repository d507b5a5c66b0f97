"""The command that raises the load on an embedded server, at its smallest."""

import pytest
from benchmarks import saturation

from perijove import embed
from perijove.client import SyncClient


@pytest.fixture(scope="module")
def server(shared_server: embed.EmbeddedServer) -> embed.EmbeddedServer:
    """One for all tests here."""
    return shared_server


@pytest.mark.parametrize(("load", "asked"), [("runs a minute", 60), ("log lines a second", 100), ("deployments", 5)])
def test_each_load_is_put_on_the_server_and_measured(client: SyncClient, load: str, asked: float) -> None:
    put = next(put for title, (put, _, _) in saturation.LOADS.items() if load in title)
    step = put(client, asked, 1.0)
    assert step.asked == asked
    assert 0 < step.done <= asked
    assert 0 < step.delays[0] < 30


@pytest.mark.parametrize(
    ("done", "delays", "verdict"),
    [(100, [0.1] * 20, "kept up"), (80, [0.1] * 20, "too much"), (100, [0.1] * 18 + [2.0] * 2, "too much")],
)
def test_a_load_is_too_much_by_its_delays_or_by_what_was_not_done(
    done: float, delays: list[float], verdict: str
) -> None:
    assert str(saturation.Step(100, done, delays)).endswith(verdict)

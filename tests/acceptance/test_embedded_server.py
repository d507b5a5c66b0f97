"""The embedded server's life, with real processes."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from perijove import clock, embed, settings
from perijove.client import get_client
from perijove.client.targets import Target
from perijove.client.transport import SyncClient
from perijove.errors import NotAuthenticated, ServerStartError, ServerUnavailable
from perijove.schemas.flows import FlowCreate


def _processes_of(home: Path) -> list[psutil.Process]:
    """What was started with this data directory, and still lives."""

    def is_ours(process: psutil.Process) -> bool:
        try:
            return process.environ().get("PERIJOVE_HOME") == str(home) and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    return [process for process in psutil.process_iter() if process.pid != os.getpid() and is_ours(process)]


def _end(server: embed.EmbeddedServer, how: signal.Signals) -> None:
    os.kill(server.pid, how)
    deadline = clock.monotonic() + 10
    while embed.find() is not None:  # a worker that was just being started may hold the lock for an instant longer
        assert clock.monotonic() < deadline, "the server has not ended"


def test_a_second_start_finds_the_first(server: embed.EmbeddedServer) -> None:
    assert embed.start() == server
    assert embed.find() == server


def test_ten_starters_at_once_get_one_server(home: Path) -> None:
    with ThreadPoolExecutor(10) as pool:
        started = list(pool.map(lambda _: embed.start(), range(10)))
    try:
        assert {server.pid for server in started} == {started[0].pid}
    finally:
        embed.stop()


def test_it_outlives_the_process_that_started_it(home: Path) -> None:
    starter = "from perijove import embed; print(embed.start().pid)"
    pid = int(subprocess.check_output([sys.executable, "-c", starter]))
    try:
        running = embed.find()
        assert running is not None
        assert running.pid == pid
        with get_client(sync_client=True) as client:
            assert client.read_version()
    finally:
        embed.stop()


def test_stopping_leaves_no_process(server: embed.EmbeddedServer, home: Path) -> None:
    running = _processes_of(home)
    assert server.pid in [process.pid for process in running]
    embed.stop()
    assert psutil.wait_procs(running, timeout=5)[1] == []
    assert embed.find() is None


def test_a_killed_server_takes_its_worker_along_and_another_one_starts_with_the_same_data(
    server: embed.EmbeddedServer, home: Path
) -> None:
    with get_client(sync_client=True) as client:
        flow = client.create_flow(FlowCreate(name="kept"))
    others = [process for process in _processes_of(home) if process.pid != server.pid]
    _end(server, signal.SIGKILL)
    assert psutil.wait_procs(others, timeout=15)[1] == []
    assert embed.find() is None
    embed.start()
    with get_client(sync_client=True) as client:
        assert client.read_flow_by_name("kept").id == flow.id


def test_a_worker_that_belongs_to_a_server_which_was_killed_does_not_start_it_anew(home: Path) -> None:
    worker = [sys.executable, "-m", "perijove.worker", "--pool", "local", "--no-start"]
    ended = subprocess.run(worker, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, embed.find()) == (1, None)
    assert "Its embedded server has ended." in ended.stderr


def test_those_who_look_for_a_server_do_not_take_each_other_for_one(server: embed.EmbeddedServer) -> None:
    _end(server, signal.SIGKILL)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: embed.find(), range(400))) == {None}


def test_a_client_of_a_server_that_is_gone_says_what_to_do(server: embed.EmbeddedServer) -> None:
    with get_client(sync_client=True) as client:
        _end(server, signal.SIGKILL)
        with pytest.raises(ServerUnavailable, match="perijove server start"):
            client.read_version()


def test_a_wrong_token_is_refused_in_a_sentence(server: embed.EmbeddedServer) -> None:
    with SyncClient(Target(server.api_url, "embedded", "wrong")) as client, pytest.raises(NotAuthenticated):
        client.create_flow(FlowCreate(name="x"))


def test_the_token_is_its_owners_alone_and_in_no_argument_log_or_state_file(
    server: embed.EmbeddedServer, home: Path
) -> None:
    token = server.token()
    assert stat.S_IMODE(Path(server.token_file).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for process in _processes_of(home):
        assert token not in " ".join(process.cmdline())
        assert token not in " ".join(process.environ().values())
    holding = [file.name for file in home.rglob("*") if file.is_file() and token in file.read_text("utf-8", "replace")]
    assert holding == ["token"]
    assert token not in repr(server)


def test_it_listens_on_loopback_only(server: embed.EmbeddedServer) -> None:
    listening = [one.laddr.ip for one in psutil.Process(server.pid).net_connections() if one.status == "LISTEN"]
    assert listening == ["127.0.0.1"]


def test_a_taken_port_is_named(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServerStartError, match=f"port {port} can't be had"):
            embed.start(port=port)
    assert embed.find() is None


def test_a_data_directory_that_cannot_be_made_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PERIJOVE_HOME", str(tmp_path / "file" / "home"))
    settings.current.cache_clear()
    with pytest.raises(ServerStartError, match="PERIJOVE_HOME"):
        embed.start()


def test_the_state_file_says_where_the_server_is(server: embed.EmbeddedServer, home: Path) -> None:
    said = json.loads((home / "server.json").read_text())
    assert said == {
        "url": server.url,
        "pid": server.pid,
        "version": server.version,
        "data_directory": str(home),
        "token_file": str(home / "token"),
    }


def test_a_state_file_left_behind_by_a_dead_server_fools_nobody(home: Path) -> None:
    home.mkdir()
    (home / "server.json").write_text('{"url": "http://127.0.0.1:1", "pid": 1}')
    assert embed.find() is None
    (home / "server.json").write_text("no json")
    started = embed.start()
    assert embed.find() == started
    embed.stop()

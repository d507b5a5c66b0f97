"""What the doctor finds wrong: on this machine, of the sidebar, and of a real server."""

import json
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from perijove import clock, doctor, embed
from perijove.client import targets
from perijove.doctor import sidebar
from perijove.doctor.report import Finding


def _examined(directory: Path) -> dict[str, Finding]:
    return {each.what: each for each in doctor.examine(directory)}


def _cures(directory: Path) -> dict[str, str]:
    found = {name: each.cure for name, each in _examined(directory).items() if each.is_wrong}
    found.pop("sidebar", None)  # whether this environment has it is no matter here
    return found


def test_nothing_is_wrong_with_a_fresh_machine_and_nothing_is_changed_there(home: Path, tmp_path: Path) -> None:
    assert _cures(tmp_path) == {}
    assert not home.exists()


def test_a_running_server_is_told_with_its_version_worker_and_clock(
    server: embed.EmbeddedServer, tmp_path: Path
) -> None:
    assert _cures(tmp_path) == {}
    found = _examined(tmp_path)
    assert found["workers"].how == "local: 1"
    assert found["server"].how == f"runs, in version {server.version}"
    assert "answers, as Prefect 3" in found["target"].how


def test_what_went_wrong_with_a_server_is_told_with_its_cure(server: embed.EmbeddedServer, tmp_path: Path) -> None:
    Path(server.token_file).chmod(0o644)
    state = embed.state_file(Path(server.data_directory))
    state.write_text(json.dumps({**json.loads(state.read_text()), "version": "0.0.1"}))
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        cures = _cures(tmp_path)
    assert cures.keys() == {"token", "server", "clock"}
    assert cures["token"] == f"chmod 600 {server.token_file}"
    assert "perijove server stop" in cures["server"]
    os.kill(server.pid, signal.SIGKILL)
    embed.stop()
    assert _cures(tmp_path)["server"] == "perijove server start"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_can_not_be_written_is_named(home: Path, tmp_path: Path) -> None:
    home.mkdir()
    home.chmod(0o500)
    assert "PERIJOVE_HOME" in _cures(tmp_path)["data directory"]


def test_a_file_in_the_way_of_the_exports_is_named(home: Path, tmp_path: Path) -> None:
    (tmp_path / "perijove_exports").write_text("no directory")
    assert "--out" in _cures(tmp_path)["exports"]


def test_settings_that_name_no_server_are_a_finding(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERIJOVE_API_URL", "nowhere")
    assert "'nowhere' is no address" in _cures(tmp_path)["settings"]


def test_a_server_that_does_not_answer_is_named_with_its_address(home: Path, tmp_path: Path) -> None:
    with targets.chosen("http://127.0.0.1:9/api"):
        assert "Nothing answers at http://127.0.0.1:9/api" in _cures(tmp_path)["target"]


def test_a_sidebar_is_missing_there_or_disabled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jupyterlab_server")
    config = {"ServerApp": {"jpserver_extensions": {"perijove.lab": True}}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(config))
    for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    extension = tmp_path / "labextensions" / "perijove"
    extension.mkdir(parents=True)
    said = {"name": "perijove", "version": "0.1.0", "jupyterlab": {"_build": {"load": "x.js"}}}
    (extension / "package.json").write_text(json.dumps(said))
    assert sidebar.finding() == Finding("sidebar", "installed and enabled")
    (tmp_path / "labconfig").mkdir()
    off = {"disabledExtensions": {"perijove:panel": True}}
    (tmp_path / "labconfig" / "page_config.json").write_text(json.dumps(off))
    assert "labextension enable perijove" in sidebar.finding().cure
    config["ServerApp"]["jpserver_extensions"]["perijove.lab"] = False
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(config))
    assert "jupyter server extension enable perijove.lab" in sidebar.finding().cure

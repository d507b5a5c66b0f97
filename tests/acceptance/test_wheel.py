"""The package as it is installed: from a wheel, with no Node.js at hand."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that JupyterLab may take to answer."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel, and JupyterLab from the registry, and nothing else."""
    directory = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", directory, ROOT], check=True)
    (wheel,) = directory.glob("perijove-*.whl")
    subprocess.run([sys.executable, "-m", "venv", directory / "venv"], check=True)
    programs = directory / "venv" / "bin"
    install = [programs / "python", "-m", "pip", "install", "--quiet", wheel, "jupyterlab>=4.6,<5", "notebook>=7.4,<8"]
    subprocess.run(install, env=_environment(programs, directory), check=True)
    return programs


def _environment(programs: Path, home: Path) -> dict[str, str]:
    """Variables with which the environment's own programs are found and the system's, but no Node.js."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PERIJOVE_", "JUPYTER"))}
    places = [place for place in os.defpath.split(os.pathsep) if place and not (Path(place) / "node").exists()]
    hidden = {"PATH": os.pathsep.join([str(programs), *places]), "HOME": str(home), "PERIJOVE_HOME": str(home / "data")}
    return {**inherited, **hidden, "JUPYTER_PREFER_ENV_PATH": "1"}


@pytest.fixture
def environment(installed: Path, tmp_path: Path) -> dict[str, str]:
    found = _environment(installed, tmp_path)
    assert shutil.which("node", path=found["PATH"]) is None
    return found


def said(installed: Path, environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [installed / command[0], *command[1:]], env=environment, check=True, capture_output=True, text=True
    )
    return re.sub(r"\x1b\[\d*m", "", done.stdout + done.stderr)  # without the colours


def test_the_sidebar_is_installed_and_enabled_by_itself(installed: Path, environment: dict[str, str]) -> None:
    listed = said(installed, environment, "jupyter-labextension", "list")
    (line,) = [line for line in listed.splitlines() if "perijove v" in line]
    assert "enabled" in line
    assert "OK" in line
    servers = " ".join(said(installed, environment, "jupyter-server", "extension", "list").split())
    assert "perijove.lab enabled" in servers
    assert "perijove.lab OK" in servers


@pytest.fixture
def lab(installed: Path, environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address and the token of a JupyterLab from the wheel."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    command = [installed / "jupyter-lab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", f"--ServerApp.root_dir={tmp_path}"]
    started = subprocess.Popen(command, env={**environment, "JUPYTER_TOKEN": token})
    yield f"http://127.0.0.1:{port}", token
    started.terminate()
    started.wait(30)
    subprocess.run([installed / "perijove", "server", "stop"], env=environment, check=False)


def test_jupyterlab_serves_the_sidebar_and_its_routes(lab: tuple[str, str]) -> None:
    url, token = lab
    page = answer(f"{url}/lab", token)
    (extension,) = [one for one in page_config(page)["federated_extensions"] if one["name"] == "perijove"]
    assert answer(f"{url}/lab/extensions/perijove/{extension['load']}", token)
    target = json.loads(answer(f"{url}/perijove/target", token, method="POST"))  # starts the embedded server
    assert target["kind"] == "embedded"


def page_config(page: str) -> dict[str, list[dict[str, str]]]:
    text = page.partition('id="jupyter-config-data" type="application/json">')[2].partition("</script>")[0]
    found: dict[str, list[dict[str, str]]] = json.loads(text)
    return found


def answer(url: str, token: str, method: str = "GET") -> str:
    """What is answered, once somebody does."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            asked = Request(url, method=method, headers={"Authorization": f"token {token}"})
            with urlopen(asked, timeout=PATIENCE) as response:
                text: str = response.read().decode()
                return text
        except (URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)

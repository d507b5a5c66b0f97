"""A real JupyterLab with this package's sidebar in it, a real browser, and a real embedded server behind them."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "labextension" / "build"
START = 90.0
"""Seconds that JupyterLab may take to answer."""

PATIENCE = 15_000
"""Milliseconds that anything on a page may take, on a busy machine."""

_CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@dataclass
class Jupyter:
    """A JupyterLab. ``notebooks`` is its root directory; ``environment`` finds its Perijove."""

    url: str
    token: str
    notebooks: Path
    environment: Mapping[str, str]
    command: list[str]
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, and return when it answers."""
        log = self.notebooks.with_name("jupyter.log")
        with log.open("ab") as output:
            self._process = subprocess.Popen(self.command, env=self.environment, stdout=output, stderr=output)
        _wait_until_ready(f"{self.url}/api", self._process, log)

    def stop(self) -> None:
        """Stop it, and return when it has ended; Perijove's server goes on."""
        if self._process is not None:
            _end(self._process)

    def clear(self) -> None:
        """End its kernels, and forget its notebooks, its settings and all that Perijove's server had."""
        for session in json.loads(self._ask("GET", "sessions")):
            self._ask("DELETE", f"sessions/{session['id']}")
        self.perijove("server", "stop")
        shutil.rmtree(self.environment["PERIJOVE_HOME"], ignore_errors=True)
        shutil.rmtree(Path(self.environment["JUPYTERLAB_SETTINGS_DIR"]) / "perijove", ignore_errors=True)
        shutil.rmtree(self.notebooks)
        self.notebooks.mkdir()

    def _ask(self, method: str, path: str) -> bytes:
        asked = Request(f"{self.url}/api/{path}", method=method, headers={"Authorization": f"token {self.token}"})
        with urlopen(asked, timeout=30) as answer:
            answered: bytes = answer.read()
            return answered

    def perijove(self, *arguments: str) -> None:
        """Run a command in JupyterLab's environment."""
        subprocess.run([sys.executable, "-m", "perijove", *arguments], env=self.environment, check=True)

    def python(self, script: str) -> str:
        """Run a script in JupyterLab's environment, and return what it printed."""
        command = [sys.executable, "-c", script]
        return subprocess.run(command, env=self.environment, check=True, stdout=subprocess.PIPE, text=True).stdout


OpenLab = Callable[..., Page]


@contextlib.contextmanager
def running(
    directory: Path, *, theme: str = "JupyterLab Light", app: str = "jupyterlab", **variables: str
) -> Iterator[Jupyter]:
    """A JupyterLab (or ``app="notebook"``) that lives as long as the context; ``variables`` go to its environment."""
    token, port = secrets.token_hex(16), _free_port()
    environment = {**_environment(directory), **variables, "JUPYTER_TOKEN": token}
    notebooks = directory / "notebooks"
    notebooks.mkdir()
    _write_settings(directory / "settings", theme)
    _install_sidebar(directory / "data", directory / "config")
    command = [sys.executable, "-m", app, "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={notebooks}"]
    command += ["--ServerApp.allow_unauthenticated_access=False", "--LabApp.extension_manager=readonly"]
    command += [f"--{'LabApp' if app == 'jupyterlab' else 'JupyterNotebookApp'}.expose_app_in_browser=True"]
    started = Jupyter(f"http://127.0.0.1:{port}", token, notebooks, environment, command)
    try:
        started.start()
        yield started
    finally:
        started.stop()
        subprocess.run([sys.executable, "-m", "perijove", "server", "stop"], env=environment, check=False)


@pytest.fixture(scope="session")
def started_jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """A JupyterLab for all files of this process: to start one takes seconds."""
    if not (BUILT / "package.json").exists():
        pytest.skip("the sidebar is not built: `make test` builds it")
    with running(tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture(scope="module")
def jupyter(started_jupyter: Jupyter) -> Iterator[Jupyter]:
    """A JupyterLab for the module's tests, with nothing of another's in it; its embedded server is stopped at first."""
    yield started_jupyter
    started_jupyter.clear()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium, without a window. While it is open, no other event loop can run in this thread."""
    with sync_playwright() as playwright:
        if not Path(_CHROMIUM or playwright.chromium.executable_path).exists():
            pytest.skip("there is no Chromium: `make test` installs one, and CHROMIUM names another")
        opened = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module only: other modules have event loops of their own."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a session of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield opened
    context.close()


@pytest.fixture
def open_lab(page: Page, jupyter: Jupyter) -> OpenLab:
    """Open JupyterLab, a notebook in it where one is named, and the sidebar."""

    def opened(path: str = "", *, reset: bool = True) -> Page:
        open_sidebar(page, jupyter, path, reset=reset)
        return page

    return opened


def open_sidebar(page: Page, jupyter: Jupyter, path: str = "", *, reset: bool = True) -> None:
    """Open JupyterLab in the page, a notebook in it where one is named, and the sidebar."""
    tree = f"/tree/{path}" if path else ""
    page.goto(f"{jupyter.url}/lab/workspaces/test{tree}?token={jupyter.token}{'&reset' if reset else ''}")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("async () => { await window.jupyterapp.restored }")
    if reset:  # else nothing may be open, or all that was
        page.wait_for_selector("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current")
        page.evaluate("() => window.jupyterapp.commands.execute('perijove:open-panel')")


def _environment(directory: Path) -> dict[str, str]:
    """This process's environment, with every place that Jupyter or Perijove writes to inside ``directory``."""
    places = {
        "HOME": "home",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "PERIJOVE_HOME": "perijove",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PERIJOVE_", "PREFECT_"))}
    return {**inherited, **{name: str(directory / place) for name, place in places.items()}}


def _write_settings(settings: Path, theme: str) -> None:
    for name, values in {"notification": {"fetchNews": "false"}, "themes": {"theme": theme}}.items():
        path = settings / "@jupyterlab" / "apputils-extension" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


def _install_sidebar(data: Path, config: Path) -> None:
    """What the wheel installs, by links to what was built here."""
    (data / "labextensions").mkdir(parents=True)
    (data / "labextensions" / "perijove").symlink_to(BUILT)
    enabled = config / "jupyter_server_config.d"
    enabled.mkdir(parents=True)
    shutil.copy(ROOT / "src" / "perijove" / "lab" / "jupyter_server_config.json", enabled / "perijove.json")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(URLError, ConnectionError), urlopen(url, timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")

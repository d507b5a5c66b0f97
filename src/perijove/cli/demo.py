"""``perijove demo``: the main job before one's eyes, on real input, with nothing left behind."""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import click

import perijove
from perijove import embed, servers, settings
from perijove.cli import output
from perijove.client import SyncClient, get_client
from perijove.deployments import listing
from perijove.deployments.run import Run
from perijove.errors import PerijoveError

NOTEBOOK = "quickstart.ipynb"
DATA = "orders.csv"
PROD, OFTEN = "weekly-report/prod", "weekly-report/often"
PATIENCE = 60.0
"""Seconds that a scheduled run may take to come by itself, and to end."""

_NEEDS = ("ipykernel", "matplotlib", "nbclient", "pandas")


@click.command()
def command() -> None:
    """Run the quickstart notebook against a server of its own, and show what happens.

    Its flow is exported, deployed, run from a cell and run by its schedule. Everything is done in a temporary
    directory and stopped at the end; your own server and deployments are not touched.
    """
    _check_needs()
    with _workshop() as directory:
        _step(f"An embedded server for this demo: {embed.start().url}")
        _step(f"{NOTEBOOK}, executed in a real kernel")
        _execute(directory / NOTEBOOK)
        with get_client(sync_client=True) as client:
            _show_export(directory)
            _show_triggered_run(client)
            _show_scheduled_run(client)
        _step("Stopping")
        embed.stop()
        output.show("The server and its worker have ended; nothing is left running.")


def _check_needs() -> None:
    if missing := [name for name in _NEEDS if importlib.util.find_spec(name) is None]:
        raise PerijoveError(f"The demo needs {', '.join(missing)}: pip install 'perijove[demo]' brings them.")


@contextmanager
def _workshop() -> Iterator[Path]:
    """A temporary directory with the notebook and its data; what is started in the meantime ends with it."""
    with tempfile.TemporaryDirectory(prefix="perijove-demo-") as name:
        directory = Path(name)
        source = _notebooks()
        for file in (NOTEBOOK, DATA):
            shutil.copy(source / file, directory / file)
        _settle_in(directory)
        try:
            yield directory
        finally:
            embed.stop()


def _notebooks() -> Path:
    """Where the notebooks are: in the installed package, or beside the sources of an editable install."""
    packaged = Path(str(resources.files(perijove))) / "notebooks"
    return packaged if packaged.exists() else Path(perijove.__file__).parents[2] / "notebooks"


def _settle_in(directory: Path) -> None:
    """Let this process, and the kernel that it starts, know of this demo's server and of no other."""
    os.environ.pop("PERIJOVE_PORT", None)
    os.environ["PERIJOVE_API_URL"] = servers.EMBEDDED
    os.environ["PERIJOVE_HOME"] = str(directory / "perijove-home")
    os.environ["IPYTHONDIR"] = str(directory / "ipython")
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this environment's kernel, not one of the user's
    settings.current.cache_clear()


def _execute(path: Path) -> None:
    """Run every cell, showing the ones that speak to Perijove and what they answered."""
    import nbformat  # both are there: _check_needs has looked
    from nbclient import NotebookClient

    def show(cell: Any, **_: Any) -> None:
        if any(word in cell.source for word in ("%deploy", "%schedules", "%runs", "run")):
            _show_cell(cell)

    notebook = nbformat.read(path, as_version=4)
    resource = {"metadata": {"path": str(path.parent)}}
    quiet = ["--log-level=ERROR"]
    NotebookClient(notebook, timeout=120, resources=resource, on_cell_executed=show, extra_arguments=quiet).execute()


def _show_cell(cell: Any) -> None:
    for line in cell.source.splitlines():
        if line.startswith(("%", "run")):
            click.secho(f"\nIn  {line}", fg="cyan")
    for shown in cell.outputs:
        text = shown.get("text") or shown.get("data", {}).get("text/plain", "")
        if text.strip():
            output.show(text.rstrip())


def _show_export(directory: Path) -> None:
    exported = directory / "perijove_exports" / "weekly_report.py"
    source = exported.read_text("utf-8")
    _step(f"The exported file: {exported.relative_to(directory)} ({len(source.splitlines())} lines)")
    output.show(source.rstrip())


def _show_triggered_run(client: SyncClient) -> None:
    _step("The run that a cell triggered")
    _show_run(client, listing.runs(client, PROD)[-1])


def _show_scheduled_run(client: SyncClient) -> None:
    _step("A run that came by itself, on its schedule")
    _show_run(client, _first_scheduled(client))


def _first_scheduled(client: SyncClient) -> Run:
    """The first run that the schedule made, once it has ended."""
    begun = [run for run in listing.runs(client, OFTEN) if run.auto_scheduled]
    first = (begun or listing.runs(client, OFTEN, state="scheduled", limit=200))[-1].wait(timeout=PATIENCE)
    if first.state is None or not first.state.is_final:
        raise PerijoveError(f"The scheduled run {first.name} did not end within {PATIENCE:g} s.")
    return first


def _show_run(client: SyncClient, run: Run) -> None:
    states = client.read_flow_run_states(run.id)
    output.show(f"{run.name} ({run.id})")
    output.show("states: " + " -> ".join(f"{state.name} {state.timestamp:%H:%M:%S.%f}"[:-3] for state in states))
    output.show(str(run.logs()))
    output.show(f"result: {run.result()}")


def _step(title: str) -> None:
    click.secho(f"\n== {title}", bold=True)

"""jupyter-scheduler's part of the comparison, in an environment of its own; prints its figures as JSON.

A job is a notebook with one empty function that is called; it is asked for every 50 ms whether it has ended.
"""

import json
import secrets
import sys
import tempfile
import time
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.prefect_side import free_port, running
from benchmarks.sampling import APART, repeated

NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "nothing",
            "metadata": {},
            "outputs": [],
            "source": "def nothing():\n    pass\n\n\nnothing()",
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


class Jupyter:
    """A Jupyter server, by its address and token."""

    def __init__(self, port: int, token: str) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """GET, or with a body POST."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._url}{path}", data, self._headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def await_start(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                self.ask("/scheduler/runtime_environments")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("Jupyter did not answer within two minutes.")

    def run(self, environment: str) -> None:
        """Have a job run, and wait until it has."""
        job = {"input_uri": "nothing.ipynb", "name": "nothing", "runtime_environment_name": environment}
        made = self.ask("/scheduler/jobs", {**job, "runtime_environment_parameters": {}, "output_formats": ["ipynb"]})
        deadline = time.monotonic() + 120
        while (status := self.ask(f"/scheduler/jobs/{made['job_id']}")["status"]) != "COMPLETED":
            if status == "FAILED" or time.monotonic() > deadline:
                raise RuntimeError(f"The job ended as {status}.")  # one that has not begun yet is STOPPED there
            time.sleep(0.05)


def main(times: int) -> None:
    """Measure, and print."""
    port, token = free_port(), secrets.token_hex()
    with tempfile.TemporaryDirectory(prefix="scheduler-bench-") as directory:
        Path(directory, "nothing.ipynb").write_text(json.dumps(NOTEBOOK))
        server = [sys.executable, "-m", "jupyter_server", "--allow-root", f"--ServerApp.root_dir={directory}"]
        settings = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
        with running(*server, *settings, f"--SchedulerApp.db_url=sqlite:///{directory}/scheduler.sqlite"):
            jupyter = Jupyter(port, token)
            jupyter.await_start()
            (environment, *_) = jupyter.ask("/scheduler/runtime_environments")
            run = partial(jupyter.run, environment["name"])
            run()
            figures = {"job": repeated(times, run, APART), "job, no pause": repeated(times, run)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]))

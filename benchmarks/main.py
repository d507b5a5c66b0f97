"""Perijove, Prefect and jupyter-scheduler, in one run on one machine: ``make bench``."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.sampling import median

ROOT = Path(__file__).parents[1]
PEERS = {
    "import": ("import", "import"),
    "%load_ext": ("load_ext", "import"),
    "server start to ready": ("server start", "server start"),
    "deploy": ("deploy", "deploy"),
    "run_deployment (Prefect: serve)": ("run_deployment", "run_deployment, serve"),
    "run_deployment (Prefect: process worker)": ("run_deployment", "run_deployment, worker"),
    "run_deployment (a job of jupyter-scheduler)": ("run_deployment", "job"),
    "run_deployment, back to back (serve)": ("run_deployment, no pause", "run_deployment, serve, no pause"),
    "run_deployment, back to back (worker)": ("run_deployment, no pause", "run_deployment, worker, no pause"),
    "run_deployment, back to back (jupyter-scheduler)": ("run_deployment, no pause", "job, no pause"),
}


def main() -> None:
    """Measure all, and print the medians with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prefect", type=Path, help="the Python of an environment with Prefect; none: Perijove alone")
    parser.add_argument("--jupyter-scheduler", type=Path, help="the same with jupyter-scheduler")
    parser.add_argument("--times", type=int, default=10, help="how often each figure is taken")
    arguments = parser.parse_args()
    ours = _figures(Path(sys.executable), "perijove_side", arguments.times)
    theirs = _figures(arguments.prefect, "prefect_side", arguments.times) if arguments.prefect else {}
    if arguments.jupyter_scheduler:
        theirs |= _figures(arguments.jupyter_scheduler, "jupyter_scheduler_side", arguments.times)
    print(f"{'median of ' + str(arguments.times):54} {'Perijove':>10} {'peer':>10} {'ratio':>8}")
    for title, (our_key, their_key) in PEERS.items():
        print(_row(title, ours[our_key], theirs.get(their_key)))


def _figures(python: Path, side: str, times: int) -> dict[str, list[float]]:
    command = [str(python.absolute()), "-m", f"benchmarks.{side}", str(times)]
    printed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    figures: dict[str, list[float]] = json.loads(printed.splitlines()[-1])
    return figures


def _row(title: str, ours: list[float], theirs: list[float] | None) -> str:
    row = f"{title:54} {_milliseconds(median(ours)):>10}"
    if theirs is None:
        return row
    return f"{row} {_milliseconds(median(theirs)):>10} {median(theirs) / median(ours):7.1f}x"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main()

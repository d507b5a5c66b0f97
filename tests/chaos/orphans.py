"""Cancel a run, or kill its worker: nothing that it started is left, whatever it did to get away."""

import signal
from pathlib import Path

from perijove.schemas.states import StateCreate, StateType

from . import stage

GONE = 15.0
"""Seconds within which nothing is left."""


def cancelled() -> float:
    """Cancel a run with processes that would outlive it; returns the seconds until none was left."""
    with stage.stage() as here:
        run = here.run(here.deploy("leaving"), notes=str(here.notes))
        stage.until(here.pids)
        assert len(stage.survivors(here.notes)) >= 4
        cancelling = StateCreate(type=StateType.CANCELLING)
        stage.patiently(lambda client: client.set_flow_run_state(run.id, cancelling))
        took = stage.until(lambda: not _left(here), GONE)
        stage.until(lambda: stage.is_over(run))
        assert stage.states(run)[-1] == "CANCELLED"
        assert Path(here.notes, "cancelled").read_text() == "called\n"
    return took


def worker_killed() -> float:
    """Kill the worker of such a run; returns the seconds until nothing was left of it."""
    with stage.stage() as here:
        run = here.run(here.deploy("leaving"), notes=str(here.notes))
        stage.until(here.pids)
        here.worker.send_signal(signal.SIGKILL)
        took = stage.until(lambda: not _left(here), GONE)
        stage.until(lambda: stage.is_over(run))
        assert stage.states(run)[-1] == "CRASHED"
    return took


def _left(here: stage.Stage) -> list[int]:
    run, _ = here.pids() or (0, 0)
    return stage.survivors(here.notes) + ([run] if Path(f"/proc/{run}/exe").exists() else [])

"""Kill any of a run's process, its shepherd, its worker and the server, at any time: its end is told, once and soon."""

import contextlib
import itertools
import os
import signal
import time
from collections.abc import Iterator

from perijove.schemas.states import FINAL
from perijove.worker import processes

from . import stage
from .stage import VERDICT, Stage

PARTS = ("run", "shepherd", "worker", "server")
PHASES = ("launching", "beginning", "working", "ending", "ended")
SUBSETS = [subset for size in range(1, 5) for subset in itertools.combinations(PARTS, size)]
TAKES = 1.0
_FINAL = {each.value for each in FINAL}


def trials(number: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """So many trials, of all subsets in all phases in turn."""
    yield from itertools.islice(itertools.cycle(itertools.product(SUBSETS, PHASES)), number)


def trial(parts: tuple[str, ...], phase: str) -> float:
    """Kill the parts in the phase; returns the seconds until the run's end was known."""
    with stage.stage() as here:
        takes = 600.0 if phase in ("beginning", "working") else TAKES
        run = here.run(here.deploy("phased"), notes=str(here.notes), seconds=takes)
        _await_phase(here, run, phase)
        doomed = _doomed(here, parts)
        ended_before = stage.is_over(run)
        _kill(here, parts)
        took = stage.until(lambda: stage.is_over(run)) if _must_end(parts, phase) else 0.0
        _check(stage.states(run), parts, phase, ended_before)
        stage.until(lambda: not stage.alive(doomed), 20)
    return took


def deaf(seconds: int) -> None:
    """A run that holds its interpreter's lock is none that is lost."""
    with stage.stage() as here:
        run = here.run(here.deploy("deaf"), seconds=seconds)
        stage.until(lambda: stage.is_over(run), seconds + VERDICT)
        went = stage.states(run)
        assert [state for state in went if state in _FINAL] == ["COMPLETED"], went


def _await_phase(here: Stage, run: stage.FlowRun, phase: str) -> None:
    if phase == "launching":
        return
    stage.until(here.pids)
    if phase == "working":
        stage.until(lambda: "begun" in stage.printed(run.id))
    elif phase == "ending":
        time.sleep(TAKES - 0.05)
    elif phase == "ended":
        stage.until(lambda: stage.is_over(run))


def _kill(here: Stage, parts: tuple[str, ...]) -> None:
    for pid in [_pid(here, part) for part in parts if part != "server"]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if "worker" in parts:
        here.worker.wait(10)
        here.start_worker()
    if "server" in parts:
        stage.kill_server()


def _pid(here: Stage, part: str) -> int:
    known = here.pids()
    if part == "worker":
        return here.worker.pid
    if known:
        return known[part == "shepherd"]
    # Nobody has begun: what stands ready is hit.
    chain = [here.worker.pid]
    while below := processes.children(chain[-1]):
        chain.append(below[-1].pid)
    return chain[-1 if part == "run" else -2] if len(chain) > 3 else 2**22 - 1


def _must_end(parts: tuple[str, ...], phase: str) -> bool:
    return parts != ("server",) or phase not in ("beginning", "working")


def _check(went: list[str], parts: tuple[str, ...], phase: str, ended_before: bool) -> None:
    if not _must_end(parts, phase):
        assert went[-1] == "RUNNING", went
        return
    assert [state in _FINAL for state in went] == [False] * (len(went) - 1) + [True], went
    if ended_before:
        assert went[-1] == "COMPLETED", went
    elif phase in ("beginning", "working"):
        assert went[-1] == "CRASHED", went
    else:
        assert went[-1] in ("COMPLETED", "CRASHED"), went


def _doomed(here: Stage, parts: tuple[str, ...]) -> list[processes.Process]:
    """What is to be gone: all below a worker, or the run's own process and its shepherd."""
    below = processes.descendants(here.worker.pid)
    if "worker" in parts:
        return below
    return [each for each in below if each.pid in (here.pids() or ())] if parts != ("server",) else []

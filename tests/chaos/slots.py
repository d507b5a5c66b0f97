"""Kill what holds the slots of a limit: they come free again, and there are never more runs than slots."""

import contextlib
import os
import signal
from pathlib import Path

from perijove.schemas.filters import Among, FlowRunFilter, FlowRunQuery, StateFilter
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import StateType

from . import stage

LIMIT = 2


def killed(kills: int) -> float:
    """Kill what runs, each time that the limit is full; returns the longest time until it was full again."""
    longest = 0.0
    with stage.stage() as here:
        deployment = here.deploy("phased", concurrency_limit=LIMIT)
        places = [here.place(str(number)) for number in range(LIMIT + kills)]
        runs = [here.run(deployment, notes=str(place), seconds=600) for place in places]
        killed = 0
        while killed < kills:
            longest = max(longest, stage.until(lambda: _holding(runs) == LIMIT))
            victims = _shepherds(places)[: min(LIMIT, kills - killed)]
            for victim in victims:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
            killed += len(victims)
            gone = killed
            stage.until(lambda gone=gone: _ended(runs) >= gone)
    return longest


def _counted(runs: list[FlowRun], *types: str) -> int:
    chosen = FlowRunFilter(
        id=Among(any_=[run.id for run in runs]), state=StateFilter(type=Among(any_=[StateType(each) for each in types]))
    )
    return stage.patiently(lambda client: client.count_flow_runs(FlowRunQuery(flow_runs=chosen)))


def _holding(runs: list[FlowRun]) -> int:
    """How many runs go on, which are never too many."""
    number = _counted(runs, "RUNNING")
    assert _counted(runs, "PENDING", "RUNNING", "CANCELLING") <= LIMIT
    return number


def _ended(runs: list[FlowRun]) -> int:
    return _counted(runs, "CRASHED", "COMPLETED", "FAILED", "CANCELLED")


def _shepherds(places: list[Path]) -> list[int]:
    """Those of the runs that go on."""
    known = [found[1] for place in places if (found := stage.pids(place))]
    return [pid for pid in known if Path(f"/proc/{pid}").exists()]

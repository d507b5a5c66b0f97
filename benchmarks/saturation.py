"""How far one machine goes: load on an embedded server, doubled until it no longer keeps up.

``python -m benchmarks.saturation --steps N --seconds S``: three loads, each of at most N steps of S seconds. A load is
too much when one in twenty is served later than a second (a run's start after it was asked for, a request's answer), or
when less than nine tenths of it are done in the time. Its clients and its runs share the machine with the server.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.sampling import repeated
from perijove import embed, settings
from perijove.client import SyncClient, get_client
from perijove.schemas.deployments import Deployment, DeploymentCreate, DeploymentFlowRunCreate
from perijove.schemas.filters import Among, DeploymentQuery, FlowRunFilter, FlowRunQuery
from perijove.schemas.flows import FlowCreate
from perijove.schemas.logs import LogCreate
from perijove.schemas.runs import FlowRun, FlowRunCreate
from perijove.schemas.schedules import CronSchedule, DeploymentScheduleCreate
from perijove.schemas.states import StateCreate, StateType

HERE = Path(__file__).parent
LATE = 1.0
"""Seconds after which something counts as late."""

SENDERS = 4
BATCH = 250
"""Log lines in a request, and how many send them: as busy runs' shepherds do."""

PAGE = 200
PATIENCE = 120.0
"""Seconds that runs may take to end after the last of a step was asked for."""


@dataclass(frozen=True)
class Step:
    """What was asked for, what of it was done (in the same unit), and the delays in seconds."""

    asked: float
    done: float
    delays: list[float]

    @property
    def is_too_much(self) -> bool:
        return self.late > LATE or self.done < 0.9 * self.asked

    @property
    def late(self) -> float:
        """The delay that one in twenty exceeds."""
        return sorted(self.delays)[int(0.95 * len(self.delays))]

    def __str__(self) -> str:
        verdict = "too much" if self.is_too_much else "kept up"
        middle = statistics.median(self.delays) * 1000
        return f"{self.asked:10,.0f} {self.done:10,.0f} {middle:9,.0f} ms {self.late * 1000:9,.0f} ms   {verdict}"


Load = Callable[[SyncClient, float, float], Step]
"""Puts so much on the server, for so many seconds."""


def runs(client: SyncClient, a_minute: float, seconds: float) -> Step:
    """Runs of an empty flow by the server's own worker, asked for at an even pace. The delay is that of their start."""
    deployment = _deployed(client, name=f"at-{time.monotonic_ns()}", work_pool_name="local")
    number = max(1, round(a_minute * seconds / 60))
    start = time.monotonic()
    for _ in _paced(number, seconds):
        client.create_flow_run_from_deployment(deployment.id, DeploymentFlowRunCreate())
    ended = _ended(client, deployment, number, start + seconds + PATIENCE)
    begun = [(run.start_time - run.created).total_seconds() for run in ended if run.start_time]
    took = max(run.end_time for run in ended if run.end_time) - min(run.created for run in ended)
    return Step(a_minute, a_minute * min(1.0, (seconds + LATE) / took.total_seconds()), begun)


def deployments(client: SyncClient, number: float, seconds: float) -> Step:
    """So many deployments, each with a schedule of its own. The delay is that of what a page of them asks."""
    have = client.count_deployments(DeploymentQuery())
    start = time.monotonic()
    for each in range(have, int(number)):
        every_hour = DeploymentScheduleCreate(schedule=CronSchedule(cron=f"{each % 60} * * * *"))
        made = _deployed(client, name=f"hourly-{each}", schedules=[every_hour])
        if time.monotonic() - start > PATIENCE:
            break
    page = DeploymentQuery(limit=100)
    questions: list[Callable[[], object]] = [
        partial(client.read_deployments, page),
        partial(client.read_flow_runs, FlowRunQuery(limit=PAGE)),
        partial(client.count_flow_runs, FlowRunQuery()),
        partial(client.create_flow_run_from_deployment, made.id, DeploymentFlowRunCreate()),
    ]
    times = max(3, round(seconds))
    delays = [taken for question in questions for taken in repeated(times, question)]
    return Step(number, client.count_deployments(DeploymentQuery()), delays)


def log_lines(client: SyncClient, a_second: float, seconds: float) -> Step:
    """Log lines of a run, from several senders at an even pace. The delay is that of the answer, counted from when the
    request was due."""
    flow = client.create_flow(FlowCreate(name="talkative"))
    run = client.create_flow_run(FlowRunCreate(flow_id=flow.id, state=StateCreate(type=StateType.RUNNING)))
    batch = [
        LogCreate(
            name="load", level=20, message=f"line {each}: {'x' * 80}", timestamp=datetime.now(UTC), flow_run_id=run.id
        )
        for each in range(min(BATCH, max(1, round(a_second / SENDERS))))
    ]
    requests = max(1, round(a_second * seconds / len(batch) / SENDERS))
    start = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        sent = list(pool.map(lambda _: _sent(batch, requests, seconds), range(SENDERS)))
    took = time.monotonic() - start
    return Step(a_second, len(batch) * requests * SENDERS / max(took, seconds), [each for one in sent for each in one])


def _sent(batch: list[LogCreate], requests: int, seconds: float) -> list[float]:
    delays = []
    with get_client(sync_client=True) as client:
        for due in _paced(requests, seconds):
            client.create_logs(batch)
            delays.append(time.monotonic() - due)
    return delays


def _paced(number: int, seconds: float) -> Iterator[float]:
    """When each of so many is due, evenly over the time; each comes then, or as soon after it as there is time."""
    start = time.monotonic()
    for each in range(number):
        due = start + seconds * each / number
        time.sleep(max(0.0, due - time.monotonic()))
        yield due


def _deployed(client: SyncClient, name: str, **fields: object) -> Deployment:
    flow = client.create_flow(FlowCreate(name="nothing"))
    place = {"prefect.deployments.steps.set_working_directory": {"directory": str(HERE)}}
    return client.create_deployment(
        DeploymentCreate(name=name, flow_id=flow.id, entrypoint="empty_flow.py:nothing", pull_steps=[place], **fields)
    )


def _ended(client: SyncClient, deployment: Deployment, number: int, deadline: float) -> list[FlowRun]:
    """The runs, once all of them have ended."""
    mine = FlowRunFilter(deployment_id=Among(any_=[deployment.id]))
    while time.monotonic() < deadline:
        found: list[FlowRun] = []
        while page := client.read_flow_runs(FlowRunQuery(flow_runs=mine, limit=PAGE, offset=len(found))):
            found += page
        if len(found) == number and all(run.state and run.state.is_final for run in found):
            return found
        time.sleep(0.5)
    raise TimeoutError(f"{number} runs did not end within {PATIENCE:g} s after the last was asked for.")


LOADS: dict[str, tuple[Load, float, float]] = {
    "runs a minute": (runs, 60, 2),
    "log lines a second": (log_lines, 500, 2),
    "scheduled deployments": (deployments, 100, 4),
}
"""Each load with its first step, and by how much the next is larger. Deployments stay, so that they come last."""


def main() -> None:
    """Raise each load until it is too much, and print the steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=6, help="at most so many steps of each load")
    parser.add_argument("--seconds", type=float, default=30, help="how long a step lasts")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="perijove-bench-") as home:
        os.environ["PERIJOVE_HOME"] = home
        settings.current.cache_clear()
        embed.start()
        try:
            with get_client(sync_client=True) as client:
                runs(client, 60, 1)  # the first run of all waits for what the worker imports
                for title, (load, first, factor) in LOADS.items():
                    _raise(client, title, load, [first * factor**step for step in range(asked.steps)], asked.seconds)
        finally:
            embed.stop()


def _raise(client: SyncClient, title: str, load: Load, steps: list[float], seconds: float) -> None:
    print(f"\n{title}\n{'asked':>10} {'done':>10} {'median':>12} {'1 in 20':>12}", flush=True)
    for asked in steps:
        step = load(client, asked, seconds)
        print(step, flush=True)
        if step.is_too_much:
            return


if __name__ == "__main__":
    main()

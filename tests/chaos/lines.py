"""Kill a run as it prints, take the server away, flood the log: no line is lost, none is there twice."""

import threading
import time
from pathlib import Path

from . import stage


def killed(lines: int) -> None:
    """A run that is killed with its last line."""
    _whole(lines, 0.0, away=None)


def server_away(seconds: float) -> None:
    """A run that prints, and is killed, while the server is killed and away."""
    _whole(int(seconds * 100), 0.01, away=seconds)


def _whole(lines: int, pause: float, *, away: float | None) -> None:
    with stage.stage() as here:
        run = here.run(here.deploy("counting"), notes=str(here.notes), lines=lines, pause=pause)
        stage.until(here.pids)
        if away is not None:
            stage.kill_server(away)
        stage.until(lambda: stage.is_over(run), 120)
        stage.until(lambda: len(stage.printed(run.id)) >= lines)
        assert stage.printed(run.id) == [str(number) for number in range(lines)]


def flood(megabytes: int) -> tuple[float, float]:
    """Print so much; returns how many it got rid of in a second, and the shepherd's largest memory in MiB."""
    with stage.stage() as here:
        run = here.run(here.deploy("flooding"), notes=str(here.notes), megabytes=megabytes)
        stage.until(here.pids)
        _, shepherd = here.pids() or (0, 0)
        sizes: list[int] = [0]
        watching = threading.Thread(target=_watch, args=(shepherd, sizes))
        watching.start()
        start = time.monotonic()
        stage.until(lambda: stage.is_over(run), 60 + megabytes)
        rate = megabytes / (time.monotonic() - start)
        stage.until(lambda: any("truncated" in line for line in _all(run)), 60)
        watching.join()
    return rate, max(sizes) / 1024


def _all(run: stage.FlowRun) -> list[str]:
    query = {"logs": {"flow_run_id": {"any_": [str(run.id)]}}, "sort": "TIMESTAMP_DESC", "limit": 20}
    asked = stage.LogQuery.model_validate(query)
    return [line.message for line in stage.patiently(lambda client: client.read_logs(asked))]


def _watch(pid: int, sizes: list[int]) -> None:
    """Note the process's resident KiB until it is gone."""
    while True:
        try:
            with Path(f"/proc/{pid}/status").open() as status:
                sizes += [int(line.split()[1]) for line in status if line.startswith("VmRSS")] or [0]
        except OSError:
            return
        time.sleep(0.05)

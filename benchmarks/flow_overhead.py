"""What a flow and its tasks cost beyond the author's own code: ``python benchmarks/flow_overhead.py [--api-url URL]``.

Without ``--api-url`` nothing is told to anyone; with it, all is told to that server. ``--peer`` measures Prefect's own
``flow`` and ``task`` instead, where Prefect is installed (name its server by PREFECT_API_URL).
Prints one JSON line: median milliseconds of an empty flow's call, and median milliseconds a task in the caller's
thread, at 1, 100 and 1,000 tasks a flow. Log lines on stderr are part of the cost; send them to a file.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

SIZES = (1, 100, 1_000)
TIMES = 10


def main() -> None:
    options = _options()
    if options.api_url:
        os.environ["PERIJOVE_API_URL"] = options.api_url
    flow, task = _decorators(options.peer)
    print(json.dumps({"target": options.api_url or "none", **_measure(flow, task, options.times)}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--api-url", help="the server to report to")
    parser.add_argument("--peer", action="store_true", help="measure Prefect's own")
    parser.add_argument("--times", type=int, default=TIMES, help="repetitions of each size")
    return parser.parse_args()


def _decorators(peer: bool) -> tuple[Any, Any]:
    if peer:
        import prefect

        return prefect.flow, prefect.task
    import perijove

    return perijove.flow, perijove.task


def _measure(flow: Any, task: Any, times: int) -> dict[str, Any]:
    @task
    def step(number: int) -> int:
        return number

    @flow
    def empty() -> None:
        """Nothing."""

    @flow
    def steps(count: int) -> float:
        started = time.perf_counter()
        for number in range(count):
            step(number)
        return (time.perf_counter() - started) / count

    empty()
    return {
        "flow_ms": _milliseconds(statistics.median(_timed(empty) for _ in range(times))),
        "task_ms": {str(size): _milliseconds(statistics.median(steps(size) for _ in range(times))) for size in SIZES},
    }


def _timed(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1_000, 4)


if __name__ == "__main__":
    main()

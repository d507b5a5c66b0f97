"""Chaos at full size: ``python -m tests.chaos NAME [N]``, in the project's directory.

redeploy N  N redeploys, pauses and edits of a schedule by four clients, the server killed meanwhile (B-1; 1,000)
jumps N     N jumps of the clock, to and fro (B-3; 500)
crowd N     N writes by each of 32 clients, eight that read, and a second server (B-4; 5,000)
kill9 N     N kills of the server that four clients write to (B-5; 1,000)
full N      N times that the server's disk is full (B-5; 100)
zombies N   N trials: any of a run's parts and the server are killed, in any phase of the run (B-6; 1,500)
deaf N      N runs that hold the interpreter's lock for a minute (B-6; 20)
orphans N   N cancels and N killed workers, of runs that start what would outlive them (B-7; 500)
lines N     N killed runs of 5,000 lines (B-8; 300)
away N      a run that prints while its server is killed and away for N seconds (B-8; 600)
flood N     N megabytes printed by one run (B-8; 1,000)
slots N     N kills of what holds a limit's slots (B-20; 1,000)
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from . import disk, lines, orphans, schedules, slots, stage, writes, zombies

AT_ONCE = 4
COMMANDS = [line for line in (__doc__ or "").splitlines()[2:] if line]

ALONE: dict[str, Callable[[int], Any]] = {
    "redeploy": schedules.redeployed,
    "jumps": schedules.clock_jumped,
    "crowd": writes.crowd,
    "kill9": writes.killed,
    "full": disk.filled,
    "away": lines.server_away,
    "flood": lines.flood,
    "slots": slots.killed,
}
"""What has the server to itself."""

Trial = Callable[[], Any]
"""Returns the seconds that something took, and raises when it went wrong."""


def main() -> None:
    """Do what the words say, and tell how it went; the exit code is 1 if anything was wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=[line.split()[0] for line in COMMANDS])
    parser.add_argument("number", type=int, nargs="?", default=20, metavar="N")
    asked = parser.parse_args()
    with stage.server():
        sys.exit(_go(asked.name, *_trials(asked.name, asked.number)))


def _trials(name: str, number: int) -> tuple[list[Trial], list[Trial]]:
    """Those that may be made at once, and those that must be alone: a killed server is everyone's."""
    match name:
        case "zombies":
            wanted = list(zombies.trials(number))
            both = [partial(zombies.trial, *each) for each in wanted]
            return (
                [trial for trial, (parts, _) in zip(both, wanted, strict=True) if "server" not in parts],
                [trial for trial, (parts, _) in zip(both, wanted, strict=True) if "server" in parts],
            )
        case "deaf":
            return [partial(zombies.deaf, 60)] * number, []
        case "orphans":
            return [orphans.cancelled, orphans.worker_killed] * number, []
        case "lines":
            return [partial(lines.killed, 5_000)] * number, []
    return [], [partial(ALONE[name], number)]


def _go(name: str, together: list[Trial], alone: list[Trial]) -> int:
    start = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        told = [*threads.map(_told, together), *map(_told, alone)]
    wrong = [each for each in told if isinstance(each, BaseException)]
    took = [each for each in told if isinstance(each, float)]
    print(f"{name}: {len(told)} trials in {time.monotonic() - start:.0f} s, {len(wrong)} went wrong")
    if took:
        print(f"seconds until it was over: median {statistics.median(took):.2f}, longest {max(took):.2f}")
    for each in [each for each in told if isinstance(each, tuple)]:
        print("{:.0f} MB/s, {:.0f} MiB of memory at most".format(*each))
    return 1 if wrong else 0


def _told(trial: Trial) -> Any:
    try:
        return trial()
    except Exception as error:  # noqa: BLE001  (whatever it is, it is told, and the others go on)
        print(f"{trial}: {error!r}", file=sys.stderr, flush=True)
        return error


if __name__ == "__main__":
    main()

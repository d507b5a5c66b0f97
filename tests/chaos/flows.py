"""The flows that are run while parts of the system die."""

import os
import subprocess
import time
from pathlib import Path

from perijove import flow
from perijove.schemas.runs import FlowRun
from perijove.states import ReturnedState


@flow
def phased(notes: str, seconds: float) -> None:
    """Say which processes this is, and take some time."""
    Path(notes, "pids").write_text(f"{os.getpid()} {os.getppid()}")
    print("begun")
    time.sleep(seconds)


def note_cancellation(_flow: object, run: FlowRun, _state: ReturnedState) -> None:
    """Leave a trace for each call."""
    with Path(run.parameters["notes"], "cancelled").open("a") as file:
        file.write("called\n")


@flow(on_cancellation=[note_cancellation])
def leaving(notes: str) -> None:
    """Start what would outlive this: a child, one of another session, one that is nobody's, an interpreter."""
    marked = {**os.environ, "PERIJOVE_CHAOS": notes}
    escape = "sleep 1000 & setsid sleep 1000 & (setsid sh -c 'trap : TERM; while :; do sleep 1; done' &) ; wait"
    subprocess.Popen(["sh", "-c", escape], env=marked, stderr=subprocess.DEVNULL)
    subprocess.Popen(["python3", "-c", "import time; time.sleep(1000)"], env=marked, start_new_session=True)
    time.sleep(0.3)
    Path(notes, "pids").write_text(f"{os.getpid()} {os.getppid()}")
    time.sleep(1000)


@flow
def counting(notes: str, lines: int, pause: float) -> None:
    """Print numbers, and be gone with the last one."""
    Path(notes, "pids").write_text(f"{os.getpid()} {os.getppid()}")
    for number in range(lines):
        print(number)
        if pause:
            time.sleep(pause)
    os.kill(os.getpid(), 9)


@flow
def flooding(notes: str, megabytes: int) -> float:
    """Print so much, and return the seconds that it took."""
    Path(notes, "pids").write_text(f"{os.getpid()} {os.getppid()}")
    block = ("x" * 99 + "\n") * 10_000
    start = time.monotonic()
    for _ in range(megabytes):
        os.write(1, block.encode())
    return time.monotonic() - start


@flow
def deaf(seconds: int) -> None:
    """Hold the interpreter's lock all the time, as a long computation in C does."""
    import ctypes

    ctypes.PyDLL(None).sleep(seconds)

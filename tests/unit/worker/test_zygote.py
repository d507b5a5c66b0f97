"""A warm interpreter, spoken to as the worker does."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from perijove import clock
from perijove.worker import processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runs are forked on Linux only")


def zygote() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "perijove.worker.zygote"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def report(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def test_it_has_no_thread_when_it_says_that_it_is_ready_and_ends_with_its_input() -> None:
    with zygote() as process:
        assert report(process) == {"ready": True}
        (only,) = Path(f"/proc/{process.pid}/task").iterdir()
        assert only.name == str(process.pid)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, b"")


def test_it_keeps_a_spare_shepherd_with_its_child_and_takes_both_along() -> None:
    with zygote() as process:
        assert report(process) == {"ready": True}
        deadline = clock.monotonic() + 20
        while len(waiting := processes.descendants(process.pid)) < 2:
            assert clock.monotonic() < deadline
        process.communicate(timeout=20)
        left = {(one.pid, one.started) for one in processes.descendants(1)}
        assert not [one for one in waiting if (one.pid, one.started) in left]


def test_a_launch_that_it_can_not_read_is_reported_and_harms_no_one() -> None:
    with zygote() as process:
        assert process.stdin is not None
        assert report(process) == {"ready": True}
        process.stdin.write(b'run-1 nonsense\nrun-2 {"target": "canary"}\n')
        process.stdin.flush()
        ends = sorted((report(process), report(process)), key=lambda end: end["run"])
        assert ends == [{"run": "run-1", "exit_code": 1}, {"run": "run-2", "exit_code": 1}]
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0
        assert b"ValidationError" in errors
        assert b"canary" not in errors

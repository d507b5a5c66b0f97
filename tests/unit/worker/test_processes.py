"""Process trees, with real ones: each test runs a program of its own, since it forks and adopts."""

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="subreapers are Linux's")

ESCAPES = "sleep 1000 & setsid sleep 1000 & (setsid sh -c 'trap : TERM; while :; do sleep 1; done' &) ; wait"
"""A shell that leaves behind a child, one with a session of its own, and one that is nobody's and ignores SIGTERM."""


def program(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = textwrap.dedent(text)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def output(text: str, *arguments: str) -> str:
    done = program(text, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_a_tree_is_ended_with_those_that_left_their_session_and_ignore_sigterm() -> None:
    printed = output(
        """
        import asyncio, os, subprocess, sys, time
        from perijove.worker import processes
        from perijove.worker.tree import Tree

        async def main():
            processes.adopt_orphans()
            shell = subprocess.Popen(["sh", "-c", sys.argv[1]], stderr=subprocess.DEVNULL)
            tree = Tree(shell.pid)
            while len(processes.descendants(os.getpid())) < 5:
                await asyncio.sleep(0.01)
            await tree.stop_root(5)
            print(await tree.exit_code, tree.is_empty)
            print(await tree.end_rest(0.5), processes.descendants(os.getpid()))

        asyncio.run(main())
        """,
        ESCAPES,
    )
    assert printed.split("\n") == ["-15 False", "True []"]


def test_killing_children_spares_whom_it_shall_spare() -> None:
    printed = output(
        """
        import os, signal, subprocess
        from perijove.worker import processes

        processes.adopt_orphans()
        spared, doomed = (subprocess.Popen(["sleep", "1000"]) for _ in range(2))
        print(processes.kill_children(os.getpid(), spare=[spared.pid], timeout=5), doomed.wait(), spared.poll())
        spared.kill()
        spared.wait()
        """
    )
    assert printed == "True -9 None"


def test_a_pid_that_was_given_anew_is_not_signalled() -> None:
    printed = output(
        """
        import os, signal, subprocess
        from perijove.worker import processes

        child = subprocess.Popen(["sleep", "1000"])
        (seen,) = processes.children(os.getpid())
        processes.send(seen._replace(started=seen.started - 1), signal.SIGKILL)
        print(child.poll())
        processes.send(seen, signal.SIGKILL)
        print(child.wait())
        processes.send(seen, signal.SIGKILL)
        """
    )
    assert printed.split("\n") == ["None", "-9"]


def test_a_process_dies_with_its_parent_even_if_that_was_quicker() -> None:
    printed = output(
        """
        import os, signal, time
        from perijove.worker import processes

        stranger = os.getppid()
        pid = os.fork()
        if not pid:
            processes.die_with_parent(stranger, signal.SIGKILL)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """
    )
    assert printed == "-9"


def test_descriptors_are_closed_but_those_to_keep() -> None:
    printed = output(
        """
        import os
        from perijove.worker import processes

        low, high = os.pipe()
        processes.close_all_but([high])
        still_open = [int(name) for name in os.listdir("/dev/fd") if os.path.exists(f"/dev/fd/{name}")]
        print(sorted(still_open) == [0, 1, 2, high])
        """
    )
    assert printed == "True"

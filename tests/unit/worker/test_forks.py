"""A fork ends as a program ends."""

import pytest

from .test_processes import output, program

FORK = """
import os, sys
from perijove.worker import forks
def work():
    {work}
pid = forks.fork(work)
status = os.waitpid(pid, 0)[1]
print("parent", os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize(
    ("work", "code"),
    [
        ("pass", 0),
        ("sys.exit()", 0),
        ("sys.exit(7)", 7),
        ("os._exit(9)", 9),
        ("os.kill(os.getpid(), 11)", -11),
    ],
)
def test_a_fork_has_the_exit_code_that_a_program_would_have(work: str, code: int) -> None:
    assert output(FORK.format(work=work)) == f"parent {code}"


def test_an_exception_is_told_on_standard_error() -> None:
    done = program(FORK.format(work="1 / 0"))
    assert "ZeroDivisionError" in done.stderr
    assert done.stdout.strip() == "parent 1"


def test_threads_of_a_pool_finish_and_exit_functions_run() -> None:
    done = output(
        """
        import atexit, concurrent.futures, os, sys, time
        from perijove.worker import forks
        def work():
            atexit.register(print, "at exit")
            pool = concurrent.futures.ThreadPoolExecutor()
            pool.submit(lambda: (time.sleep(0.1), print("thread")))
        os.waitpid(forks.fork(work), 0)
        """
    )
    assert done == "thread\nat exit"


def test_a_fork_writes_out_what_it_printed_and_nothing_of_its_parent_twice() -> None:
    assert output(FORK.format(work="print('child', end='')")) == "childparent 0"

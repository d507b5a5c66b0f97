"""Interpreters that can't run anything say so."""

import asyncio
import sys
import venv
from pathlib import Path

import pytest

from perijove.worker.launcher import Launcher

from . import samples


async def reason_from(python: str, *, fork: bool = True) -> str | None:
    launcher = Launcher(fork=fork)
    try:
        return await launcher.run(samples.launch(job_variables={"python": python}))
    finally:
        await launcher.close()


@pytest.mark.anyio
@pytest.mark.parametrize("fork", [True, False])
async def test_an_interpreter_that_is_not_there_is_named(fork: bool) -> None:
    reason = await reason_from("/no/such/python", fork=fork)
    assert reason is not None
    assert reason.startswith("The interpreter /no/such/python can't be started (No such file or directory).")


@pytest.mark.anyio
async def test_an_interpreter_without_perijove_is_named_with_the_cure(tmp_path: Path) -> None:
    venv.create(tmp_path, with_pip=False)
    python = str(tmp_path / "bin" / "python")
    reason = await reason_from(python)
    assert reason == f"{python} has no Perijove. Install it there: {python} -m pip install perijove"


@pytest.mark.anyio
async def test_a_program_that_is_no_interpreter_is_told_from_one() -> None:
    reason = await reason_from("/bin/false")
    assert reason == "/bin/false could not be made ready for the run: ended with code 1"


@pytest.mark.anyio
async def test_a_zygote_that_dies_while_it_waits_is_replaced_and_closing_leaves_nothing() -> None:
    launcher = Launcher(fork=True)
    launcher.warm()
    first = launcher._zygote(sys.executable)
    await first._started
    first._started.result().kill()
    await first._life
    assert launcher._zygote(sys.executable) is not first
    await launcher.close()


@pytest.mark.anyio
async def test_a_zygote_without_runs_ends_and_the_next_run_gets_another() -> None:
    launcher = Launcher(fork=True)
    idle = launcher._zygote(sys.executable, "colorsys")
    await idle._started
    idle.end_if_idle(after=0.0)
    await asyncio.wait_for(idle._life, 20)
    assert launcher._zygote(sys.executable, "colorsys") is not idle
    await launcher.close()


@pytest.mark.anyio
async def test_runs_that_end_together_leave_one_timer_which_the_next_run_can_cancel() -> None:
    launcher = Launcher(fork=True)
    zygote = launcher._zygote(sys.executable, "colorsys")
    await zygote._started
    zygote.end_if_idle(after=600.0)
    first = zygote._ending
    zygote.end_if_idle(after=600.0)
    assert first is not None
    assert first.cancelled()
    await launcher.close()

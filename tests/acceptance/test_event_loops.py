"""Cells run in an event loop that is the kernel's own: whichever kind it is, every call works in it, sync and async."""

import subprocess
import sys
from pathlib import Path

import pytest

from perijove import embed

FLOWS = """
from perijove import flow


@flow
def double(number: int = 2) -> int:
    return 2 * number
"""

CALLS = """
import asyncio
from contextlib import aclosing

import perijove
from perijove import arun_deployment, flow, get_client, run_deployment, task
from perijove.client import Events
from flows import double


@task
async def one():
    return 1


@flow
async def outer():
    return await one() + (await run_deployment("double/prod", {"number": 5}, timeout=30)).result()


async def ended(monitor):
    async with asyncio.timeout(30):
        while monitor.run.state_name != "Completed":
            await asyncio.sleep(0.02)


async def cell():
    double.deploy("prod")
    run = run_deployment("double/prod", timeout=30)
    assert run.result() == 4
    run = await arun_deployment("double/prod", {"number": 3}, timeout=30)
    assert (run.wait().result(), (await run.await_end()).result()) == (6, 6)
    with get_client(sync_client=True) as client:
        assert client.read_flow_run(run.id).name == run.name
    async with get_client() as client:
        assert (await client.read_flow_run(run.id)).name == run.name
    for event in Events(since=run.created):
        break
    async with aclosing(aiter(Events(since=run.created))) as events:
        same = await anext(events)
    assert same == event
    views = [perijove.run_form("double/prod"), perijove.explore(), perijove.calendar()]
    views.append(perijove.monitor(run_deployment("double/prod", timeout=0)))
    await ended(views[-1])
    for view in views:
        view.close()
    assert await outer() == 11
    assert double(4) == 8
"""

WITHOUT_READERS = """
class Loop(asyncio.SelectorEventLoop):  # as Windows' own loop, which has sockets and no file descriptors
    def _lacks(self, *_):
        raise NotImplementedError

    add_reader = add_writer = add_signal_handler = _lacks


asyncio.new_event_loop = asyncio.events.new_event_loop = Loop
Loop().run_until_complete(cell())
"""

NESTED = """
import nest_asyncio

nest_asyncio.apply()


async def nested():
    asyncio.run(cell())
    assert asyncio.get_running_loop().run_until_complete(outer()) == 11


asyncio.run(nested())
"""


@pytest.mark.parametrize("loop", [WITHOUT_READERS, NESTED], ids=["without readers", "nested"])
def test_every_call_works_in_a_running_loop_of_any_kind(
    shared_server: embed.EmbeddedServer, tmp_path: Path, loop: str
) -> None:
    (tmp_path / "flows.py").write_text(FLOWS)
    (tmp_path / "cells.py").write_text(CALLS + loop)
    done = subprocess.run([sys.executable, "cells.py"], cwd=tmp_path, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr

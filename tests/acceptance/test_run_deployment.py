"""``run_deployment`` against a real server and worker: from plain code, in a running loop, and in flows."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from perijove import arun_deployment, clock, embed, get_client, run_deployment, settings
from perijove.deployments.conversation import Conversation
from perijove.deployments.define import wish
from perijove.deployments.deploying import deploy_file
from perijove.deployments.flow_runs import _run_deployment
from perijove.deployments.run import Run
from perijove.deployments.waiting import StoppedWaiting
from perijove.errors import FlowRunFailed, Invalid, MissingResult, NotFound, ParameterError, UsageError
from perijove.schemas.filters import Among, FlowRunFilter, FlowRunQuery, TaskRunQuery, Text
from perijove.schemas.states import StateType

FLOWS = """
import asyncio
import time

from perijove import arun_deployment, flow, run_deployment, task


@flow(log_prints=True)
def double(x: int = 1) -> int:
    print("doubling", x)
    return 2 * x


@flow
def failing():
    raise ValueError("no data today")


@flow
def sleeping(seconds: float = 1.0) -> str:
    time.sleep(seconds)
    return "rested"


@flow
def parent(as_subflow: bool = True) -> int:
    return run_deployment("double/d", parameters={"x": 21}, as_subflow=as_subflow).result()


@task
def in_a_task() -> int:
    return run_deployment("double/d", parameters={"x": 4}).result()


@flow
def parent_by_task() -> int:
    return in_a_task()


@flow
async def async_parent() -> dict:
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    runs = await asyncio.gather(*(run_deployment("sleeping/d", parameters={"seconds": 0.5}) for _ in range(2)))
    later = await arun_deployment("double/d", timeout=0)
    await later.wait()
    ticking.cancel()
    return {"results": [run.result() for run in runs], "later": later.result(), "ticks": ticks}
"""

NAMES = ("double", "failing", "sleeping", "parent", "parent_by_task", "async_parent")


@pytest.fixture(scope="module", autouse=True)
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A server with all of the flows deployed; the file that holds them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERIJOVE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("PERIJOVE_API_URL", raising=False)
        settings.current.cache_clear()
        file = tmp_path_factory.mktemp("flows") / "flows.py"
        file.write_text(FLOWS)
        for name in NAMES:
            deploy_file(file, name, wish(name="d"))
        yield file
        embed.stop()
    settings.current.cache_clear()


def test_it_waits_and_gives_the_result() -> None:
    run = run_deployment("double/d", parameters={"x": 5})
    assert run.state is not None
    assert run.state.type is StateType.COMPLETED
    assert run.result() == 10


def test_a_timeout_of_0_returns_at_once_and_the_run_goes_on() -> None:
    run = run_deployment("sleeping/d", parameters={"seconds": 0.3}, timeout=0)
    assert run.state is not None
    assert not run.state.is_final
    with pytest.raises(MissingResult, match=f"{run.name}.*no result yet"):
        run.result()
    assert run.wait(timeout=30).result() == "rested"


def test_when_the_timeout_has_passed_the_run_is_given_as_last_read() -> None:
    started = clock.monotonic()
    run = run_deployment("sleeping/d", parameters={"seconds": 3.0}, timeout=0.5)
    assert clock.monotonic() - started < 2.5
    assert run.state is not None
    assert not run.state.is_final
    assert run.wait(timeout=30).state_name == "Completed"


def test_a_negative_timeout_is_refused() -> None:
    with pytest.raises(ValueError, match="seconds from 0"):
        run_deployment("double/d", timeout=-1)


def test_it_blocks_and_gives_a_run_where_an_event_loop_runs_already() -> None:
    async def cell() -> list[object]:
        plain = run_deployment("double/d", parameters={"x": 2})
        awaited = await run_deployment("double/d", parameters={"x": 3})
        return [plain.result(), awaited.result(), (await plain) is plain]

    assert asyncio.run(cell()) == [4, 6, True]


def test_asynchronous_code_awaits_arun_deployment_and_its_loop_goes_on() -> None:
    async def main() -> tuple[str, int]:
        waiting = asyncio.create_task(arun_deployment("sleeping/d", parameters={"seconds": 0.5}))
        ticks = 0
        while not waiting.done():
            await asyncio.sleep(0.01)
            ticks += 1
        return (await waiting).result(), ticks

    result, ticks = asyncio.run(main())
    assert result == "rested"
    assert ticks > 20


def test_a_failed_run_raises_nothing_until_its_result_is_asked_for() -> None:
    run = run_deployment("failing/d")
    assert run.state_name == "Failed"
    with pytest.raises(FlowRunFailed, match="failing/d ended as Failed.*no data today"):
        run.result()


def test_a_run_tells_its_log_as_text() -> None:
    run = run_deployment("double/d", parameters={"x": 7})
    deadline = clock.monotonic() + 10
    while not any("doubling 7" in log.message for log in run.logs()) and clock.monotonic() < deadline:
        time.sleep(0.05)
    assert "doubling 7" in str(run.logs())
    assert "<pre" in run.logs()._repr_html_()


def test_a_run_shows_itself_in_a_terminal_and_in_a_notebook() -> None:
    run = run_deployment("double/d", parameters={"x": 5}, flow_run_name="<b>bold</b>", tags=["finance"])
    assert "Flow run <b>bold</b>" in repr(run)
    assert "double/d" in repr(run)
    assert "x=5" in repr(run)
    assert "finance" in repr(run)
    assert "<b>bold</b>" not in run._repr_html_()
    assert "&lt;b&gt;bold&lt;/b&gt;" in run._repr_html_()


def test_a_deployment_may_be_named_by_its_id() -> None:
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name("double/d")
    assert run_deployment(deployment.id).deployment_id == deployment.id
    assert run_deployment(str(deployment.id)).deployment_id == deployment.id


def test_an_unknown_deployment_is_answered_with_the_likeliest_one() -> None:
    with pytest.raises(NotFound, match=r"no deployment 'dubble/d'.*Did you mean 'double/d'\?"):
        run_deployment("dubble/d")
    with pytest.raises(NotFound, match="no deployment"):
        run_deployment(uuid4())


def test_parameters_that_the_flow_refuses_make_no_run() -> None:
    with pytest.raises(Invalid, match="'many' is not of type 'integer'"):
        run_deployment("double/d", parameters={"x": "many"})
    with pytest.raises(ParameterError, match="no parameter 'y'"):
        run_deployment("double/d", parameters={"y": 1})


@pytest.mark.parametrize("value", ["\ud800", {"y": ["\ud800"]}, {"\ud800": 1}])
def test_a_text_that_has_no_bytes_is_refused_in_a_sentence(value: object) -> None:
    with pytest.raises(ParameterError, match="Parameter 'x'.*no form in JSON.*mends such a text"):
        run_deployment("double/d", parameters={"x": value})
    with pytest.raises(UsageError, match="no form in JSON"):
        run_deployment("double/d", flow_run_name="\ud800")


CHANGING = """
from perijove import flow


@flow
def changing({parameter}: int = 1) -> int:
    return {parameter}
"""


def test_a_deployment_that_was_changed_or_made_anew_is_run_as_it_is_now(tmp_path: Path) -> None:
    file = tmp_path / "changing.py"
    for parameter, other in (("a", "b"), ("b", "a")):
        file.write_text(CHANGING.format(parameter=parameter))
        deploy_file(file, "changing", wish(name="d"))
        assert [run_deployment("changing/d", parameters={parameter: n}).result() for n in (2, 3)] == [2, 3]
        with pytest.raises(ParameterError, match=f"no parameter '{other}'"):
            run_deployment("changing/d", parameters={other: 1})
    with get_client(sync_client=True) as client:
        client.delete_deployment(client.read_deployment_by_name("changing/d").id)
    with pytest.raises(NotFound, match="no deployment 'changing/d'"):
        run_deployment("changing/d")
    deploy_file(file, "changing", wish(name="d"))
    assert run_deployment("changing/d").result() == 1


def test_the_same_idempotency_key_gives_the_same_run() -> None:
    first = run_deployment("double/d", idempotency_key="once")
    assert run_deployment("double/d", idempotency_key="once").id == first.id


def test_a_scheduled_time_is_kept() -> None:
    due = clock.now() + timedelta(hours=1)
    run = run_deployment("double/d", scheduled_time=due, timeout=0)
    assert run.state_name == "Scheduled"
    assert run.next_scheduled_start_time == due


def test_a_flow_links_the_run_as_its_part() -> None:
    run = run_deployment("parent/d")
    assert run.result() == 42
    assert _parts(run.id) == ["double/d"]


def test_a_flow_links_nothing_when_it_is_told_so() -> None:
    run = run_deployment("parent/d", parameters={"as_subflow": False})
    assert run.result() == 42
    assert _parts(run.id) == []


def test_a_task_may_run_a_deployment_too() -> None:
    run = run_deployment("parent-by-task/d")
    assert run.result() == 8
    assert "double/d" in _parts(run.id)


def test_an_asynchronous_flow_awaits_the_runs_and_its_loop_goes_on() -> None:
    told = run_deployment("async-parent/d").result()
    assert told["results"] == ["rested", "rested"]
    assert told["later"] == 2
    assert told["ticks"] > 20


INTERRUPTIBLE = """
import signal
from perijove import run_deployment
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background are deaf to it
"""


def test_interrupting_stops_the_waiting_and_not_the_run() -> None:
    process = _started(
        f"{INTERRUPTIBLE}\n"
        "run = run_deployment('sleeping/d', {'seconds': 2}, flow_run_name='kept', timeout=0)\n"
        "print('made', flush=True)\n"
        "run.wait()\n"
    )
    assert process.stdout
    assert process.stdout.readline() == "made\n"
    run = _running("kept")
    told = _interrupted(process)
    assert "StoppedWaiting: Stopped waiting; the run itself goes on." in told
    assert run.wait(timeout=30).state_name == "Completed"


def test_who_interrupts_before_the_answer_hears_that_a_run_may_have_been_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PERIJOVE_API_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/api")
        process = _started(f"{INTERRUPTIBLE}\nrun_deployment('double/d')")
        with silent.accept()[0] as asked:
            assert asked.recv(1)
            told = _interrupted(process)
    assert "StoppedAsking: Stopped before the server had answered: a run of double/d may have been made" in told


def test_who_interrupts_between_the_making_and_the_waiting_hears_of_the_run() -> None:
    run = run_deployment("double/d", timeout=0)
    steps = _run_deployment(Conversation(run.target), "double/d")
    next(steps)
    steps.send(run)
    with pytest.raises(StoppedWaiting, match=f"%runs watch {run.name}"):
        steps.throw(KeyboardInterrupt)


def _started(script: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", script], stdout=pipe, stderr=pipe, text=True)


def test_waiting_survives_a_server_that_is_stopped_and_started_again() -> None:
    run = run_deployment("double/d", scheduled_time=clock.now() + timedelta(seconds=3), timeout=0)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(run.wait, 60)
        embed.stop()
        embed.start()
        assert waiting.result(timeout=60).state_name == "Completed"
    assert run.refresh().logs()


def _interrupted(process: "subprocess.Popen[str]") -> str:
    """What the process says when it is interrupted: again, where Python lost the first one in a destructor."""
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=5)[1]
    process.kill()
    return process.communicate()[1]


def _running(name: str) -> Run:
    """The run of that name, once it is under way."""
    deadline = clock.monotonic() + 20
    with get_client(sync_client=True) as client:
        while clock.monotonic() < deadline:
            found = client.read_flow_runs(FlowRunQuery(flow_runs=FlowRunFilter(name=Text(any_=[name]))))
            if found and found[0].state_name == "Running":
                return Run.of(found[0], client.target)
            time.sleep(0.05)
    raise AssertionError(f"No run {name!r} came under way.")


def _parts(flow_run_id: UUID) -> list[str]:
    """The names of the task runs that stand for other runs in this one."""
    wanted = FlowRunFilter(id=Among(any_=[flow_run_id]))
    with get_client(sync_client=True) as client:
        return [
            part.name
            for part in client.read_task_runs(TaskRunQuery(flow_runs=wanted))
            if part.state is not None and part.state.state_details.child_flow_run_id is not None
        ]

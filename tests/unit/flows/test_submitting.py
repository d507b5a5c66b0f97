"""Tasks that are submitted: side by side, after one another, mapped, in threads and in processes."""

import asyncio
import contextvars
import os
import threading
import time
from typing import Any

import pytest

from perijove import unmapped
from perijove.errors import ParameterError, UpstreamFailed
from perijove.flows import flow, runtime, task
from perijove.futures import PerijoveFuture, as_completed, wait
from perijove.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner

COLOUR: contextvars.ContextVar[str] = contextvars.ContextVar("colour", default="none")


@task
def double(number: int) -> int:
    return 2 * number


@task
def failing() -> None:
    raise ValueError("no data")


def test_submitted_tasks_go_on_side_by_side() -> None:
    meeting = threading.Barrier(2, timeout=10)

    @task
    def meet() -> str | None:
        meeting.wait()
        return runtime.flow_run.name

    @flow(flow_run_name="together")
    def both() -> list[Any]:
        futures = [meet.submit(), meet.submit()]
        return [future.result() for future in futures]

    assert both() == ["together", "together"]


def test_a_future_among_the_arguments_is_waited_for_however_deep_it_lies() -> None:
    @task
    def total(numbers: dict[str, list[int]]) -> int:
        return sum(numbers["all"])

    @flow
    def chain() -> Any:
        first = double.submit(2)
        return total.submit({"all": [first, double.submit(first), 1]})  # type: ignore[dict-item]

    assert chain() == 4 + 8 + 1


def test_a_task_whose_upstream_failed_is_not_run() -> None:
    called = []

    @task
    def after() -> None:
        called.append(1)

    @flow
    def broken() -> None:
        after.submit(wait_for=[failing.submit()]).result()

    with pytest.raises(UpstreamFailed, match="no data"):
        broken()
    assert called == []


def test_a_flow_ends_when_all_that_it_submitted_has() -> None:
    done = []

    @task
    def slow() -> None:
        time.sleep(0.2)
        done.append(1)

    @flow
    def hasty() -> None:
        slow.submit()

    hasty()
    assert done == [1]


def test_map_zips_its_iterables_and_keeps_what_is_unmapped() -> None:
    @task
    def join(left: str, right: int, rest: list[int]) -> str:
        return f"{left}{right}{rest}"

    assert join.map(["a", "b"], [1, 2], unmapped([0])).result() == ["a1[0]", "b2[0]"]
    assert double.map(double.map([1, 2, 3])).result() == [4, 8, 12]
    with pytest.raises(ParameterError, match="left has 2, right has 1"):
        join.map(["a", "b"], [1], unmapped([]))
    with pytest.raises(ParameterError, match="needs an iterable"):
        double.map(1)


def test_a_returned_future_that_failed_fails_the_flow() -> None:
    @flow
    def broken() -> Any:
        return failing.submit()

    state: Any = broken(return_state=True)  # type: ignore[call-arg]
    assert state.is_failed()
    assert "no data" in state.message


def test_waiting_ends_at_its_time() -> None:
    gate = threading.Event()

    @task
    def waiting() -> None:
        gate.wait(10)

    future: PerijoveFuture[None] = waiting.submit()
    try:
        with pytest.raises(TimeoutError):
            future.result(timeout=0.05)
        found = wait([future, double.submit(1)], timeout=0.5)
        assert (len(found.done), found.not_done) == (1, {future})
    finally:
        gate.set()
    assert [each.state.name for each in as_completed([future])] == ["Completed"]


def test_an_async_task_is_submitted_like_any_other() -> None:
    @task
    async def later(number: int) -> int:
        await asyncio.sleep(0)
        return number + 1

    @flow
    async def all_of_them() -> list[Any]:
        return [future.result() for future in later.map([1, 2])]

    assert asyncio.run(all_of_them()) == [2, 3]


def test_submitted_tasks_see_the_callers_context() -> None:
    @task
    def see() -> str:
        return COLOUR.get()

    @flow
    def coloured() -> Any:
        COLOUR.set("red")
        return see.submit()

    assert coloured() == "red"


def test_no_more_threads_than_the_runner_has_go_on_at_once() -> None:
    going, most = [], []

    @task
    def count() -> None:
        going.append(1)
        most.append(len(going))
        time.sleep(0.02)
        going.pop()

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def narrow() -> None:
        for _ in range(4):
            count.submit()

    narrow()
    assert most == [1, 1, 1, 1]


def test_functions_of_a_process_pool_run_elsewhere_and_know_their_run() -> None:
    @task
    def where(number: int) -> tuple[int, int, str | None]:
        if number == 0:
            raise ValueError("nothing")
        return number, os.getpid(), runtime.flow_run.name

    @flow(task_runner=ProcessPoolTaskRunner(max_workers=1), flow_run_name="spread")
    def spread() -> Any:
        return [future.result(raise_on_failure=False) for future in where.map([1, 0])]

    (number, pid, name), error = spread()
    assert (number, name) == (1, "spread")
    assert pid != os.getpid()
    assert isinstance(error, ValueError)

import asyncio
import itertools
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from perijove.errors import ParameterError, UsageError
from perijove.flows import Flow, flow, get_run_logger, runtime, task


def test_a_decorated_function_is_called_as_before() -> None:
    @flow
    def daily_report(region: str, top: int = 10) -> tuple[str, int]:
        """Report of a day."""
        return region, top

    assert daily_report("EU") == ("EU", 10)
    assert (daily_report.name, daily_report.description) == ("daily-report", "Report of a day.")
    assert (daily_report.__name__, daily_report.__doc__) == ("daily_report", "Report of a day.")
    assert daily_report.parameters["required"] == ["region"]


def test_the_arguments_are_coerced_unless_the_author_forbids_it() -> None:
    def double(number: int) -> int:
        return number * 2

    assert flow(double)("4") == 8  # type: ignore[arg-type]
    assert flow(validate_parameters=False)(double)("4") == "44"  # type: ignore[arg-type]


def test_arguments_that_do_not_fit_are_refused_before_anything_runs() -> None:
    called = []

    @flow
    def count(number: int) -> None:
        called.append(number)

    with pytest.raises(ParameterError, match=r"count\(\) can't take number='ten'"):
        count("ten")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="missing a required argument: 'number'"):
        count()  # type: ignore[call-arg]
    assert called == []


def test_an_async_flow_gives_something_to_await() -> None:
    @task
    async def step(number: int) -> int:
        await asyncio.sleep(0)
        return number + 1

    @flow
    async def total(count: int) -> int:
        return sum(await asyncio.gather(*(step(number) for number in range(count))))

    assert asyncio.run(total(3)) == 6


def test_an_exception_reaches_the_caller_as_it_was_raised() -> None:
    error = StopIteration("even this one")

    @flow
    def fails() -> None:
        raise error

    with pytest.raises(StopIteration) as caught:
        fails()
    assert caught.value is error


def test_a_flow_is_tried_again_as_often_as_it_may_be() -> None:
    counts = []

    @flow(retries=2)
    def flaky() -> int:
        counts.append(runtime.flow_run.run_count)
        if len(counts) < 3:
            raise ValueError("not yet")
        return len(counts)

    assert flaky() == 3
    assert counts == [1, 2, 3]


def test_a_task_waits_between_its_tries_as_long_as_its_list_says() -> None:
    tries = []

    @task(retries=2, retry_delay_seconds=[0.05, 0.2])
    def flaky() -> None:
        tries.append(time.monotonic())
        raise ValueError("never")

    with pytest.raises(ValueError, match="never"):
        flow(name="f")(flaky)()
    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert len(pauses) == 2
    assert 0.05 <= pauses[0] < 0.2 <= pauses[1]


@pytest.mark.parametrize("in_thread", [False, True], ids=["main thread", "other thread"])
def test_a_flow_that_takes_too_long_is_interrupted(in_thread: bool) -> None:
    outcome: list[Any] = []

    @flow(timeout_seconds=0.2)
    def endless() -> None:
        try:
            while True:
                time.sleep(0.01)
        except Exception:  # noqa: BLE001
            outcome.append("swallowed")

    def call() -> None:
        started = time.monotonic()
        try:
            endless()
        except TimeoutError as error:
            outcome.append((str(error), time.monotonic() - started))

    if in_thread:
        thread = threading.Thread(target=call)
        thread.start()
        thread.join(10)
    else:
        call()
    [(message, seconds)] = outcome
    assert message == "It took longer than 0.2 second(s)."
    assert 0.2 <= seconds < 5


def test_an_async_flow_that_takes_too_long_is_cancelled() -> None:
    @flow(timeout_seconds=0.05)
    async def endless() -> None:
        await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        asyncio.run(endless())


def test_the_time_limit_of_a_flow_is_not_taken_for_one_of_its_tasks() -> None:
    tries = []

    @task(retries=5, timeout_seconds=60)
    def step() -> None:
        tries.append(1)
        time.sleep(60)

    with pytest.raises(TimeoutError):
        flow(name="f", timeout_seconds=0.2)(step)()
    assert tries == [1]


def test_what_a_flow_prints_is_logged_where_it_wishes(capsys: pytest.CaptureFixture[str]) -> None:
    @task
    def step() -> None:
        print("from", "the task")

    @flow(log_prints=True)
    def loud() -> None:
        print("from the flow")
        step()

    before = print
    loud()
    output = capsys.readouterr()
    assert output.out == ""
    assert "| INFO    | Flow run 'loud-" in output.err
    assert "Task run 'step-0' - from the task" in output.err
    assert print is before


def test_a_quiet_flow_prints_as_any_function(capsys: pytest.CaptureFixture[str]) -> None:
    flow(name="quiet")(lambda: print("plain"))()
    assert capsys.readouterr().out == "plain\n"


def test_two_async_flows_at_once_log_their_own_prints(capsys: pytest.CaptureFixture[str]) -> None:
    @flow(log_prints=True, flow_run_name="{name}")
    async def speaker(name: str) -> None:
        await asyncio.sleep(0.01)
        print("I am", name)

    async def both() -> None:
        await asyncio.gather(speaker("one"), speaker("two"))

    asyncio.run(both())
    error = capsys.readouterr().err
    assert "Flow run 'one' - I am one" in error
    assert "Flow run 'two' - I am two" in error


def test_a_run_logger_is_for_runs() -> None:
    with pytest.raises(UsageError, match=r"inside of a flow or a task"):
        get_run_logger()


def test_attributes_of_the_function_do_not_change_the_flow() -> None:
    def step() -> None: ...

    step.name = step.retries = "mine"  # type: ignore[attr-defined]
    assert (flow(step).name, flow(step).retries) == ("step", 0)


def test_options_change_a_copy() -> None:
    @flow(retries=1)
    def original() -> int:
        return 1

    other = original.with_options(name="other", retries=3)
    assert (original.name, original.retries) == ("original", 1)
    assert (other.name, other.retries, other()) == ("other", 3, 1)
    assert isinstance(other, Flow)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": "a/b"}, "'a/b' needs a name without / % & > <."),
        ({"retries": -1}, "'step' has retries=-1; 0 or more is meant."),
        ({"retry_delay_seconds": -1}, "'step' has retry_delay_seconds=-1; 0 or more is meant."),
        ({"timeout_seconds": 0}, "'step' has timeout_seconds=0; more than 0 is meant."),
    ],
)
def test_options_that_can_not_be_are_refused(options: dict[str, Any], sentence: str) -> None:
    def step() -> None: ...

    with pytest.raises(UsageError) as refusal:
        flow(**options)(step)
    assert str(refusal.value) == sentence


def test_a_run_name_that_its_parameters_can_not_fill_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"'run of \{region\}' can't be made"):
        flow(name="f", flow_run_name="run of {region}")(lambda: None)()


def test_defining_a_flow_loads_neither_pydantic_nor_http_and_calling_one_no_http() -> None:
    script = (
        "import sys; from perijove import flow\n"
        "f = flow(name='f')(lambda: 1)\n"
        "assert not {'pydantic', 'httpx2', 'asyncio'} & set(sys.modules), 'defining'\n"
        "assert len(sys.modules) <= 400\n"
        "f()\n"
        "assert not {'httpx2', 'fastapi', 'uvicorn', 'IPython'} & set(sys.modules), 'calling'\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_the_version_is_the_hash_of_the_file() -> None:
    import hashlib

    @flow
    def here() -> None: ...

    assert here.version == hashlib.md5(Path(__file__).read_bytes(), usedforsecurity=False).hexdigest()
    namespace: dict[str, Any] = {}
    exec("def cell(): ...", namespace)
    assert flow(namespace["cell"]).version is None

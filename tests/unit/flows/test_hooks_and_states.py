"""Hooks, states that are asked for or returned, and the terms on which a failure is tried again."""

import asyncio
from typing import Any

import pytest

from perijove import exponential_backoff
from perijove.errors import FlowRunFailed, UsageError
from perijove.flows import flow, get_run_logger, task
from perijove.states import Cancelled, Completed, Failed, ReturnedState


def test_hooks_are_told_of_the_flow_its_run_and_its_state() -> None:
    told: list[Any] = []

    def note(flow: Any, run: Any, state: Any) -> None:
        get_run_logger().info("noted")
        told.append((flow.name, run.parameters, run.state_name, state.name))

    @flow(on_running=[note], on_completion=[note], on_failure=[note])
    def report(day: int) -> int:
        return 1 // day

    report(1)
    with pytest.raises(ZeroDivisionError):
        report(0)
    assert told == [
        ("report", {"day": 1}, "Running", "Running"),
        ("report", {"day": 1}, "Completed", "Completed"),
        ("report", {"day": 0}, "Running", "Running"),
        ("report", {"day": 0}, "Failed", "Failed"),
    ]


def test_a_hook_that_raises_is_logged_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    @task
    def step() -> int:
        return 3

    @step.on_completion
    def broken(*_: Any) -> None:
        raise ValueError("no such channel")

    assert step() == 3
    assert "The hook broken raised ValueError('no such channel')" in capsys.readouterr().err


def test_a_hook_may_be_asynchronous_whatever_the_flow_is() -> None:
    told = []

    async def note(flow: Any, run: Any, state: Any) -> None:
        await asyncio.sleep(0)
        get_run_logger().info("noted")
        told.append(flow.name)

    @flow(on_completion=[note])
    def plain() -> None: ...

    @flow(on_completion=[note])
    async def later() -> None: ...

    async def cell() -> None:
        plain()

    plain()
    asyncio.run(later())
    asyncio.run(cell())
    assert told == ["plain", "later", "plain"]


def test_a_failure_hook_is_called_once_when_no_retry_is_left() -> None:
    told = []

    @task(retries=2, on_failure=[lambda task, run, state: told.append(run.run_count)])
    def step() -> None:
        raise ValueError("again")

    with pytest.raises(ValueError, match="again"):
        step()
    assert told == [3]


def test_the_state_is_given_in_place_of_the_value_when_it_is_asked_for() -> None:
    @flow
    def report(day: int) -> int:
        return 1 // day

    good: Any = report(1, return_state=True)  # type: ignore[call-arg]
    bad: Any = report(0, return_state=True)  # type: ignore[call-arg]
    assert (good.is_completed(), good.result()) == (True, 1)
    assert bad.is_failed()
    assert isinstance(bad.result(raise_on_failure=False), ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        bad.result()


def test_a_flow_with_a_parameter_of_that_name_gets_it() -> None:
    @flow
    def strange(return_state: str) -> str:
        return return_state

    assert strange(return_state="Ohio") == "Ohio"


def test_a_returned_state_is_the_runs() -> None:
    @flow
    def choosy(what: str) -> Any:
        return {"done": Completed("as it should", data=4), "bad": Failed("no data"), "off": Cancelled()}[what]

    assert choosy("done") == 4
    bad: Any = choosy("bad", return_state=True)  # type: ignore[call-arg]
    assert (bad.is_failed(), bad.message) == (True, "no data")
    assert choosy("off", return_state=True).is_cancelled()  # type: ignore[call-arg]
    with pytest.raises(FlowRunFailed, match="no data"):
        choosy("bad")


def test_one_bad_state_among_those_returned_fails_the_run() -> None:
    @task
    def step(number: int) -> int:
        return 1 // number

    @flow
    def several() -> list[Any]:
        return [step(1, return_state=True), step(0, return_state=True)]  # type: ignore[call-arg]

    state: Any = several(return_state=True)  # type: ignore[call-arg]
    assert (state.name, state.message) == ("Failed", "1 of 2 did not complete")


def test_a_failure_that_is_not_worth_it_is_not_tried_again() -> None:
    tries = []

    def passing(task: Any, run: Any, state: ReturnedState) -> bool:
        return isinstance(state.error, ConnectionError)

    @task(retries=3, retry_condition_fn=passing)
    def fetch(error: Exception) -> None:
        tries.append(error)
        raise error if len(tries) != 2 else ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fetch(ConnectionError())
    assert len(tries) == 2


def test_delays_double_and_are_moved_by_chance_within_their_share() -> None:
    @task(retries=4, retry_delay_seconds=exponential_backoff(2), retry_jitter_factor=0.5)
    def step() -> None: ...

    assert [step.retry_delay(attempt) for attempt in (1, 2, 3, 4)] == [2, 4, 8, 16]
    with pytest.raises(UsageError):
        exponential_backoff(-1)


def test_a_run_is_named_by_a_function_of_its_parameters() -> None:
    @flow(
        flow_run_name=lambda parameters: f"for-{parameters['region']}",
        on_completion=[lambda f, r, s: names.append(r.name)],
    )
    def report(region: str) -> None: ...

    names: list[str] = []
    report("EU")
    assert names == ["for-EU"]

"""Tasks that take the value of an earlier run."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from perijove.cache_policies import INPUTS, RUN_ID, TASK_SOURCE
from perijove.errors import ParameterError
from perijove.flows import flow, task


def test_the_same_arguments_are_computed_once() -> None:
    called = []

    @task(cache_policy=INPUTS)
    def double(number: int) -> int:
        called.append(number)
        return 2 * number

    assert [double(1), double(1), double(2)] == [2, 2, 4]
    assert called == [1, 2]
    state: Any = double(1, return_state=True)  # type: ignore[call-arg]
    assert (state.name, state.result()) == ("Cached", 2)


def test_an_argument_can_be_left_out_of_the_comparison() -> None:
    called = []

    @task(cache_policy=INPUTS - "talk")
    def step(number: int, talk: object) -> slice:
        called.append(number)
        return slice(number)

    assert step(1, print) == step(1, len) == slice(1)
    assert called == [1]


def test_a_value_is_computed_again_when_it_is_too_old_or_not_wanted() -> None:
    called = []

    def count(number: int) -> int:
        called.append(number)
        return len(called)

    old = task(cache_policy=INPUTS, cache_expiration=timedelta(seconds=-1))(count)
    assert [old(1), old(1)] == [1, 2]
    fresh = task(cache_policy=INPUTS, refresh_cache=True)(count)
    assert [fresh(1), fresh(1), old(1)] == [3, 4, 4]


def test_a_function_may_give_the_key() -> None:
    @task(cache_key_fn=lambda run, inputs: f"{run.name}-{inputs['number'] % 2}", task_run_name="parity")
    def step(number: int) -> int:
        return number

    assert [step(1), step(3), step(2)] == [1, 1, 2]


def test_a_retried_flow_takes_what_its_first_try_computed() -> None:
    called = []

    @task(cache_policy=INPUTS + TASK_SOURCE + RUN_ID)
    def step() -> int:
        called.append(1)
        return 1

    @flow(retries=1)
    def twice() -> int:
        value = step()
        if len(called) == 1 and not tried:
            tried.append(1)
            raise ValueError("once more")
        return value

    tried: list[int] = []
    assert twice() == 1
    assert called == [1]
    twice()
    assert called == [1, 1]


def test_failures_are_not_kept() -> None:
    called = []

    @task(cache_policy=INPUTS)
    def fragile() -> int:
        called.append(1)
        if len(called) == 1:
            raise ValueError("no data")
        return 5

    with pytest.raises(ValueError, match="no data"):
        fragile()
    assert fragile() == 5


def test_a_damaged_value_is_computed_again(home: Path) -> None:
    @task(cache_policy=INPUTS)
    def step() -> int:
        return 1

    step()
    for path in (home / "cache").glob("*.json"):
        path.write_text("{")
    assert step() == 1


def test_arguments_that_can_not_be_compared_are_refused(tmp_path: Path) -> None:
    @task(cache_policy=INPUTS)
    def step(file: object) -> None: ...

    with (tmp_path / "x").open("w") as file, pytest.raises(ParameterError, match="INPUTS - 'name'"):
        step(file)

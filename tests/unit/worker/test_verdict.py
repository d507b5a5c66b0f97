"""What a run's end means."""

import signal

import pytest

from perijove.schemas.states import State, StateType
from perijove.worker.verdict import verdict, words

FINAL = [StateType.COMPLETED, StateType.FAILED, StateType.CANCELLED, StateType.CRASHED]
LIVE = [StateType.PENDING, StateType.RUNNING]


@pytest.mark.parametrize("state", FINAL)
@pytest.mark.parametrize("exit_code", [0, 1, -9])
def test_a_reported_end_stands_however_the_process_ended(state: StateType, exit_code: int) -> None:
    assert verdict(State(type=state), exit_code, "The worker stopped.") is None


@pytest.mark.parametrize("state", LIVE)
@pytest.mark.parametrize("exit_code", [0, 3, -11])
def test_a_process_that_ends_without_a_report_has_crashed(state: StateType, exit_code: int) -> None:
    proposed = verdict(State(type=state), exit_code, None)
    assert proposed is not None
    assert (proposed.type, proposed.message) == (StateType.CRASHED, words(exit_code))


@pytest.mark.parametrize("state", [StateType.SCHEDULED, StateType.PAUSED])
def test_a_run_that_waits_for_its_next_start_may_end_its_process_but_not_by_a_crash(state: StateType) -> None:
    assert verdict(State(type=state), 0, None) is None
    crashed = verdict(State(type=state), -9, None)
    assert crashed is not None
    assert crashed.type is StateType.CRASHED


def test_a_run_that_was_to_be_cancelled_is_cancelled() -> None:
    proposed = verdict(State(type=StateType.CANCELLING), -signal.SIGTERM, "The run was cancelled.")
    assert proposed is not None
    assert (proposed.type, proposed.message) == (StateType.CANCELLED, "The run was cancelled.")


def test_a_run_that_we_stopped_says_why() -> None:
    proposed = verdict(State(type=StateType.RUNNING), -signal.SIGTERM, "The worker stopped before the run ended.")
    assert proposed is not None
    assert proposed.message == "The worker stopped before the run ended."


@pytest.mark.parametrize(
    ("exit_code", "sentence"),
    [
        (-9, "The run's process was killed by SIGKILL (out of memory?)."),
        (-11, "The run's process was killed by SIGSEGV."),
        (-63, "The run's process was killed by signal 63."),
        (3, "The run's process exited with code 3 before it reported an end."),
        (0, "The run's process exited with code 0 before it reported an end."),
    ],
)
def test_an_end_is_told_in_words(exit_code: int, sentence: str) -> None:
    assert words(exit_code) == sentence

"""What a run's end means, in words: pure, so that every end can be listed in a test."""

import signal

from perijove.schemas.states import State, StateCreate, StateName, StateType

_LEAVES_BY_ITSELF = frozenset({StateType.SCHEDULED, StateType.PAUSED})
"""States in which a run's process may end well: it waits for its next start, or was suspended."""


def verdict(
    state: State | None, exit_code: int, stopped_because: str | None, *, over_time: bool = False
) -> StateCreate | None:
    """The state to propose for a run whose process has ended, or None if its own report stands.

    ``state`` is what the server knows of it, ``exit_code`` negative for a signal, ``stopped_because`` the reason
    in a sentence if we were the ones to stop it, ``over_time`` when that was for its time limit.
    """
    if state is not None:
        if state.is_final or (exit_code == 0 and state.type in _LEAVES_BY_ITSELF):
            return None
        if state.type is StateType.CANCELLING:
            return StateCreate(type=StateType.CANCELLED, message=stopped_because)
    if over_time:
        return StateCreate(type=StateType.FAILED, name=StateName.TIMED_OUT, message=stopped_because)
    return StateCreate(type=StateType.CRASHED, message=stopped_because or words(exit_code))


def words(exit_code: int) -> str:
    """How the run's process ended, as a sentence."""
    if exit_code >= 0:
        return f"The run's process exited with code {exit_code} before it reported an end."
    guess = " (out of memory?)" if exit_code == -signal.SIGKILL else ""
    return f"The run's process was killed by {signal_name(-exit_code)}{guess}."


def signal_name(number: int) -> str:
    """The signal's name, such as ``SIGKILL``."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

"""A run's state in the author's hand: what it came to, or what the author says that it came to."""

from typing import Any, Self

from pydantic import PrivateAttr

from perijove.errors import FlowRunFailed
from perijove.schemas.states import State, StateType


class ReturnedState(State):
    """A state that knows its run's value, or the exception that ended it."""

    _value: Any = PrivateAttr(default=None)
    _error: BaseException | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, state: State, value: Any = None, error: BaseException | None = None) -> Self:
        """The state with what the run came to."""
        made = cls(**dict(state))
        made._value, made._error = value, error
        return made

    @property
    def error(self) -> BaseException | None:
        """The exception that ended the run; one that tells the state where it ended badly without any."""
        if self._error is None and self.is_final and self.type is not StateType.COMPLETED:
            return FlowRunFailed(f"The run ended as {self.name}{f': {self.message}' if self.message else '.'}")
        return self._error

    def result(self, raise_on_failure: bool = True) -> Any:
        """The run's value. Where it ended badly: raises its exception, or returns it (``raise_on_failure=False``)."""
        if self.error is not None and raise_on_failure:
            raise self.error
        return self._value if self.error is None else self.error

    def is_scheduled(self) -> bool:
        return self.type is StateType.SCHEDULED

    def is_pending(self) -> bool:
        return self.type is StateType.PENDING

    def is_running(self) -> bool:
        return self.type is StateType.RUNNING

    def is_completed(self) -> bool:
        return self.type is StateType.COMPLETED

    def is_failed(self) -> bool:
        return self.type is StateType.FAILED

    def is_crashed(self) -> bool:
        return self.type is StateType.CRASHED

    def is_cancelled(self) -> bool:
        return self.type is StateType.CANCELLED


def Completed(message: str | None = None, data: Any = None, name: str = "") -> ReturnedState:  # noqa: N802  (Prefect's)
    """To be returned by a flow or task: it has completed, in these words, with ``data`` as its value."""
    return ReturnedState.of(State(type=StateType.COMPLETED, message=message, name=name), data)


def Failed(message: str | None = None, name: str = "") -> ReturnedState:  # noqa: N802
    """To be returned by a flow or task: it has failed, in these words."""
    return ReturnedState.of(State(type=StateType.FAILED, message=message, name=name))


def Cancelled(message: str | None = None, name: str = "") -> ReturnedState:  # noqa: N802
    """To be returned by a flow or task: it was called off, in these words."""
    return ReturnedState.of(State(type=StateType.CANCELLED, message=message, name=name))

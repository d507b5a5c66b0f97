"""What ``submit`` and ``map`` give: a task run that goes on elsewhere, and ways to wait for it."""

import concurrent.futures
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from perijove import clock
from perijove.flows import states
from perijove.flows.returned import ReturnedState

R = TypeVar("R")

made = False
"""Whether there was any future in this process: where not, nobody needs to look for one."""


class DoneAndNotDone(NamedTuple):
    """What ``wait`` found."""

    done: set["PerijoveFuture[Any]"]
    not_done: set["PerijoveFuture[Any]"]


class PerijoveFuture(Generic[R]):
    """A task run that was submitted. ``task_run_id`` is its id."""

    def __init__(self, task_run_id: UUID, running: "concurrent.futures.Future[ReturnedState]") -> None:
        global made
        made = True
        self.task_run_id = task_run_id
        self._running = running

    @property
    def state(self) -> ReturnedState:
        """The run's state: its last one when it is done."""
        if self._running.done() and not self._running.cancelled():
            return self._running.result()
        return ReturnedState.of(states.running() if self._running.running() else states.pending())

    def wait(self, timeout: float | None = None) -> None:
        """Block until the run has ended, or ``timeout`` seconds have passed."""
        concurrent.futures.wait([self._running], timeout)

    def settled(self) -> ReturnedState:
        """The run's last state, once it has ended."""
        return self._running.result()

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> Any:
        """What the task returned. Raises what it raised, or with ``raise_on_failure=False`` returns that.

        Raises TimeoutError when it has not ended after ``timeout`` seconds.
        """
        try:
            state = self._running.result(timeout)
        except concurrent.futures.TimeoutError:
            raise TimeoutError(f"The task run has not ended within {timeout:g} s.") from None
        return state.result(raise_on_failure)

    def add_done_callback(self, callback: "Callable[[PerijoveFuture[R]], None]") -> None:
        """Have the function called with this future when the run has ended."""
        self._running.add_done_callback(lambda _: callback(self))

    def __repr__(self) -> str:
        return f"PerijoveFuture({self.task_run_id}, {self.state.name})"


class PerijoveFutureList(list[PerijoveFuture[R]]):
    """The futures of a ``map``, in the order of what was mapped."""

    def wait(self, timeout: float | None = None) -> None:
        """Block until all have ended, or ``timeout`` seconds have passed."""
        wait(self, timeout)

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> list[Any]:
        """What each returned, in order. Raises as ``PerijoveFuture.result``; ``timeout`` is for all of them."""
        deadline = None if timeout is None else clock.monotonic() + timeout
        return [each.result(_left(deadline), raise_on_failure) for each in self]


@dataclass(frozen=True, slots=True)
class Unmapped(Generic[R]):
    """An argument of ``map`` that is the same for every call."""

    value: R


def unmapped(value: R) -> Unmapped[R]:
    """``value`` as an argument that ``map`` gives to every call, as it is."""
    return Unmapped(value)


def wait(futures: Iterable[PerijoveFuture[Any]], timeout: float | None = None) -> DoneAndNotDone:
    """Wait for all of them, ``timeout`` seconds at most; which are done and which are not."""
    by_running = {each._running: each for each in futures}
    found = concurrent.futures.wait(by_running, timeout)
    return DoneAndNotDone({by_running[each] for each in found.done}, {by_running[each] for each in found.not_done})


def as_completed(
    futures: Sequence[PerijoveFuture[R]], timeout: float | None = None
) -> Generator[PerijoveFuture[R], None, None]:
    """The futures, each as soon as it is done. Raises TimeoutError when some are not after ``timeout`` seconds."""
    by_running = {each._running: each for each in futures}
    for running in concurrent.futures.as_completed(by_running, timeout):
        yield by_running[running]


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - clock.monotonic())

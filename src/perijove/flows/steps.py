"""What a run waits for, as values, so that one description of its life serves both kinds of caller, sync and async."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from perijove import clock
from perijove.errors import ServerUnavailable
from perijove.flows.timeouts import alimited, limited

T = TypeVar("T")


class Step(ABC):
    """Something to wait for: with the thread (``now``), or with the event loop (``later``)."""

    @abstractmethod
    def now(self) -> Any: ...

    @abstractmethod
    async def later(self) -> Any: ...


Steps = Generator[Step, Any, T]
"""A description of waits that returns a T in the end; the outcome of each, value or exception, comes back to it."""


@dataclass(frozen=True, slots=True)
class Pause(Step):
    """Let some seconds pass."""

    seconds: float

    def now(self) -> None:
        time.sleep(max(0.0, self.seconds))

    async def later(self) -> None:
        await asyncio.sleep(max(0.0, self.seconds))


@dataclass(frozen=True, slots=True)
class Work(Step):
    """Something that blocks for a while; an event loop goes on meanwhile."""

    function: Callable[[], Any]

    def now(self) -> Any:
        return self.function()

    async def later(self) -> Any:
        return await asyncio.to_thread(self.function)


@dataclass(frozen=True, slots=True)
class Answer(Step):
    """The answer to a question that was put to the server. ``patience``: seconds without any sign of life from it
    (``heard``: when the last one came), since what was told before may take its time."""

    future: Future[Any]
    patience: float
    heard: Callable[[], float]
    asked: float = field(default_factory=clock.monotonic)

    def now(self) -> Any:
        while not self.future.done():
            wait([self.future], self._left())
        return self.future.result()

    async def later(self) -> Any:
        answer = asyncio.wrap_future(self.future)
        while not answer.done():
            await asyncio.wait([answer], timeout=self._left())
        return answer.result()

    def _left(self) -> float:
        left = max(self.asked, self.heard()) + self.patience - clock.monotonic()
        if left <= 0:
            raise ServerUnavailable(f"The server gave no answer within {self.patience:g} s.")
        return left


@dataclass(frozen=True, slots=True)
class Invocation(Step):
    """The author's function, called within ``surroundings`` and given so many ``seconds``."""

    call: Callable[[], Any]
    surroundings: Callable[[], AbstractContextManager[None]]
    seconds: float | None

    def now(self) -> Any:
        with self.surroundings(), limited(self.seconds):
            return self.call()

    async def later(self) -> Any:
        with self.surroundings():
            async with alimited(self.seconds):
                return await self.call()


def drive(steps: Steps[T]) -> T:
    """Do the steps one after the other, waiting with the thread."""
    resume: Callable[[Any], Step] = steps.send
    outcome: Any = None
    while True:
        try:
            step = resume(outcome)
        except StopIteration as end:
            return cast("T", end.value)
        try:
            resume, outcome = steps.send, step.now()
        except BaseException as error:  # noqa: BLE001  (it is raised again inside the steps)
            resume, outcome = steps.throw, error


async def adrive(steps: Steps[T]) -> T:
    """Do the steps one after the other, waiting with the event loop."""
    resume: Callable[[Any], Step] = steps.send
    outcome: Any = None
    while True:
        try:
            step = resume(outcome)
        except StopIteration as end:
            return cast("T", end.value)
        try:
            resume, outcome = steps.send, await step.later()
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001  (it is raised again inside the steps)
            resume, outcome = steps.throw, error

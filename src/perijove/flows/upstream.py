"""The task runs that a task waits for: futures among its arguments, and those named by ``wait_for``."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from perijove.errors import UpstreamFailed
from perijove.flows import futures
from perijove.flows.futures import PerijoveFuture
from perijove.flows.steps import Step
from perijove.schemas.states import StateType


@dataclass(frozen=True, slots=True)
class Upstream(Step):
    """Waits for futures; gives the parameters with their values in place. Raises UpstreamFailed."""

    parameters: Mapping[str, Any]
    wait_for: tuple[Any, ...]

    def now(self) -> dict[str, Any]:
        for future in _futures_in([*self.parameters.values(), *self.wait_for]):
            state = future.settled()
            if state.type is not StateType.COMPLETED:
                raise UpstreamFailed(f"The task run {future.task_run_id} that it waits for is {state}.")
        return {name: _with_values(value) for name, value in self.parameters.items()}

    async def later(self) -> dict[str, Any]:
        return await asyncio.to_thread(self.now)

    def ids(self) -> dict[str, list[UUID]]:
        """The task runs that each argument's values come from, by the argument's name."""
        return {name: [each.task_run_id for each in _futures_in([value])] for name, value in self.parameters.items()}


def upstream(parameters: Mapping[str, Any], wait_for: Iterable[Any]) -> Upstream | None:
    """What there is to wait for; None, which costs next to nothing, where there is nothing."""
    if not futures.made:
        return None
    found = Upstream(parameters, tuple(wait_for))
    return found if next(_futures_in([*parameters.values(), *found.wait_for]), None) else None


def _futures_in(values: Iterable[Any]) -> Iterator[PerijoveFuture[Any]]:
    """The futures among the values, and in the lists, tuples, sets and dicts among them."""
    for value in values:
        if isinstance(value, PerijoveFuture):
            yield value
        elif isinstance(value, list | tuple | set | frozenset):
            yield from _futures_in(value)
        elif isinstance(value, dict):
            yield from _futures_in(value.values())


def _with_values(value: Any) -> Any:
    """The value with its futures' results in their places; what holds none stays the very same object."""
    if isinstance(value, PerijoveFuture):
        return value.result()
    if next(_futures_in([value]), None) is None:
        return value
    if isinstance(value, dict):
        return {key: _with_values(each) for key, each in value.items()}
    kind = list if isinstance(value, futures.PerijoveFutureList) else type(value)
    return kind(_with_values(each) for each in value)

"""What a function's return value makes of its run: a value completes it, states and futures speak for themselves."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from perijove.flows import states
from perijove.flows.futures import PerijoveFuture
from perijove.flows.returned import Completed, Failed, ReturnedState
from perijove.flows.steps import Step
from perijove.schemas.states import State, StateType


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The value, or why there is none. ``said``: the state that the author, or a run of a part, gave."""

    value: Any = None
    error: BaseException | None = None
    said: State | None = None

    def state(self, data: dict[str, Any] | None) -> State:
        """The state to propose for the run; ``data``: where the value is kept."""
        if self.said is None:
            return states.completed(data)
        return State(type=self.said.type, name=self.said.name, message=self.said.message, data=data)


@dataclass(frozen=True, slots=True)
class Unsettled(Step):
    """Futures that were returned: what they make of the run is known when they are done."""

    returned: Any

    def now(self) -> Conclusion:
        found = _parts(self.returned)
        return _of(self.returned, [part.settled() if isinstance(part, PerijoveFuture) else part for part in found])

    async def later(self) -> Conclusion:
        return await asyncio.to_thread(self.now)


def conclusion(value: Any) -> Conclusion | Unsettled:
    """What the value makes of the run. Lists and dicts of states and futures count as all of these."""
    parts = _parts(value)
    if not parts:
        return Conclusion(value)
    if any(isinstance(part, PerijoveFuture) for part in parts):
        return Unsettled(value)
    return _of(value, [part for part in parts if isinstance(part, ReturnedState)])


def _parts(value: Any) -> list[Any]:
    """The states and futures that the value is, or wholly consists of."""
    if isinstance(value, ReturnedState | PerijoveFuture):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple | set) and value and all(_is_part(each) for each in value):
        return list(value)
    return []


def _is_part(value: Any) -> bool:
    return isinstance(value, ReturnedState | PerijoveFuture)


def _of(value: Any, parts: list[ReturnedState]) -> Conclusion:
    if not isinstance(value, list | tuple | set | dict):
        return _said(parts[0])
    values = [part.result(raise_on_failure=False) for part in parts]
    bad = [part for part in parts if part.type is not StateType.COMPLETED]
    if bad:
        return _said(Failed(f"{len(bad)} of {len(parts)} did not complete"))
    return Conclusion(_like(value, values), said=Completed())


def _said(state: ReturnedState) -> Conclusion:
    if state.error is not None:
        return Conclusion(error=state.error, said=state)
    return Conclusion(state.result(), said=state)


def _like(whole: Any, values: Iterable[Any]) -> Any:
    """The values in place of the parts."""
    return dict(zip(whole, values, strict=True)) if isinstance(whole, dict) else list(values)

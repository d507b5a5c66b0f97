"""The author's functions that are called when a run enters a state. What they raise is logged, and changes nothing."""

import asyncio
import contextvars
import inspect
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from perijove.errors import ServerError
from perijove.flows import states
from perijove.flows.definitions import Hook
from perijove.flows.logs import run_logger
from perijove.flows.returned import ReturnedState
from perijove.flows.runs import LiveFlowRun, LiveRun, current
from perijove.flows.steps import Answer, Step, Steps
from perijove.schemas.states import State, StateType

PATIENCE = 5.0
"""Seconds that the server may take to say why a run is being ended, which has only so many to live."""

_NAMES = {
    StateType.COMPLETED: "on_completion",
    StateType.FAILED: "on_failure",
    StateType.CRASHED: "on_crashed",
    StateType.RUNNING: "on_running",
    StateType.CANCELLED: "on_cancellation",
}


@dataclass(frozen=True, slots=True)
class _Call(Step):
    """One hook's call."""

    run: LiveRun
    hook: Hook
    state: State

    def now(self) -> None:
        with current(self.run):
            called = self._called()
            if inspect.iscoroutine(called):
                _finish(called)

    async def later(self) -> None:
        with current(self.run):
            called = self._called()
            if inspect.isawaitable(called):
                await called

    def _called(self) -> Any:
        return self.hook(self.run.definition, self.run.record_in(self.state), self.state)


def _finish(called: Coroutine[Any, Any, object]) -> None:
    """Run what an asynchronous hook is, in a thread of its own: in a notebook's cell, this one has a loop that runs."""
    with ThreadPoolExecutor(1, thread_name_prefix="perijove-hook") as thread:
        thread.submit(contextvars.copy_context().run, asyncio.run, called).result()


def call_hooks(run: LiveRun, state: State) -> Steps[None]:
    """Call what the author wants called in that state."""
    hooks = run.definition.hooks.get(_NAMES.get(state.type, ""), ())
    if not hooks:
        return
    told = ReturnedState.of(state, error=run.error)
    for hook in hooks:
        try:
            yield _Call(run, hook, told)
        except Exception as error:  # noqa: BLE001  (it is the author's)
            run_logger(run).error("The hook %s raised %r", getattr(hook, "__name__", hook), error, exc_info=error)


def call_hooks_of_stopped(run: LiveRun) -> Steps[None]:
    """Call the hooks of a run that is ended by who watches over it, and who says later whether it was cancelled."""
    if isinstance(run, LiveFlowRun) and {"on_cancellation", "on_crashed"} & run.definition.hooks.keys():
        is_cancelled = yield from _is_cancelling(run)
        kind = StateType.CANCELLED if is_cancelled else StateType.CRASHED
        yield from call_hooks(run, State(type=kind) if is_cancelled else states.crashed(run.error or SystemExit()))


def _is_cancelling(run: LiveFlowRun) -> Steps[bool]:
    if run.reporter is None:
        return False
    question = run.reporter.ask(lambda client: client.read_flow_run(run.id), persistent=False)
    try:
        record = yield Answer(question, PATIENCE, run.reporter.heard)
    except ServerError:
        return False
    return bool(record.state_type in (StateType.CANCELLING, StateType.CANCELLED))

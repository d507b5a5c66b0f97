"""``submit`` and ``map``: task runs that go on beside the code that asked for them."""

import asyncio
import io
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from perijove.errors import ParameterError
from perijove.flows.definitions import TaskDefinition
from perijove.flows.futures import PerijoveFuture, PerijoveFutureList, Unmapped
from perijove.flows.parameters import bind, complete
from perijove.flows.returned import ReturnedState
from perijove.flows.runs import LiveTaskRun
from perijove.flows.steps import adrive, drive
from perijove.flows.task_runners import Pool, ThreadPoolTaskRunner
from perijove.flows.task_runs import live_run, new_run

_lock = threading.Lock()
_pool: Pool | None = None
"""Where tasks run that are submitted outside of any flow."""


def submit(
    task: TaskDefinition, args: tuple[Any, ...], kwargs: Mapping[str, Any], wait_for: Iterable[Any]
) -> PerijoveFuture[Any]:
    """Have the task run in the flow run's pool. Raises ParameterError."""
    run = new_run(task, complete(task.fn, bind(task.fn, args, kwargs)), wait_for)
    pool = _pool_of(run)
    run.elsewhere = pool.elsewhere
    return PerijoveFuture(run.id, pool.submit(lambda: _live(run)))


def map_over(
    task: TaskDefinition, args: tuple[Any, ...], kwargs: Mapping[str, Any], wait_for: Iterable[Any]
) -> PerijoveFutureList[Any]:
    """Submit the task once for each element of its iterable arguments. Raises ParameterError.

    Text, bytes, files and what ``unmapped`` holds are the same for every call.
    """
    given = bind(task.fn, args, kwargs)
    mapped = {name: list(value) for name, value in given.items() if _is_mapped(value)}
    same = {name: value.value if isinstance(value, Unmapped) else value for name, value in given.items()}
    calls = [{**same, **call} for call in _zipped(task, mapped)]
    waited = list(wait_for)
    return PerijoveFutureList(submit(task, (), call, waited) for call in calls)


def _live(run: LiveTaskRun) -> ReturnedState:
    """Lead the run's life in this thread."""
    in_loop = run.definition.isasync and run.elsewhere is None
    outcome = asyncio.run(adrive(live_run(run))) if in_loop else drive(live_run(run))
    return ReturnedState.of(outcome.state, outcome.value, outcome.error)


def _pool_of(run: LiveTaskRun) -> Pool:
    global _pool
    with _lock:
        if run.flow_run is None:
            _pool = _pool or ThreadPoolTaskRunner().open()
            return _pool
        runner = run.flow_run.definition.task_runner or ThreadPoolTaskRunner()
        run.flow_run.pool = run.flow_run.pool or runner.open()
        return run.flow_run.pool


def _is_mapped(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | io.IOBase | Unmapped | PerijoveFuture)


def _zipped(task: TaskDefinition, mapped: dict[str, list[Any]]) -> list[dict[str, Any]]:
    lengths = {name: len(values) for name, values in mapped.items()}
    if not lengths:
        raise ParameterError(
            f"{task.name}.map() needs an iterable argument; call or submit() the task for a single one."
        )
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ParameterError(f"{task.name}.map() needs arguments of one length: {said}. unmapped(...) keeps one whole.")
    return [dict(zip(mapped, values, strict=True)) for values in zip(*mapped.values(), strict=True)]

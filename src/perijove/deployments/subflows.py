"""Where a call comes from: the flow that it is made in, and a run of a deployment as a part of that flow's run."""

import asyncio
from collections import Counter
from uuid import UUID
from weakref import WeakKeyDictionary

from perijove.flows.runs import LiveFlowRun, current_flow_run, current_task_run
from perijove.schemas.base import JsonObject
from perijove.schemas.runs import TaskRunCreate
from perijove.schemas.states import StateCreate, StateType

_calls: WeakKeyDictionary[LiveFlowRun, Counter[tuple[int, str]]] = WeakKeyDictionary()


def in_async_flow() -> bool:
    """Whether the running code belongs to an asynchronous flow or task, and an event loop waits for it."""
    run = current_task_run() or current_flow_run()
    if run is None or not run.definition.isasync:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def link(full_name: str, parameters: JsonObject) -> UUID | None:
    """The task run that stands for a run of the deployment ``full_name`` in the current flow run (Prefect's "dummy").

    None outside of a flow, or where no server knows of the flow's run. The n-th call gets the same task run again when
    the flow is retried.
    """
    flow_run = current_flow_run()
    if flow_run is None or flow_run.reporter is None:
        return None
    wanted = TaskRunCreate(
        name=full_name,
        flow_run_id=flow_run.id,
        task_key=f"perijove.deployments.run_deployment.{full_name}",
        dynamic_key=str(_count(flow_run, full_name)),
        state=StateCreate(type=StateType.PENDING),
        task_inputs={name: [] for name in parameters},
    )
    return flow_run.reporter.ask(lambda client: client.create_task_run(wanted)).result().id


def _count(flow_run: LiveFlowRun, full_name: str) -> int:
    calls = _calls.setdefault(flow_run, Counter())
    calls[flow_run.run_count, full_name] += 1
    return calls[flow_run.run_count, full_name] - 1

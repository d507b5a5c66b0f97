"""What an agenda is made of, read from a server within bounds: deployments, and their runs of a week and to come."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from perijove import clock
from perijove.client.api import AsyncApi
from perijove.deployments import rows
from perijove.deployments.paging import PAGE
from perijove.deployments.rows import RowQuery
from perijove.schemas.deployments import Deployment
from perijove.schemas.filters import (
    Among,
    CreatedByFilter,
    DeploymentQuery,
    DeploymentSort,
    FlowFilter,
    FlowQuery,
    FlowRunFilter,
    FlowRunQuery,
    FlowRunSort,
    Span,
    StateFilter,
)
from perijove.schemas.history import HistoryInterval, HistoryQuery
from perijove.schemas.runs import FlowRun
from perijove.schemas.states import StateType
from perijove.widgets.agenda import DAYS
from perijove.widgets.changes import Changed

REACH = timedelta(days=DAYS + 1)
"""How far runs are looked for: wherever its midnight is, the agenda's first day begins later."""

MOST_DEPLOYMENTS = 1_000
"""Deployments that are read, in the order of their names."""

MOST_RUNS = 2_000
"""Runs of the past days that are read, the latest first; and, of those to come, that somebody asked for."""

_SOMEBODY = CreatedByFilter(is_null_=True, type_=["AUTOMATION"], operator="or_")  # not a schedule
_HOUR = timedelta(hours=1)

T = TypeVar("T")


@dataclass(slots=True)
class Gathered:
    """``deployments`` by their full names, in that order, and ``runs`` by id; ``total``: deployments that there are.
    ``hours``: the past runs' states, counted; where they are too many to be read one by one."""

    deployments: dict[str, Deployment] = field(default_factory=dict)
    runs: dict[UUID, FlowRun] = field(default_factory=dict)
    total: int = 0
    hours: list[HistoryInterval] | None = None

    def ids(self) -> set[UUID]:
        """The deployments' ids."""
        return {each.id for each in self.deployments.values()}


async def gather(client: AsyncApi, asked: RowQuery) -> Gathered:
    """Read what the filter asks for, with the runs of ``REACH`` before now and after it. Raises ServerError."""
    wanted = rows.wanted(asked)
    found, total = await asyncio.gather(_deployments(client, wanted), client.count_deployments(wanted))
    gathered = Gathered(found, total=total)
    now, ids = clock.now(), Among[UUID](any_=list(gathered.ids()))
    since, until = now - REACH, now + REACH
    past = FlowRunFilter(deployment_id=ids, expected_start_time=Span(after_=since, before_=now))
    asked_for = FlowRunFilter(
        deployment_id=ids,
        expected_start_time=Span(after_=now, before_=until),
        state=StateFilter(type=Among(any_=[StateType.SCHEDULED])),
        created_by=_SOMEBODY,
    )
    latest, coming = await asyncio.gather(_runs(client, past), _runs(client, asked_for))
    gathered.runs = {run.id: run for run in (*latest, *(run for run in coming if not run.auto_scheduled))}
    if len(latest) >= MOST_RUNS:
        hours = HistoryQuery(flow_runs=past, history_start=since, history_end=now, history_interval_seconds=_HOUR)
        gathered.hours = await client.flow_run_history(hours)
    return gathered


async def update(client: AsyncApi, gathered: Gathered, changed: Changed) -> None:
    """Read anew the runs that have changed, of the deployments that were gathered. Raises ServerError."""
    ids = list(changed.flow_runs)
    for start in range(0, len(ids) if changed.ran & gathered.ids() else 0, PAGE):
        chunk = FlowRunFilter(id=Among(any_=ids[start : start + PAGE]))
        found = await client.read_flow_runs(FlowRunQuery(flow_runs=chunk, limit=PAGE))
        gathered.runs |= {run.id: run for run in found if run.deployment_id in gathered.ids()}


async def _deployments(client: AsyncApi, wanted: DeploymentQuery) -> dict[str, Deployment]:
    found = await _some(
        lambda offset: client.read_deployments(
            wanted.model_copy(update={"sort": DeploymentSort.NAME_ASC, "limit": PAGE, "offset": offset})
        ),
        MOST_DEPLOYMENTS,
    )
    flows = await _flow_names(client, list({each.flow_id for each in found}))
    return dict(sorted((f"{flows.get(each.flow_id, '?')}/{each.name}", each) for each in found))


async def _flow_names(client: AsyncApi, ids: list[UUID]) -> dict[UUID, str]:
    chunks = [ids[start : start + PAGE] for start in range(0, len(ids), PAGE)]
    queries = [FlowQuery(flows=FlowFilter(id=Among[UUID](any_=chunk)), limit=PAGE) for chunk in chunks]
    found = await asyncio.gather(*(client.read_flows(query) for query in queries))
    return {flow.id: flow.name for page in found for flow in page}


async def _runs(client: AsyncApi, wanted: FlowRunFilter) -> list[FlowRun]:
    order = FlowRunSort.EXPECTED_START_TIME_DESC
    return await _some(
        lambda offset: client.read_flow_runs(FlowRunQuery(flow_runs=wanted, sort=order, limit=PAGE, offset=offset)),
        MOST_RUNS,
    )


async def _some(page: Callable[[int], Awaitable[list[T]]], most: int) -> list[T]:
    """The first of a list that comes a page at a time."""
    found: list[T] = []
    while len(found) < most:
        found += (read := await page(len(found)))
        if len(read) < PAGE:
            break
    return found

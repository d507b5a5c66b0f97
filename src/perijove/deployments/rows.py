"""Deployments as rows, in the order of their flows, a page at a time, however many there are."""

import asyncio
from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import Field

from perijove import recurrence
from perijove.client.api import AsyncApi
from perijove.deployments.schedule import next_run
from perijove.schemas.base import Instant, Model, Request
from perijove.schemas.deployments import Deployment, DeploymentStatus
from perijove.schemas.filters import (
    Among,
    DeploymentFilter,
    DeploymentQuery,
    DeploymentSort,
    Flag,
    FlowFilter,
    FlowQuery,
    FlowRunFilter,
    FlowRunQuery,
    FlowRunSort,
    FlowSort,
    StateFilter,
    Tags,
    Text,
    WorkPoolFilter,
)
from perijove.schemas.flows import Flow
from perijove.schemas.schedules import Schedule, Seconds
from perijove.schemas.states import StateType

FLOWS = (50, 10)
"""Flows whose deployments are asked for at once; the fewer, where the more have too many."""

MOST = 100
"""Deployments that are asked for at once."""

STRIP = 10
"""Latest runs of a deployment that its row shows."""

Status = Literal["active", "paused", "running", "failed"]

_BEGUN: list[StateType] = [kind for kind in StateType if kind is not StateType.SCHEDULED]
_WITH_RUNS = {
    "running": [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING],
    "failed": [StateType.FAILED, StateType.CRASHED],
}


class Cursor(Model):
    """Where a page begins: so many flows in, and so many deployments into that flow."""

    flow: int = 0
    deployment: int = 0


class RowQuery(Request):
    """Which deployments are asked for; what is not given asks nothing. ``status``: their own, or that of a run."""

    search: str = ""
    tags: list[str] = Field(default_factory=list)
    work_pools: list[str] = Field(default_factory=list)
    status: Status | None = None
    cursor: Cursor = Field(default_factory=Cursor)


class RowSchedule(Model):
    """A schedule of a deployment, and what it is in English words."""

    schedule: Schedule
    active: bool
    words: str


class Row(Model):
    """A deployment at a glance. ``next_run`` is what its schedules say."""

    id: UUID
    name: str
    flow_name: str
    paused: bool
    tags: list[str]
    work_pool_name: str | None
    status: DeploymentStatus | None
    schedules: list[RowSchedule]
    next_run: Instant | None


class Page(Model):
    """Rows, and where the next page begins (None: this was the last). ``total``: rows that there are in all."""

    rows: list[Row]
    next: Cursor | None
    total: int


class LatestRun(Model):
    """A flow run, as far as a strip shows it."""

    id: UUID
    name: str
    state_type: StateType | None
    state_name: str | None
    expected_start_time: Instant | None
    start_time: Instant | None
    end_time: Instant | None
    total_run_time: Seconds


class StripQuery(Request):
    deployment_ids: list[UUID] = Field(max_length=MOST)


class Strip(Model):
    """The latest runs of a deployment, the oldest first, and when the next one is to begin."""

    flow_runs: list[LatestRun]
    next_run: Instant | None


class _Found(NamedTuple):
    flows: list[Flow]
    deployments: list[Deployment]
    next: Cursor | None


async def page(client: AsyncApi, query: RowQuery) -> Page:
    """The page of rows that begins at the query's cursor."""
    asked = wanted(query)
    total, found = await asyncio.gather(client.count_deployments(asked), _deployments(client, asked, query.cursor))
    flows = {flow.id: flow.name for flow in found.flows}
    rows = [_row(each, flows[each.flow_id]) for each in found.deployments]
    return Page(rows=sorted(rows, key=lambda each: (each.flow_name, each.name)), next=found.next, total=total)


async def strips(client: AsyncApi, deployment_ids: Sequence[UUID]) -> dict[UUID, Strip]:
    """The latest and the next runs of each deployment."""
    found = await asyncio.gather(*(strip(client, each) for each in deployment_ids))
    return dict(zip(deployment_ids, found, strict=True))


def wanted(query: RowQuery) -> DeploymentQuery:
    """The wire's query for what a filter asks for."""
    runs = _WITH_RUNS.get(query.status or "")
    paused = query.status == "paused" if query.status in ("active", "paused") else None
    return DeploymentQuery(
        deployments=DeploymentFilter(
            name=Text(like_=""),  # so that a flow without any deployment is not asked for
            flow_or_deployment_name=Text(like_=query.search) if query.search else None,
            tags=Tags(all_=query.tags) if query.tags else None,
            paused=None if paused is None else Flag(eq_=paused),
        ),
        flow_runs=FlowRunFilter(state=StateFilter(type=Among(any_=runs))) if runs else None,
        work_pools=WorkPoolFilter(name=Text(any_=query.work_pools)) if query.work_pools else None,
    )


async def _deployments(client: AsyncApi, wanted: DeploymentQuery, cursor: Cursor) -> _Found:
    """Those of the next flows; where these have more than a page of them, a page of those of the next flow alone."""
    flows = await client.read_flows(
        FlowQuery(**_criteria(wanted), sort=FlowSort.NAME_ASC, limit=FLOWS[0], offset=cursor.flow)
    )
    if not flows:
        return _Found([], [], None)
    for count in () if cursor.deployment else FLOWS:
        asked = _of_flows(wanted, flows[:count])
        if await client.count_deployments(asked) <= MOST:
            found = await client.read_deployments(asked)
            is_last = len(flows) <= count and len(flows) < FLOWS[0]
            return _Found(flows, found, None if is_last else Cursor(flow=cursor.flow + min(count, len(flows))))
    found = await client.read_deployments(_of_flows(wanted, flows[:1], cursor.deployment))
    if len(found) == MOST:
        return _Found(flows, found, Cursor(flow=cursor.flow, deployment=cursor.deployment + MOST))
    return _Found(flows, found, Cursor(flow=cursor.flow + 1) if len(flows) > 1 else None)


def _of_flows(wanted: DeploymentQuery, flows: Sequence[Flow], offset: int = 0) -> DeploymentQuery:
    criteria = {**_criteria(wanted), "flows": FlowFilter(id=Among(any_=[flow.id for flow in flows]))}
    return DeploymentQuery(**criteria, sort=DeploymentSort.NAME_ASC, limit=MOST, offset=offset)


def _criteria(query: DeploymentQuery) -> dict[str, object]:
    return {name: getattr(query, name) for name in query.model_fields_set}


def _row(deployment: Deployment, flow_name: str) -> Row:
    shown = {name: getattr(deployment, name) for name in ("id", "name", "paused", "tags", "work_pool_name", "status")}
    return Row(
        **shown,
        flow_name=flow_name,
        schedules=[
            RowSchedule(schedule=each.schedule, active=each.active, words=recurrence.describe(each.schedule))
            for each in deployment.schedules
        ],
        next_run=None if deployment.paused else next_run(deployment.schedules),
    )


async def strip(client: AsyncApi, deployment_id: UUID, count: int = STRIP) -> Strip:
    """So many of the latest runs of the deployment, and when the next one is to begin."""
    latest, coming = await asyncio.gather(
        client.read_flow_runs(_runs(deployment_id, _BEGUN, FlowRunSort.EXPECTED_START_TIME_DESC, count)),
        client.read_flow_runs(
            _runs(deployment_id, [StateType.SCHEDULED], FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC, 1)
        ),
    )
    return Strip(
        flow_runs=[LatestRun(**run.model_dump()) for run in reversed(latest)],
        next_run=coming[0].next_scheduled_start_time if coming else None,
    )


def _runs(deployment_id: UUID, states: list[StateType], sort: FlowRunSort, limit: int) -> FlowRunQuery:
    asked = FlowRunFilter(deployment_id=Among(any_=[deployment_id]), state=StateFilter(type=Among(any_=states)))
    return FlowRunQuery(flow_runs=asked, sort=sort, limit=limit)

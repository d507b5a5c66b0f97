"""Follows a flow run on its server: what is known at first, and from then on what changes, a few times a second.

Events and log lines come over WebSockets as they happen. What a server tells by no event (progress, and log lines on
one that streams none) is read each second while the run goes on, or each third where there has been none.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from perijove import clock
from perijove.client import AsyncClient, Events, Logs, Target
from perijove.errors import NotAuthenticated, ServerError, ServerUnavailable
from perijove.schemas.artifacts import ArtifactFilter, ArtifactQuery
from perijove.schemas.base import Model
from perijove.schemas.events import ID, EventAnyResourceFilter, EventFilter, Occurred, ReceivedEvent
from perijove.schemas.filters import (
    Among,
    FlowRunFilter,
    LogFilter,
    LogQuery,
    LogSort,
    Span,
    TaskRunQuery,
    TaskRunSort,
    Text,
)
from perijove.schemas.logs import Log
from perijove.schemas.runs import FlowRun, TaskRun
from perijove.schemas.states import FINAL
from perijove.widgets.known import Known, News
from perijove.widgets.task_bars import TASK_RUN, TaskBar, after

BATCH = 0.05
"""Seconds for which news is gathered before it is told."""

PACE = 1.0
"""Seconds between two looks at what no event tells."""

SLOW_PACE = 3.0
"""The same, as long as there is nothing of the kind: each look costs the kernel some milliseconds."""

_PAGE = 200
_REST = 0.3  # seconds that a run which has ended may still have something to tell

T = TypeVar("T", bound=Model)
Tell = Callable[[News], None]


class Watch:
    """Follows one run. ``tell`` is called with all news, in the event loop's thread."""

    def __init__(self, run: FlowRun, target: Target, tell: Tell) -> None:
        self.known = Known(run)
        self._target = target
        self._tell = tell
        self._news = News()
        self._changed = asyncio.Event()
        self._streams_logs = True
        self._log_ids: set[object] = set()

    @property
    def has_ended(self) -> bool:
        """Whether the run is over, as far as is known."""
        return self.known.run.state_type in FINAL

    async def follow(self) -> None:
        """Tell until the run has ended. Raises ServerError when the server refuses or stays away."""
        began = clock.now()
        async with AsyncClient(self._target) as client, asyncio.TaskGroup() as group:
            await self._read(client)
            self._tell_now()
            if not self.has_ended:
                helpers = [
                    group.create_task(each)
                    for each in (self._hear_events(client, began), self._hear_logs(), self._look(client))
                ]
                await self._tell_until_ended()
                for helper in helpers:
                    helper.cancel()
                await self._read(client)
                self._tell_now()

    async def _tell_until_ended(self) -> None:
        while not self.has_ended:
            await self._changed.wait()
            await asyncio.sleep(BATCH)
            self._tell_now()
        await asyncio.sleep(_REST)

    def _tell_now(self) -> None:
        self._changed.clear()
        news, self._news = self._news, News()
        if news:
            self.known.add(news)
            self._tell(news)

    # -- what is read ----------------------------------------------------------------------------------------------

    async def _read(self, client: AsyncClient) -> None:
        """All that the server has by now, as far as it is not known."""
        await self._read_run(client)
        if not await self._has_all_task_runs(client):
            self._news.task_runs.update({bar.id: bar async for bar in self._task_bars(client)})
        await self._read_logs(client)
        await self._read_progress(client)

    async def _read_run(self, client: AsyncClient) -> None:
        self._news.run = await client.read_flow_run(self.known.run.id)
        self._news.states = await client.read_flow_run_states(self.known.run.id)
        self._changed.set()

    async def _has_all_task_runs(self, client: AsyncClient) -> bool:
        """Whether events told of each one's end: to read them again costs as much as to hear of them."""
        bars = {**self.known.task_runs, **self._news.task_runs}
        if not bars or not all(bar.state_type in FINAL for bar in bars.values()):
            return False
        return len(bars) == await client.count_task_runs(TaskRunQuery(flow_runs=self._ours()))

    async def _task_bars(self, client: AsyncClient) -> AsyncIterator[TaskBar]:
        order = TaskRunSort.EXPECTED_START_TIME_ASC

        def page(offset: int) -> Awaitable[list[TaskRun]]:
            return client.read_task_runs(TaskRunQuery(flow_runs=self._ours(), sort=order, limit=_PAGE, offset=offset))

        async for run in _every(page):
            yield TaskBar.of(run)

    def _ours(self) -> FlowRunFilter:
        return FlowRunFilter(id=Among(any_=[self.known.run.id]))

    async def _read_logs(self, client: AsyncClient) -> None:
        """Those from the last known line on: of the same instant, some may be new."""
        last = self.known.logs[-1].timestamp if self.known.logs else None
        wanted = LogFilter(flow_run_id=Among(any_=[self.known.run.id]), timestamp=Span(after_=last) if last else None)
        order = LogSort.TIMESTAMP_ASC
        async for log in _every(
            lambda offset: client.read_logs(LogQuery(logs=wanted, sort=order, limit=_PAGE, offset=offset))
        ):
            self._add_log(log)

    async def _read_progress(self, client: AsyncClient) -> None:
        wanted = ArtifactFilter(flow_run_id=Among(any_=[self.known.run.id]), type=Text(any_=["progress"]))
        found = await client.read_artifacts(ArtifactQuery(artifacts=wanted, limit=_PAGE))
        progress = sorted(found, key=lambda artifact: artifact.created)
        if progress != self.known.progress:
            self._news.progress = progress
            self._changed.set()

    async def _look(self, client: AsyncClient) -> None:
        while True:
            await asyncio.sleep(SLOW_PACE if self._streams_logs and not self.known.progress else PACE)
            await self._read_progress(client)
            if not self._streams_logs:
                await self._read_logs(client)

    # -- what is heard ---------------------------------------------------------------------------------------------

    async def _hear_events(self, client: AsyncClient, since: datetime) -> None:
        name = f"prefect.flow-run.{self.known.run.id}"
        asked = EventFilter(occurred=Occurred(since=since), any_resource=[EventAnyResourceFilter(id=[name])])
        async for event in Events(asked, self._target, since=since):
            if event.resource[ID] == name:
                await self._read_run(client)
            elif event.resource[ID].startswith(TASK_RUN):
                self._add_event(event)

    def _add_event(self, event: ReceivedEvent) -> None:
        run_id = UUID(event.resource[ID].removeprefix(TASK_RUN))
        known = self._news.task_runs.get(run_id) or self.known.task_runs.get(run_id)
        if (bar := after(known, event)) is not None:
            self._news.task_runs[bar.id] = bar
            self._changed.set()

    async def _hear_logs(self) -> None:
        last = self.known.logs[-1].timestamp if self.known.logs else self.known.run.created
        asked = LogFilter(flow_run_id=Among(any_=[self.known.run.id]))
        try:
            async for log in Logs(asked, self._target, since=last):
                self._add_log(log)
        except (NotAuthenticated, ServerUnavailable):
            raise
        except ServerError:
            self._streams_logs = False

    def _add_log(self, log: Log) -> None:
        if log.id not in self._log_ids:
            self._log_ids.add(log.id)
            self._news.logs.append(log)
            self._changed.set()


async def _every(page: Callable[[int], Awaitable[list[T]]]) -> AsyncIterator[T]:
    """All of a list that comes a page at a time."""
    offset = 0
    while found := await page(offset):
        for one in found:
            yield one
        if len(found) < _PAGE:
            return
        offset += len(found)

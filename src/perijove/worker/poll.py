"""Takes a post's due runs, as many as it has room for, and sees each one through."""

import asyncio
import logging
import random
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from perijove import clock
from perijove.errors import NotFound, ServerError
from perijove.schemas.deployments import Deployment
from perijove.schemas.runs import FlowRun, SetStateStatus
from perijove.schemas.states import State, StateCreate, StateType
from perijove.worker.connection import Connection
from perijove.worker.launch import Launch, job_of
from perijove.worker.launcher import Launcher
from perijove.worker.posts import HEARTBEAT, Post

HOLD = 30.0
"""Seconds that a server may hold its answer until a run is due."""

POLL = (5.0, 10.0)
"""Seconds between two questions to a server that holds none: a random pause, so that workers spread."""

MOST_AT_ONCE = 200
"""Runs that a server gives in one answer, at most."""

CLAIM_PATIENCE = 30.0
"""Seconds that the server may be away before a run is given up: one not claimed, or not reported as crashed."""

_PAUSE_AFTER_LOSS = 0.25
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Worker:
    """Serves one post until it is stopped."""

    def __init__(self, post: Post, connection: Connection, launcher: Launcher) -> None:
        self._post = post
        self._connection = connection
        self._launcher = launcher
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Take no more runs."""
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        """Whether no more runs are taken."""
        return self._stopping.is_set()

    async def serve(self) -> None:
        """Take due runs and start them, until stopped. Raises ServerError when the server refuses us."""
        await self._unless_stopped(self._post.prepare(self._connection))
        beating = asyncio.create_task(self._beat())
        try:
            while not self._stopping.is_set():
                due = await self._unless_stopped(self._await_due())
                started = await asyncio.gather(*(self._start(run) for run in due or ()))
                if due and not any(started):
                    await asyncio.sleep(_PAUSE_AFTER_LOSS)
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def drain(self, grace: float) -> None:
        """Wait for the runs to end, ``grace`` seconds at most."""
        if self._running:
            _log.info("Waiting up to %g s for %d runs to end.", grace, len(self._running))
            await asyncio.wait(self._running, timeout=grace)

    async def settle(self) -> None:
        """Wait until the last word on each run is spoken, once the launcher is closed."""
        await asyncio.gather(*self._running)

    # -- taking -----------------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        while True:
            try:
                await self._post.beat(self._connection)
            except ServerError as error:
                _log.warning("The server does not take the worker's heartbeat: %s", error)
            await asyncio.sleep(HEARTBEAT)

    async def _await_due(self) -> Sequence[FlowRun]:
        """The runs that are due, once there is room for one; perhaps none."""
        while (room := self._post.limit - len(self._running)) <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        asked = clock.monotonic()
        due = await self._post.due(self._connection, min(room, MOST_AT_ONCE), wait=HOLD)
        if not due and clock.monotonic() - asked < POLL[0]:
            await asyncio.sleep(random.uniform(*POLL))  # noqa: S311  (no secret)
        return due

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What the work returns; None, and the work cancelled, when we are stopped first."""
        task = asyncio.create_task(work)
        stopped = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None

    # -- one run ----------------------------------------------------------------------------------------------------

    async def _start(self, run: FlowRun) -> bool:
        """Claim the run and start it; False if it is somebody else's."""
        try:
            launch = await self._claim(run)
        except ServerError as error:
            _log.warning("Run %s could not be claimed: %s", run.id, error)
            return False
        if launch is not None:
            task = asyncio.create_task(self._see_through(launch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return launch is not None

    async def _claim(self, run: FlowRun) -> Launch | None:
        """Take the run by proposing Pending, which the server accepts from one worker only."""
        pending, deployment = await asyncio.gather(self._propose_pending(run), self._deployment_of(run))
        if pending is None:
            return None
        if deployment is None:
            await self._report_crash(run.id, "The run's deployment is gone, and nothing else says what to run.")
            return None
        try:
            job = job_of(deployment, run)
        except ValidationError as error:
            await self._report_crash(run.id, f"The run's job variables can't be followed: {_first_problem(error)}")
            return None
        claimed = run.model_copy(update={"state": pending, "state_id": pending.id, "state_type": pending.type})
        return Launch(flow_run=claimed, deployment=deployment, target=self._connection.target, job=job)

    async def _propose_pending(self, run: FlowRun) -> State | None:
        pending = StateCreate(type=StateType.PENDING)
        answer = await self._connection.call(
            lambda api: api.set_flow_run_state(run.id, pending), patience=CLAIM_PATIENCE
        )
        return answer.state if answer.status is SetStateStatus.ACCEPT else None

    async def _deployment_of(self, run: FlowRun) -> Deployment | None:
        deployment_id = run.deployment_id
        if deployment_id is None:
            return None
        try:
            return await self._connection.call(lambda api: api.read_deployment(deployment_id), patience=CLAIM_PATIENCE)
        except NotFound:
            return None

    async def _see_through(self, launch: Launch) -> None:
        reason = await self._launcher.run(launch)
        if reason is not None:
            await self._report_crash(launch.run_id, reason)

    async def _report_crash(self, run_id: UUID, reason: str) -> None:
        """Say that the run Crashed; the server knows better if it has ended already."""
        _log.warning("Run %s: %s", run_id, reason)
        crashed = StateCreate(type=StateType.CRASHED, message=reason)
        try:
            await self._connection.call(lambda api: api.set_flow_run_state(run_id, crashed), patience=CLAIM_PATIENCE)
        except ServerError as error:
            _log.warning("The end of run %s could not be reported: %s", run_id, error)


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}."

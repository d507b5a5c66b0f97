"""Takes a post's due runs, as many as it has room for, and sees each one through."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from perijove.errors import ServerError
from perijove.schemas.leases import LeasedRun
from perijove.schemas.states import StateCreate, StateType
from perijove.worker.claims import HOLD, Claims, claims_of
from perijove.worker.connection import Connection
from perijove.worker.launch import Launch, job_of
from perijove.worker.launcher import Launcher
from perijove.worker.posts import HEARTBEAT, Post

RENEWAL = 10.0
"""Seconds between two renewals of the leases, while there are any."""

CRASH_PATIENCE = 30.0
"""Seconds that the server may be away before a crash goes unreported."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Worker:
    """Serves one post until it is stopped."""

    def __init__(self, post: Post, connection: Connection, launcher: Launcher) -> None:
        self._post = post
        self._connection = connection
        self._launcher = launcher
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._renewing: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Take no more runs."""
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        """Whether no more runs are taken."""
        return self._stopping.is_set()

    async def serve(self, *, once: bool = False) -> None:
        """Take due runs and start them, until stopped, or ``once``. Raises ServerError when the server refuses us."""
        await self._unless_stopped(self._post.prepare(self._connection))
        if (claims := await self._unless_stopped(claims_of(self._post, self._connection))) is None:
            return
        beating = asyncio.create_task(self._beat())
        try:
            while not self._stopping.is_set():
                due = await self._unless_stopped(self._await_due(claims, 0.0 if once else HOLD))
                for run in await claims.claim(due or ()):
                    await self._start(run, claims)
                if once and not due:
                    break
            await claims.leave(self._running)
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def finish(self) -> None:
        """Wait for the runs to end, until stopped."""
        if self._running:
            await self._unless_stopped(asyncio.wait(self._running.values()))

    async def drain(self, grace: float) -> None:
        """Wait for the runs to end, ``grace`` seconds at most."""
        if self._running:
            _log.info("Waiting up to %g s for %d runs to end.", grace, len(self._running))
            await asyncio.wait(self._running.values(), timeout=grace)

    async def settle(self) -> None:
        """Wait until the last word on each run is spoken, once the launcher is closed."""
        await asyncio.gather(*self._running.values())
        if self._renewing:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)

    # -- taking -----------------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        while True:
            try:
                await self._post.beat(self._connection)
            except ServerError as error:
                _log.warning("The server does not take the worker's heartbeat: %s", error)
            await asyncio.sleep(HEARTBEAT)

    async def _renew(self, claims: Claims) -> None:
        """Keep the leases while anything runs."""
        while self._running:
            await asyncio.sleep(RENEWAL)
            try:
                await claims.keep(self._running)
            except ServerError as error:
                _log.warning("The server does not renew the leases of our runs: %s", error)

    async def _await_due(self, claims: Claims, hold: float) -> Sequence[LeasedRun]:
        """The runs that are due, once there is room for one; perhaps none, after ``hold`` seconds."""
        while (room := self._post.limit - len(self._running)) <= 0:
            await asyncio.wait(self._running.values(), return_when=asyncio.FIRST_COMPLETED)
        return await claims.due(room, hold)

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

    async def _start(self, run: LeasedRun, claims: Claims) -> None:
        flow_run, deployment, lease = run.flow_run, run.deployment, claims.lease
        if deployment is None:
            reason = "The run's deployment is gone, and nothing else says what to run."
            await self._report_crash(flow_run.id, reason, lease)
            return
        try:
            job = job_of(deployment, flow_run)
        except ValidationError as error:
            reason = f"The run's job variables can't be followed: {_first_problem(error)}"
            await self._report_crash(flow_run.id, reason, lease)
            return
        target = self._connection.target
        launch = Launch(flow_run=flow_run, deployment=deployment, target=target, job=job, lease=lease)
        self._running[launch.run_id] = task = asyncio.create_task(self._see_through(launch))
        task.add_done_callback(lambda _: self._running.pop(launch.run_id))
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew(claims))

    async def _see_through(self, launch: Launch) -> None:
        reason = await self._launcher.run(launch)
        if reason is not None:
            await self._report_crash(launch.run_id, reason, launch.lease)

    async def _report_crash(self, run_id: UUID, reason: str, lease: UUID | None) -> None:
        """Say that the run Crashed; the server knows better if it has ended already."""
        _log.warning("Run %s: %s", run_id, reason)
        crashed = StateCreate(type=StateType.CRASHED, message=reason)
        try:
            await self._connection.call(
                lambda api: api.set_flow_run_state(run_id, crashed, lease=lease), patience=CRASH_PATIENCE
            )
        except ServerError as error:
            _log.warning("The end of run %s could not be reported: %s", run_id, error)


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}."

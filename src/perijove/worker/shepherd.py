"""One process for each run: it starts the run's own process, owns its output, and says how it ended if that did not.

Forked from a zygote, or started as ``python -m perijove.worker.shepherd`` with its lifeline as standard input. The
run's process is started before it is known what to run, so that no run has to wait for that.
"""

import asyncio
import contextlib
import logging
import os
import platform
import signal
from collections.abc import Coroutine
from typing import Any

from perijove import clock
from perijove.errors import ServerError
from perijove.schemas.runs import FlowRun, FlowRunUpdate, SetStateStatus
from perijove.schemas.states import StateCreate, StateType
from perijove.worker import processes, workspace
from perijove.worker.connection import Connection
from perijove.worker.intake import Intake
from perijove.worker.launch import Launch
from perijove.worker.lifeline import Lifeline
from perijove.worker.output import Output
from perijove.worker.rehearsal import rehearse_shepherd
from perijove.worker.shipping import Shipper
from perijove.worker.spool import Spool
from perijove.worker.start import Started, start
from perijove.worker.tree import Tree
from perijove.worker.verdict import verdict

GRACE = 10.0
"""Seconds that a run has to end, once it has been asked to by SIGTERM."""

REST_GRACE = 3.0
"""Seconds that what a run left behind has to end, once it has been asked to by SIGTERM."""

PATIENCE = 600.0
"""Seconds that the server may be away before a run's output is left on disk and its end unreported."""

PATIENCE_WHEN_STOPPED = 3.0
"""The same for each thing that is left to tell, once the worker is going."""

WATCH_DELAY = 1.0
"""Seconds before a run's state is watched: most runs need no such request at all."""

HOLD = 30.0
POLL = 5.0
"""Seconds that a server may hold the question for a run's state; and between two of them if it holds none."""

WORKER_STOPPED = "The worker stopped before the run ended."
CANCELLED = "The run was cancelled."
GIVEN_UP = "The run was given up while it went on."

_TRIES = 3
_log = logging.getLogger(__name__)


def main(line: int, *, fork: bool, spare: bool = False) -> None:
    """See one run through: from before it is known which, until nothing is left of it.

    ``line`` is the lifeline; ``fork``: whether the run's process is a fork of this one or a fresh interpreter;
    ``spare``: whether no run waits yet, so that there is time to get ready.
    """
    with contextlib.suppress(PermissionError):
        os.setsid()
    processes.adopt_orphans()
    processes.close_all_but([line])
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # Before the event loop is made, which a fork must not share.
    child = start(fork=fork, spare=spare)
    asyncio.run(_tend(child, line, spare=spare))


async def _tend(child: Started, line: int, *, spare: bool) -> None:
    lifeline = Lifeline(line)
    tree = Tree(child.pid)
    if spare:
        await rehearse_shepherd()
    told = await lifeline.launch
    child.tell(told)
    if told:
        await _see_through(Launch.model_validate_json(told), child, tree, lifeline)
    else:
        await tree.exit_code


async def _see_through(launch: Launch, child: Started, tree: Tree, lifeline: Lifeline) -> None:
    directory = workspace.run_directory(launch.run_id)
    # Prefect's own server takes no numbers.
    spool = Spool(directory / ".output.jsonl", numbers=launch.lease is not None)
    async with Connection(launch.target) as connection:
        shipper = Shipper(connection, spool)
        asked = asyncio.Event()
        intake = Intake(
            child.pipes, Output(launch.run_id, keeps_text=launch.job.stream_output), shipper.take, asked.set
        )
        await Shepherd(launch, tree, intake, asked, shipper, connection, lifeline).run()
    if not spool.is_empty:
        _log.warning("The server has not all of the output of run %s; %s keeps the rest.", launch.run_id, spool.path)
    spool.close()
    workspace.leave(launch.run_id)


class Shepherd:
    """The care for one run."""

    def __init__(
        self,
        launch: Launch,
        tree: Tree,
        intake: Intake,
        delivery_asked: asyncio.Event,
        shipper: Shipper,
        connection: Connection,
        lifeline: Lifeline,
    ) -> None:
        self._run_id = launch.run_id
        self._lease = launch.lease
        self._time_limit = launch.job.time_limit_seconds
        self._over_time = False
        self._tree = tree
        self._intake = intake
        self._delivery_asked = delivery_asked
        self._shipper = shipper
        self._connection = connection
        self._stop: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._heed(lifeline)

    async def run(self) -> None:
        """Wait for the end of the run's process, end what it left behind, deliver its output, and then judge it."""
        duties = (self._shipper.run(), self._deliver_when_asked(), self._watch())
        helpers = [asyncio.create_task(duty) for duty in duties]
        exit_code = await self._until_ended()
        # A server that is away must not keep alive what the run left behind.
        ending_rest = asyncio.create_task(self._tree.end_rest(REST_GRACE))
        self._intake.drain()
        await self._patiently(self._shipper.deliver_all())
        await self._patiently(self._judge(exit_code))
        if not await ending_rest:
            _log.error("Run %s left processes behind that can't be killed.", self._run_id)
        self._intake.drain()
        self._intake.close()
        await self._patiently(self._shipper.deliver_all())
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)

    # -- ending the run ---------------------------------------------------------------------------------------------

    def _heed(self, lifeline: Lifeline) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop_because, WORKER_STOPPED)
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        lifeline.ended.add_done_callback(lambda _: self._stop_because(WORKER_STOPPED))

    def _stop_because(self, reason: str) -> None:
        if not self._stop.done():
            self._stop.set_result(reason)

    async def _until_ended(self) -> int:
        ends: list[asyncio.Future[Any]] = [self._tree.exit_code, self._stop]
        ended, _ = await asyncio.wait(ends, timeout=self._time_limit, return_when=asyncio.FIRST_COMPLETED)
        self._over_time = not ended
        if not self._tree.exit_code.done():
            await self._tree.stop_root(GRACE)
        return await self._tree.exit_code

    # -- speaking with the server -----------------------------------------------------------------------------------

    async def _patiently(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work, or as much of it as gets done before the patience is over."""
        task = asyncio.create_task(work)
        ends: list[asyncio.Future[Any]] = [task, self._stop]
        await asyncio.wait(ends, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if self._stop.done():
            await asyncio.wait([task], timeout=PATIENCE_WHEN_STOPPED)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _deliver_when_asked(self) -> None:
        """Let the run's log be there before the run says that it has ended."""
        while True:
            await self._delivery_asked.wait()
            self._delivery_asked.clear()
            await self._shipper.deliver_all()
            self._intake.say_delivered()

    async def _judge(self, exit_code: int) -> None:
        """Report the run's end, if the run itself did not."""
        if exit_code == 0 and self._intake.has_ended:
            return
        reason = self._why_stopped()
        try:
            for _ in range(_TRIES):
                run = await self._connection.call(lambda api: api.read_flow_run(self._run_id))
                proposed = verdict(run.state, exit_code, reason, over_time=self._over_time)
                if proposed is None or await self._is_settled(proposed):
                    return
        except ServerError as error:
            _log.warning("The end of run %s could not be reported: %s", self._run_id, error)

    def _why_stopped(self) -> str | None:
        if self._over_time:
            return f"The run took longer than its time limit of {self._time_limit:g} s."
        return self._stop.result() if self._stop.done() else None

    async def _is_settled(self, proposed: StateCreate) -> bool:
        """Propose the state; False if the run came to another one meanwhile, which asks for another judgement."""
        answer = await self._connection.call(
            # A retry is the process's own business, and there is none any more.
            lambda api: api.set_flow_run_state(
                self._run_id, proposed, force=proposed.type is StateType.FAILED, lease=self._lease
            )
        )
        return answer.status is not SetStateStatus.REJECT

    async def _watch(self) -> None:
        """Stop the run when somebody asks for its cancellation."""
        await asyncio.sleep(WATCH_DELAY)
        try:
            await self._connection.call(lambda api: api.update_flow_run(self._run_id, self._whereabouts()))
            run = await self._connection.call(lambda api: api.read_flow_run(self._run_id))
            while not (run.state and run.state.is_final):
                if run.state_type is StateType.CANCELLING:
                    self._stop_because(CANCELLED)
                    return
                run = await self._next_state(run)
            await self._end_a_ghost(run)
        except ServerError as error:
            _log.warning("Run %s can't be cancelled from here: %s", self._run_id, error)

    async def _end_a_ghost(self, run: FlowRun) -> None:
        """A run that others gave up, for we were not heard from, must not go on: it may run again elsewhere."""
        await asyncio.sleep(REST_GRACE)  # its own word of its end may be on the way
        if run.state_type in (StateType.CRASHED, StateType.CANCELLED) and not self._intake.has_ended:
            self._stop_because(GIVEN_UP)

    def _whereabouts(self) -> FlowRunUpdate:
        return FlowRunUpdate(infrastructure_pid=f"{platform.node()}:{self._tree.root}")

    async def _next_state(self, run: FlowRun) -> FlowRun:
        """The run once its state is another one; or as it is, when the server has held the question long enough."""
        asked = clock.monotonic()
        later = await self._connection.call(lambda api: api.read_flow_run(run.id, wait=HOLD, unless=run.state_id))
        if later.state_id == run.state_id and clock.monotonic() - asked < POLL:
            await asyncio.sleep(POLL)
        return later


if __name__ == "__main__":
    own_line = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    main(own_line, fork=False)

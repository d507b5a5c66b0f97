"""The process tree of one run, from its shepherd's side: reaps it, and sees that nothing of it is left."""

import asyncio
import contextlib
import os
import signal

from perijove import clock
from perijove.worker import processes

_PAUSE = 0.02


class Tree:
    """The run's own process (``root``) and whatever it left to this process, its subreaper.

    ``exit_code`` is done when the root has ended: its exit code, negative for a signal.
    """

    def __init__(self, root: int) -> None:
        self.root = root
        self.is_empty = False
        loop = asyncio.get_running_loop()
        self.exit_code: asyncio.Future[int] = loop.create_future()
        loop.add_signal_handler(signal.SIGCHLD, self._reap)
        self._reap()

    async def stop_root(self, grace: float) -> None:
        """Ask the root to end, and kill it when ``grace`` seconds are over."""
        for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, processes.KILL_TIMEOUT)):
            if not self.exit_code.done():
                os.kill(self.root, number)  # not reaped yet, so the pid is still its own
                await asyncio.wait([self.exit_code], timeout=patience)

    async def end_rest(self, grace: float) -> bool:
        """Ask all that is left to end, and kill it when ``grace`` seconds are over; whether nothing is left."""
        if await self._signal_all(signal.SIGTERM, grace):
            return True
        return await self._signal_all(signal.SIGKILL, processes.KILL_TIMEOUT)

    async def _signal_all(self, number: signal.Signals, patience: float) -> bool:
        """Signal each process once, also those that come while we wait; whether all are gone within ``patience``."""
        signalled: set[processes.Process] = set()
        deadline = clock.monotonic() + patience
        self._reap()
        while not self.is_empty and clock.monotonic() < deadline:
            found = set(processes.descendants(os.getpid()))
            for process in found - signalled:
                processes.send(process, number)
            signalled |= found
            await asyncio.sleep(_PAUSE)
            self._reap()
        return self.is_empty

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                if ended[0] == self.root and not self.exit_code.done():
                    self.exit_code.set_result(os.waitstatus_to_exitcode(ended[1]))
            return
        self.is_empty = True

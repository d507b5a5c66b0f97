"""Starts runs: forked by the zygote of the interpreter that each wants, or in fresh interpreters."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Sequence
from typing import Any

from perijove.errors import PerijoveError
from perijove.worker import foreword
from perijove.worker.environments import Environments
from perijove.worker.launch import Launch
from perijove.worker.verdict import signal_name

IDLE = 600.0
"""Seconds without a run after which a zygote ends, unless it is the worker's own interpreter's."""

MOMENT = 0.2
"""Seconds for which nothing is said of an environment that is built."""

_REPORT_LIMIT = 1 << 20
_LAST_WORDS = 2_000


class Launcher:
    """``run`` sees a run through; ``close`` ends those that still run, and everything that was started for them.

    ``fork``: whether runs may be forked from warm interpreters, or must each have fresh ones. ``idle``: seconds without
    a run after which a warm interpreter ends, unless it is the worker's own.
    """

    def __init__(self, *, fork: bool, idle: float = IDLE) -> None:
        self._fork = fork
        self._idle = idle
        self._environments = Environments()
        self._zygotes: dict[tuple[str, ...], ZygoteProcess] = {}
        self._fresh: set[Process] = set()

    def warm(self, python: str = sys.executable) -> None:
        """Have this interpreter's zygote ready before the first run asks for it."""
        if self._fork:
            self._zygote(python)

    async def run(self, launch: Launch) -> str | None:
        """Start the run and wait for its end. None if its shepherd has seen to everything, else what went wrong."""
        try:
            python = await self._python_of(launch)
        except PerijoveError as error:
            return str(error)
        if not self._fork:
            return await self._run_fresh(python, launch)
        zygote = self._zygote(python, *launch.job.preload)
        reason = await zygote.run(launch)
        if zygote is not self._zygotes.get((sys.executable,)):
            zygote.end_if_idle(after=self._idle)
        return reason

    async def _python_of(self, launch: Launch) -> str:
        """The interpreter that it asks for. The run's log says so where that takes more than a moment."""
        finding = asyncio.create_task(self._environments.python_of(launch.job))
        try:
            is_found, _ = await asyncio.wait([finding], timeout=MOMENT)
            if not is_found:
                wanted = ", ".join(launch.job.dependencies or ()) or "nothing else"
                await foreword.say(
                    launch, f"Seeing to an environment with {wanted}: it is built for the first such run."
                )
            return await finding
        finally:
            finding.cancel()

    async def close(self) -> None:
        """End every run, and wait until nothing is left."""
        self._environments.close()
        for process in self._fresh:
            _close_input(process)
        await asyncio.gather(*(zygote.close() for zygote in self._zygotes.values()))
        await asyncio.gather(*(process.wait() for process in list(self._fresh)))

    def _zygote(self, python: str, *preload: str) -> "ZygoteProcess":
        kind = (python, *preload)
        if kind not in self._zygotes or self._zygotes[kind].has_ended:
            self._zygotes[kind] = ZygoteProcess(python, preload)
        return self._zygotes[kind]

    async def _run_fresh(self, python: str, launch: Launch) -> str | None:
        try:
            process = await _start(python, "perijove.worker.shepherd")
        except OSError as error:
            return _unstartable(python, error)
        self._fresh.add(process)
        try:
            await _write(process, launch.encode())
            code = await process.wait()
        finally:
            self._fresh.discard(process)
        return _shepherd_ended(code)


class ZygoteProcess:
    """The worker's end of one zygote, which is started at once. It can't be used again when it has ended."""

    def __init__(self, python: str, preload: Sequence[str] = ()) -> None:
        self._python = python
        self._preload = preload
        self._runs: dict[str, asyncio.Future[str | None]] = {}
        self._started: asyncio.Future[Process] = asyncio.get_running_loop().create_future()
        self._is_ready = False
        self._is_leaving = False
        self._life = asyncio.create_task(self._live())
        self._ending: asyncio.TimerHandle | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the zygote is gone, or was never there."""
        return (
            self._is_leaving
            or self._life.done()
            or (self._started.done() and self._started.result().returncode is not None)
        )

    async def run(self, launch: Launch) -> str | None:
        """Have the run forked and wait for its end; returns what ``Launcher.run`` does."""
        if self._ending:
            self._ending.cancel()
        run = str(launch.run_id)
        ended: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._runs[run] = ended
        waited: list[asyncio.Future[Any]] = [self._started, ended]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if self._started.done():
            await _write(self._started.result(), run.encode() + b" " + launch.encode())
        return await ended

    def end_if_idle(self, after: float) -> None:
        """Have the zygote end in so many seconds, unless it gets another run before."""
        if self._ending:
            self._ending.cancel()  # runs that end together all ask
        if not self._runs and not self.has_ended:
            self._ending = asyncio.get_running_loop().call_later(after, self._end)

    def _end(self) -> None:
        self._is_leaving = True
        _close_input(self._started.result())

    async def close(self) -> None:
        """Have every run ended, and the zygote after them."""
        starting: list[asyncio.Future[Any]] = [self._started, self._life]
        await asyncio.wait(starting, return_when=asyncio.FIRST_COMPLETED)
        if self._started.done():
            _close_input(self._started.result())
        await self._life

    async def _live(self) -> None:
        """Start the zygote, hear its reports until it ends, and tell the runs that it leaves behind."""
        try:
            process = await _start(self._python, "perijove.worker.zygote", *self._preload, output=PIPE)
        except OSError as error:
            self._end_runs(_unstartable(self._python, error))
            return
        self._started.set_result(process)
        last_words, _ = await asyncio.gather(_echo(process), self._hear(process))
        self._end_runs(self._why(await process.wait(), last_words))

    async def _hear(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101  (it was asked for)
        async for line in process.stdout:
            report: dict[str, Any] = json.loads(line)
            if "ready" in report:
                self._is_ready = True
            elif ended := self._runs.pop(report["run"], None):
                ended.set_result(report.get("reason") or _shepherd_ended(report["exit_code"]))

    def _end_runs(self, reason: str) -> None:
        for ended in self._runs.values():
            ended.set_result(reason)
        self._runs.clear()

    def _why(self, code: int, last_words: str) -> str:
        if self._is_ready:
            return f"The process that starts runs for {self._python} {_how(code)}, and the run with it."
        if "No module named" in last_words and "perijove" in last_words:
            return f"{self._python} has no Perijove. Install it there: {self._python} -m pip install perijove"
        reason = last_words.strip().rpartition("\n")[2] or _how(code)
        return f"{self._python} could not be made ready for the run: {reason}"


async def _start(python: str, module: str, *words: str, output: int | None = None) -> Process:
    """A process of its own session, so that a terminal's Ctrl-C reaches the worker alone, which decides."""
    return await asyncio.create_subprocess_exec(
        python,
        "-m",
        module,
        *words,
        stdin=PIPE,
        stdout=output,
        stderr=output,
        start_new_session=True,
        limit=_REPORT_LIMIT,
    )


async def _write(process: Process, line: bytes) -> None:
    """Write the line; a process that is gone says so by its end."""
    assert process.stdin is not None  # noqa: S101  (it was asked for)
    with contextlib.suppress(ConnectionError):
        process.stdin.write(line + b"\n")
        await process.stdin.drain()


def _close_input(process: Process) -> None:
    assert process.stdin is not None  # noqa: S101  (it was asked for)
    process.stdin.close()


async def _echo(process: Process) -> str:
    """Pass the process's standard error on to ours; return the last of it."""
    assert process.stderr is not None  # noqa: S101  (it was asked for)
    last = deque[int](maxlen=_LAST_WORDS)
    while data := await process.stderr.read(_REPORT_LIMIT):
        last.extend(data)
        sys.stderr.buffer.write(data)
        sys.stderr.buffer.flush()
    return bytes(last).decode("utf-8", "replace")


def _unstartable(python: str, error: OSError) -> str:
    return f"The interpreter {python} can't be started ({error.strerror}). Deploy the flow again from one that can."


def _shepherd_ended(code: int) -> str | None:
    return f"The process that watched over the run {_how(code)}." if code else None


def _how(code: int) -> str:
    return f"was killed by {signal_name(-code)}" if code < 0 else f"ended with code {code}"

"""A worker as a process of its own: ``python -m perijove.worker --pool NAME``, or ``--deployment ID`` (any number).

SIGTERM or SIGINT stops it: it takes no more runs, gives those that run ``--grace`` seconds to end by themselves, and
then stops them; the same signal again stops them at once. Started with a pipe as standard input, it also stops when
that ends, as it does when whoever started it dies.
"""

import argparse
import asyncio
import logging
import os
import platform
import signal
import stat
import sys
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from perijove import settings
from perijove.client import Target, targets
from perijove.errors import PerijoveError, ServerUnavailable
from perijove.worker import processes
from perijove.worker.connection import Connection
from perijove.worker.launcher import Launcher
from perijove.worker.poll import Worker
from perijove.worker.posts import DeploymentsPost, PoolPost, Post

GRACE = 3.0
"""Seconds that runs have to end by themselves when the worker is stopped."""

RUNS_PER_CORE = 4

_log = logging.getLogger("perijove.worker")


def main() -> None:
    """Serve until stopped."""
    arguments = _parser().parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # it tells every request
    post = _post(arguments)
    try:
        if arguments.target:
            settings.aim(arguments.target)
        target = targets.require() if arguments.start else targets.find()
        if target is None:
            raise ServerUnavailable("Its embedded server has ended. `perijove server start` starts both.")
        processes.adopt_orphans()  # not before: an embedded server that was started just now outlives its starter
        asyncio.run(serve(target, post, fork=arguments.fork, grace=arguments.grace, once=arguments.once))
    except PerijoveError as error:
        sys.exit(f"The worker of {post} ended: {error}")
    finally:
        processes.kill_children(os.getpid(), spare=(), timeout=processes.KILL_TIMEOUT)


async def serve(target: Target, post: Post, *, fork: bool, grace: float, once: bool = False) -> None:
    """Serve the post until this process is told to stop, or ``once``: until what is due now has run. Leave no run
    behind."""
    launcher = Launcher(fork=fork)
    launcher.warm()
    async with Connection(target) as connection:
        worker = Worker(post, connection, launcher)
        hurry = asyncio.Event()
        _heed_stops(worker, hurry)
        try:
            _log.info("Serving %s of %s, %d runs at a time.", post, target, post.limit)
            await worker.serve(once=once)
            await post.leave(connection)
            if once:
                await worker.finish()
            await _first(worker.drain(grace), hurry.wait())
        finally:
            await launcher.close()
            await worker.settle()


def _heed_stops(worker: Worker, hurry: asyncio.Event) -> None:
    """Stop the worker by signal and by the end of a pipe on standard input; hurry when asked again."""

    def stop() -> None:
        (hurry.set if worker.is_stopping else worker.stop)()

    def input_ended() -> None:
        loop.remove_reader(0)
        worker.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        loop.add_reader(0, input_ended)


async def _first(*works: Coroutine[Any, Any, object]) -> None:
    """Do the works until one of them is done; the others are cancelled."""
    tasks = [asyncio.create_task(work) for work in works]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _post(arguments: argparse.Namespace) -> Post:
    if arguments.pool:
        return PoolPost(arguments.limit, arguments.pool, arguments.name, tuple(arguments.queues))
    return DeploymentsPost(arguments.limit, tuple(arguments.deployments), arguments.pause)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m perijove.worker", description="Serve due runs.")
    served = parser.add_mutually_exclusive_group(required=True)
    served.add_argument("--pool", help="the work pool's name")
    served.add_argument("--deployment", dest="deployments", action="append", type=UUID, help="a deployment's id")
    parser.add_argument("--queue", dest="queues", action="append", default=[], help="one of the pool's work queues")
    parser.add_argument("--once", action="store_true", help="run what is due now, and end")
    parser.add_argument("--pause", action="store_true", help="pause the deployments' schedules at the end")
    parser.add_argument(
        "--name", default=platform.node() or "worker", help="the worker's name (default: the machine's)"
    )
    parser.add_argument("--limit", type=_positive, default=RUNS_PER_CORE * (os.cpu_count() or 1), help="runs at a time")
    parser.add_argument("--target", help="the server: its address, embedded, or a profile of Prefect's")
    parser.add_argument(
        "--no-start",
        dest="start",
        action="store_false",
        help="end where the embedded server doesn't run, never start it",
    )
    parser.add_argument("--grace", type=float, default=GRACE, help="seconds that runs have to end when we are stopped")
    parser.add_argument(
        "--no-fork",
        dest="fork",
        action="store_false",
        default=processes.IS_LINUX,
        help="start every run in a fresh interpreter: slower, and safe with libraries that break on a fork",
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number


if __name__ == "__main__":
    main()

"""``perijove worker``: run what is due in a work pool."""

import os
import sys

import click

from perijove.cli.connection import aimed
from perijove.client import targets


@click.group()
def command() -> None:
    """Workers, which run what is due in a work pool. The embedded server brings one for its own pool, local."""


@command.command()
@click.option("--pool", "-p", required=True, metavar="NAME", help="The work pool; made where there is none.")
@click.option("--queue", "-q", "queues", multiple=True, metavar="NAME", help="Only this work queue; may be repeated.")
@click.option("--limit", "-l", type=click.IntRange(min=1), help="Runs at a time.  [default: 4 a processor]")
@click.option("--name", "-n", metavar="NAME", help="The worker's name.  [default: the machine's]")
@click.option("--grace", type=click.FloatRange(min=0), metavar="SECONDS", help="For runs to end when it is stopped.")
@click.option("--once", "--run-once", is_flag=True, help="Run what is due now, and end.")
@aimed
def start(
    pool: str, queues: tuple[str, ...], limit: int | None, name: str | None, grace: float | None, once: bool
) -> None:
    """Serve a work pool until Ctrl-C or SIGTERM.

    Then no more runs are taken; those that run may end, and are stopped after a while; by the same signal, at once.
    """
    words = ["--pool", pool, *(word for queue in queues for word in ("--queue", queue)), *(["--once"] if once else [])]
    for option, value in (
        ("--limit", limit),
        ("--name", name),
        ("--grace", grace),
        ("--target", targets.chosen_word()),
    ):
        words += [option, str(value)] if value is not None else []
    # In this process's place, so that signals reach the worker itself.
    os.execv(sys.executable, [sys.executable, "-m", "perijove.worker", *words])  # noqa: S606  (argv, no shell)

"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, listed by ``--help`` in this order."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


param = click.option(
    "--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A parameter; VALUE is JSON or text."
)
tag = click.option("--tag", "tags", multiple=True, help="A tag; may be repeated.")
job_variable = click.option(
    "--job-var",
    "--job-variable",
    "job_variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="A job variable for the worker.",
)

env = click.option(
    "--env",
    type=click.Choice(["isolated"]),
    help="isolated: its runs have an environment of their own, with what the file depends on.",
)

trigger = click.option(
    "--trigger",
    multiple=True,
    metavar="TRIGGER",
    help="What sets it off: 'after FLOW/DEPLOYMENT Completed', or JSON in Prefect's shape.",
)

storage = together(
    click.option(
        "--storage",
        metavar="git|URL",
        help="For workers that don't share this disk: git pushes the file to a branch, s3://... stores it there.",
    ),
    click.option("--branch", help="The branch that the file is pushed to (default: one of the deployment's own)."),
    click.option(
        "--access-token",
        metavar="REFERENCE",
        help="The secret by which workers read the repository, such as '{{ prefect.blocks.secret.NAME }}'.",
    ),
    click.option(
        "--image", metavar="NAME[:TAG]", help="Build an image of the file and push it, in place of --storage."
    ),
)

exporting = together(
    click.option(
        "-o", "--out", type=click.Path(path_type=Path), help="Where to write (default perijove_exports/FUNCTION.py)."
    ),
    click.option("--freeze", multiple=True, metavar="NAME", help="Write NAME's simple value in as a constant."),
    click.option("--include", multiple=True, metavar="NAME", help="Keep what binds or changes NAME, needed or not."),
    click.option("--exclude", multiple=True, metavar="NAME", help="Leave out what only changes NAME."),
    click.option("--force", is_flag=True, help="Overwrite a file that was edited by hand."),
    click.option("--no-verify", is_flag=True, help="Don't import the result in a clean process."),
)

concurrency = together(
    click.option("--concurrency", type=click.IntRange(min=1), metavar="N", help="Run at most N of its runs at a time."),
    click.option(
        "--collision-strategy",
        type=click.Choice(["ENQUEUE", "CANCEL_NEW"]),
        help="Whether a run too many waits (ENQUEUE, the default) or is cancelled.",
    ),
)

scheduling = together(
    click.option("--cron", multiple=True, metavar="LINE", help='Five cron fields, such as "0 8 * * 1-5", or @daily.'),
    click.option("--interval", "--every", multiple=True, metavar="TIME", help="Seconds, or 15m, 1h30m, 2d."),
    click.option("--rrule", multiple=True, metavar="RULE", help="An RFC 5545 recurrence rule."),
    click.option(
        "--timezone", metavar="ZONE", help="The schedules' IANA timezone, such as Europe/Berlin (default UTC)."
    ),
    click.option("--anchor", metavar="TIME", help="The ISO 8601 time that an interval counts from."),
    click.option(
        "--schedule-param",
        "schedule_params",
        multiple=True,
        metavar="NAME=VALUE",
        help="A parameter of the runs that the schedules ask for.",
    ),
    click.option(
        "--catchup", type=click.Choice(["latest", "all", "none"]), help="What becomes of instants that nothing ran at."
    ),
    click.option(
        "--overlap",
        type=click.Choice(["allow", "skip", "queue"]),
        help="Whether a run may begin while the last goes on.",
    ),
    click.option("--no-schedule", is_flag=True, help="Remove the schedules that it has."),
)

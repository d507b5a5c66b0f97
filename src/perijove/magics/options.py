"""Options that several magics share."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from perijove import deployments
from perijove.magics.commands import argument

if TYPE_CHECKING:
    from perijove.deployments.exporting import Exporting

F = TypeVar("F", bound=Callable[..., Any])


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, listed by ``?`` in this order."""

    def decorate(magic: F) -> F:
        for option in reversed(options):
            magic = option(magic)
        return magic

    return decorate


param = argument(
    "--param",
    "-p",
    dest="params",
    action="append",
    default=[],
    metavar="NAME=VALUE",
    help="A parameter of its runs; VALUE is JSON, text or $variable.",
)
tag = argument("--tag", dest="tags", action="append", default=[], help="A tag; may be repeated.")
job_variable = argument(
    "--job-var",
    dest="job_variables",
    action="append",
    default=[],
    metavar="NAME=VALUE",
    help="A job variable for the worker; VALUE is JSON, text or $variable.",
)

env = argument(
    "--env",
    choices=["isolated"],
    help="isolated: its runs have an environment of their own, with what the file depends on.",
)

trigger = argument(
    "--trigger",
    action="append",
    default=[],
    metavar="TRIGGER",
    help="What sets it off: 'after FLOW/DEPLOYMENT Completed', or JSON in Prefect's shape.",
)

exporting = together(
    argument("--out", "-o", metavar="FILE", help="Where to write (default perijove_exports/FLOW.py)."),
    argument(
        "--freeze", action="append", default=[], metavar="NAME", help="Write NAME's simple value in as a constant."
    ),
    argument("--include", action="append", default=[], metavar="NAME", help="Keep what binds or changes NAME."),
    argument("--exclude", action="append", default=[], metavar="NAME", help="Leave out what only changes NAME."),
    argument("--force", action="store_true", help="Overwrite a file that was edited by hand."),
    argument("--no-verify", action="store_true", help="Don't import the result in a clean process."),
)

scheduling = together(
    argument("--cron", action="append", default=[], metavar="LINE", help='Five fields, "0 8 * * 1-5", or @daily.'),
    argument("--interval", "--every", action="append", default=[], metavar="TIME", help="Seconds, or 15m, 1h30m, 2d."),
    argument("--rrule", action="append", default=[], metavar="RULE", help="An RFC 5545 recurrence rule."),
    argument("--timezone", metavar="ZONE", help="The schedules' IANA timezone (default UTC)."),
    argument("--anchor", metavar="TIME", help="The ISO 8601 time that an interval counts from."),
    argument("--no-schedule", action="store_true", help="Remove the schedules that it has."),
)


def exporting_of(args: argparse.Namespace) -> "Exporting":
    """What the exporting options said."""
    return deployments.exporting.Exporting(
        out=Path(args.out) if args.out else None,
        freeze=args.freeze,
        include=args.include,
        exclude=args.exclude,
        force=args.force,
        verify=not args.no_verify,
        forewarn=lambda sentence: sys.stderr.write(f"{sentence}\n"),
    )

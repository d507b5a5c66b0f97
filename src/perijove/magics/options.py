"""Options that several magics share."""

import argparse
import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from perijove import deployments
from perijove.magics.commands import argument, with_variables

if TYPE_CHECKING:
    from perijove.deployments.define import Wishes
    from perijove.deployments.exporting import Exporting
    from perijove.schemas.schedules import DeploymentScheduleCreate

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

target = argument(
    "--target",
    metavar="SERVER",
    help="The server: its address, embedded, or a profile of Prefect's (%%perijove target).",
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

storage = together(
    argument(
        "--storage",
        metavar="git|URL",
        help="For workers that don't share this disk: git pushes the file to a branch, s3://... stores it there.",
    ),
    argument("--branch", help="The branch that the file is pushed to (default: one of the deployment's own)."),
    argument(
        "--access-token",
        metavar="REFERENCE",
        help="The secret by which workers read the repository, such as '{{ prefect.blocks.secret.NAME }}'.",
    ),
    argument("--image", metavar="NAME[:TAG]", help="Build an image of the file and push it, in place of --storage."),
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
    argument(
        "--schedule-param",
        dest="schedule_params",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="A parameter of the runs that the schedules ask for.",
    ),
    argument("--catchup", choices=["latest", "all", "none"], help="What becomes of instants that nothing ran at."),
    argument("--overlap", choices=["allow", "skip", "queue"], help="Whether a run may begin while the last goes on."),
    argument("--no-schedule", action="store_true", help="Remove the schedules that it has."),
)


concurrency = together(
    argument("--concurrency", type=int, metavar="N", help="Run at most N of its runs at a time."),
    argument(
        "--collision-strategy",
        choices=["ENQUEUE", "CANCEL_NEW"],
        help="Whether a run too many waits (ENQUEUE, the default) or is cancelled.",
    ),
)


def wishes_of(args: argparse.Namespace, namespace: Mapping[str, Any], flow: Any) -> "Wishes":
    """What the options say of the flow's deployment, with the cells' variables in it."""
    said = said_of(args, namespace)
    return deployments.define.wish(**{**said, "description": args.description or flow.description})


def said_of(args: argparse.Namespace, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """What the options say of a deployment, by the names of ``define.wish``, with the cells' variables in it."""
    known = inspect.signature(deployments.define.wish).parameters
    said = {name: value for name, value in vars(args).items() if name in known}
    for name in {"params", "schedule_params", "job_variables"} & said.keys():
        said[name] = with_variables(said[name], namespace)
    return said


def schedules_of(args: argparse.Namespace) -> "list[DeploymentScheduleCreate] | None":
    """The schedules that the options say."""
    words = ("cron", "interval", "rrule", "timezone", "anchor", "catchup", "overlap")
    said = {name: getattr(args, name) for name in words}
    return deployments.define.schedules(**said, params=args.schedule_params, none=args.no_schedule)


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

"""``perijove migrate``: have another server know what this one does."""

import sys

import click

from perijove.cli import output
from perijove.client import SyncClient, targets
from perijove.errors import UsageError
from perijove.migration import Migrated
from perijove.migration import migrate as carry

SERVER = "SERVER"


@click.command()
@click.option("--to", required=True, metavar=SERVER, help="Where to: an API's address, embedded, or Prefect's profile.")
@click.option("--from", "source", default="embedded", metavar=SERVER, help="Where from (default: the embedded server).")
@click.option("--yes", is_flag=True, help="Do it without being asked.")
def command(to: str, source: str, yes: bool) -> None:
    """Carry deployments, schedules, work pools and triggers to another server, and back.

    What would be done is shown first. What is there already is changed where it is different; nothing is deleted, and
    the same again changes nothing. Runs, logs, variables and blocks stay where they are.
    """
    with SyncClient(_target(source)) as here, SyncClient(_target(to)) as there:
        if here.target.api_url == there.target.api_url:
            raise UsageError(f"Both are {here.target}: give another server with --to.")
        foreseen = carry(here, there, rehearse=True)
        output.show(foreseen)
        if foreseen.different and (yes or _is_wanted()):
            output.show(_done(carry(here, there)))


def _target(word: str) -> targets.Target:
    with targets.chosen(word):
        return targets.require()


def _is_wanted() -> bool:
    if sys.stdin.isatty():
        return click.confirm("Do this?")
    output.show("Nothing was changed: --yes does it.")
    return False


def _done(migrated: Migrated) -> str:
    count = len(migrated.different)
    return f"Done: {count} {'thing is' if count == 1 else 'things are'} new or changed on {migrated.destination}."

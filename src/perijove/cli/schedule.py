"""``perijove schedule``: when deployments run."""

from typing import Any

import click

import perijove
from perijove import deployments
from perijove.cli import options, output
from perijove.cli.connection import aimed
from perijove.schemas.schedules import DeploymentScheduleCreate


@click.group()
def command() -> None:
    """The schedules of deployments."""


@command.command()
@click.argument("name", required=False)
@aimed
def ls(name: str | None) -> None:
    """List the schedules of deployment NAME, or of all, with their next runs."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.listing.schedules(client, name))


@command.command("next")
@click.argument("name")
@click.option("--count", "-n", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many.")
@aimed
def next_runs(name: str, count: int) -> None:
    """Print when deployment NAME runs next: one UTC instant a line, in ISO 8601."""
    with perijove.get_client(sync_client=True) as client:
        schedules = deployments.listing.schedules(client, name)
    for instant in deployments.schedule.instants(schedules, count):
        output.show(instant.isoformat())


@command.command()
@click.argument("search", default="")
@click.option("--tag", "tags", multiple=True, help="Only deployments that have it; may be repeated.")
@click.option("--timezone", default="", metavar="ZONE", help="Where the days begin (default: this machine's).")
@aimed
def calendar(search: str, tags: tuple[str, ...], timezone: str) -> None:
    """Show how often deployments ran on each day of the past week, will run in the coming one, and where runs clash.

    SEARCH is a part of the flow's or the deployment's name.
    """
    output.show(str(perijove.calendar(search, tags=tags, timezone=timezone)))


_which = click.argument("which", required=False)


@command.command()
@click.argument("name")
@options.scheduling
@aimed
def add(name: str, schedule_params: tuple[str, ...], **words: Any) -> None:
    """Give deployment NAME another schedule."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.scheduling.add(client, name, _schedules(words, schedule_params), schedule_params))


@command.command("set")
@click.argument("name")
@_which
@options.scheduling
@aimed
def change(name: str, which: str | None, schedule_params: tuple[str, ...], **words: Any) -> None:
    """Put another schedule in the place of one; WHICH is its number in the list, its slug or its id."""
    with perijove.get_client(sync_client=True) as client:
        wanted = _schedules(words, schedule_params)
        output.show(deployments.scheduling.change(client, name, which, wanted, schedule_params))


@command.command()
@click.argument("name")
@_which
@aimed
def pause(name: str, which: str | None) -> None:
    """Pause one schedule of deployment NAME: it asks for no runs."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.scheduling.set_active(client, name, which, active=False))


@command.command()
@click.argument("name")
@_which
@aimed
def resume(name: str, which: str | None) -> None:
    """Let a paused schedule of deployment NAME ask for runs again."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.scheduling.set_active(client, name, which, active=True))


@command.command()
@click.argument("name")
@_which
@aimed
def delete(name: str, which: str | None) -> None:
    """Remove one schedule of deployment NAME, with the runs that it asked for."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.scheduling.delete(client, name, which))


def _schedules(words: dict[str, Any], params: tuple[str, ...]) -> list[DeploymentScheduleCreate] | None:
    none = words.pop("no_schedule")
    return deployments.define.schedules(**words, params=params, none=none)

"""``perijove schedule``: when deployments run."""

import click

import perijove
from perijove import deployments
from perijove.cli import output


@click.group()
def command() -> None:
    """The schedules of deployments."""


@command.command()
@click.argument("name", required=False)
def ls(name: str | None) -> None:
    """List the schedules of deployment NAME, or of all, with their next runs."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.listing.schedules(client, name))


@command.command("next")
@click.argument("name")
@click.option("--count", "-n", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many.")
def next_runs(name: str, count: int) -> None:
    """Print when deployment NAME runs next: one UTC instant a line, in ISO 8601."""
    with perijove.get_client(sync_client=True) as client:
        schedules = deployments.listing.schedules(client, name)
    instants = {instant for each in schedules if each.in_force for instant in each.upcoming(count)}
    for instant in sorted(instants)[:count]:
        output.show(instant.isoformat())

"""``perijove deployment``: list, look at, run, pause and delete deployments."""

from typing import Any

import click

import perijove
from perijove import deployments
from perijove.cli import options, output
from perijove.cli.connection import aimed

FAILED = 1
"""The exit code of a run that was watched and did not complete."""


@click.group()
def command() -> None:
    """Deployments, named FLOW/DEPLOYMENT or by id."""


@command.command()
@aimed
def ls() -> None:
    """List the deployments."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.listing.deployments(client))


@command.command()
@click.argument("name")
@aimed
def inspect(name: str) -> None:
    """Show one deployment."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.listing.deployment(client, name))


@command.command()
@click.argument("name")
@options.param
@click.option("--at", "--start-at", metavar="TIME", help="When to start: ISO 8601; without an offset, local time.")
@click.option("--in", "--start-in", "after", metavar="TIME", help="Start in a while: 90 (seconds), 15m, 2h.")
@options.tag
@click.option("--flow-run-name", "--name", metavar="NAME", help="The run's name.")
@options.job_variable
@click.option("--watch", is_flag=True, help="Wait for the run to end; exit with 1 unless it completes.")
@click.option("--timeout", "--watch-timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait no longer.")
@aimed
def run(
    name: str,
    params: tuple[str, ...],
    at: str | None,
    after: str | None,
    tags: tuple[str, ...],
    flow_run_name: str | None,
    job_variables: tuple[str, ...],
    watch: bool,
    timeout: float | None,
) -> None:
    """Run a deployment, now or later."""
    start = deployments.trigger.start_time(at, after)
    with perijove.get_client(sync_client=True) as client:
        flow_run = deployments.trigger.trigger(
            client, name, params, start=start, tags=tags, flow_run_name=flow_run_name, job_variables=job_variables
        )
    if watch:
        flow_run.wait(timeout)
    output.show(flow_run)
    if watch and flow_run.state_name != "Completed":
        click.get_current_context().exit(FAILED)


@command.command()
@click.argument("name")
@options.scheduling
@options.param
@options.tag
@click.option("--description", help="What it is for.")
@click.option("--version", help="Its version.")
@click.option("--paused", is_flag=True, help="Its schedules ask for no runs until it is resumed.")
@click.option("--pool", help="The work pool that runs it.")
@click.option("--queue", help="The queue in that work pool.")
@options.concurrency
@options.job_variable
@options.trigger
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@aimed
def edit(name: str, dry_run: bool, **words: Any) -> None:
    """Change what the options say of deployment NAME, and leave the rest.

    Parameters and job variables are set beside those that are there; tags, schedules and triggers take the place of
    all.
    """
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.editing.edit(client, name, words, dry_run=dry_run))


@command.command()
@click.argument("name")
@aimed
def pause(name: str) -> None:
    """Pause a deployment: its schedules ask for no runs. It can still be run by hand."""
    with perijove.get_client(sync_client=True) as client:
        found = deployments.listing.deployment(client, name)
        client.pause_deployment(found.id)
    output.show(f"{found.full_name} is paused.")


@command.command()
@click.argument("name")
@aimed
def resume(name: str) -> None:
    """Let a paused deployment's schedules ask for runs again."""
    with perijove.get_client(sync_client=True) as client:
        client.resume_deployment(deployments.listing.deployment(client, name).id)
        found = deployments.listing.deployment(client, name)
    upcoming = f" Next run: {found.next_run:%Y-%m-%d %H:%M:%S} UTC." if found.next_run else ""
    output.show(f"{found.full_name} is resumed.{upcoming}")


@command.command()
@click.argument("name")
@aimed
def delete(name: str) -> None:
    """Delete a deployment with its schedules and the runs that have not begun. Its past runs stay."""
    with perijove.get_client(sync_client=True) as client:
        found = deployments.listing.deployment(client, name)
        client.delete_deployment(found.id)
    output.show(f"{found.full_name} is deleted.")

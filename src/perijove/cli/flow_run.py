"""``perijove flow-run``: what ran, how it went and what it said."""

from uuid import UUID

import click

import perijove
from perijove import deployments
from perijove.cli import output
from perijove.cli.connection import aimed


@click.group()
def command() -> None:
    """Flow runs, named by id or by name."""


@command.command()
@click.argument("name", required=False)
@click.option("--state", metavar="STATE", help="Only runs in this state, such as failed, late or scheduled.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="The most that are listed.")
@aimed
def ls(name: str | None, state: str | None, limit: int) -> None:
    """List the latest runs of deployment NAME, or of all."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.listing.runs(client, name, state=state, limit=limit))


@command.command()
@click.argument("run")
@aimed
def inspect(run: str) -> None:
    """Show one run."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.listing.run(client, run))


@command.command()
@click.argument("run")
@aimed
def logs(run: str) -> None:
    """Print a run's log."""
    with perijove.get_client(sync_client=True) as client:
        output.show(deployments.listing.run(client, run).logs())


@command.command()
@click.argument("run")
@click.option("--watch", is_flag=True, help="Wait until it has ended.")
@aimed
def cancel(run: str, watch: bool) -> None:
    """Have a run ended: it gets SIGTERM, and SIGKILL ten seconds later."""
    with perijove.get_client(sync_client=True) as client:
        found = deployments.listing.run(client, run).cancel()
    output.show(found.wait() if watch else found)


@command.command()
@click.argument("run")
@click.option("--watch", is_flag=True, help="Wait until it has ended.")
@aimed
def retry(run: str, watch: bool) -> None:
    """Have an ended run run again, with the same parameters."""
    with perijove.get_client(sync_client=True) as client:
        found = deployments.listing.run(client, run).retry()
    output.show(found.wait() if watch else found)


@command.command()
@click.argument("run", type=click.UUID, envvar="PREFECT__FLOW_RUN_ID")
@aimed
def execute(run: UUID) -> None:
    """Run a run of a deployment in this process, as a worker that claimed it does.

    It is what the job variable command says where other workers than Perijove's run a flow; they tell which RUN.
    """
    from perijove.worker.alone import execute  # what the other commands have no use for

    execute(run)

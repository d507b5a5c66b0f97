"""``perijove automation``: what is done when something happens."""

from collections.abc import Callable
from uuid import UUID

import click

import perijove
from perijove.cli import output
from perijove.cli.connection import aimed
from perijove.client import SyncClient
from perijove.deployments import automations


@click.group()
def command() -> None:
    """Automations, by name or by id."""


@command.command()
@aimed
def ls() -> None:
    """List the automations."""
    with perijove.get_client(sync_client=True) as client:
        output.show(automations.every(client))


@command.command()
@click.argument("name")
@aimed
def inspect(name: str) -> None:
    """Show one automation as JSON."""
    with perijove.get_client(sync_client=True) as client:
        for found in automations.named(client, name):
            output.show(found.model_dump_json(indent=2))


@command.command()
@click.argument("name")
@aimed
def pause(name: str) -> None:
    """Put an automation out of force; what happens meanwhile does not concern it."""
    _each(name, lambda client: client.pause_automation, "is paused")


@command.command()
@click.argument("name")
@aimed
def resume(name: str) -> None:
    """Put an automation in force again."""
    _each(name, lambda client: client.resume_automation, "is resumed")


@command.command()
@click.argument("name")
@aimed
def delete(name: str) -> None:
    """Delete an automation."""
    _each(name, lambda client: client.delete_automation, "is deleted")


def _each(name: str, method: Callable[[SyncClient], Callable[[UUID], None]], what: str) -> None:
    with perijove.get_client(sync_client=True) as client:
        for found in automations.named(client, name):
            method(client)(found.id)
            output.show(f"{found.name} {what}.")

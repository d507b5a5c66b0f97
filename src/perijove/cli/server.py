"""``perijove server``: the embedded server's life."""

import dataclasses
import json

import click

from perijove import embed
from perijove.cli import output
from perijove.errors import ServerStartError
from perijove.status import Status


@click.group()
def command() -> None:
    """Start, stop and find the embedded server. Other commands start it when they need it."""


@command.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Where to listen on loopback (default: any free port).")
@click.option("--testing", is_flag=True, help="Let clients clear the database, by POST /admin/database/clear.")
def start(port: int | None, testing: bool) -> None:
    """Start the server in the background; it outlives this terminal."""
    running = embed.find()
    if running and port and not running.url.endswith(f":{port}"):
        raise ServerStartError(
            f"The server runs already, and elsewhere: {running.url}. `perijove server stop` stops it."
        )
    server = running or embed.start(port=port, testing=testing)
    output.show(f"The server {'runs already' if running else 'is started'}: {server.url} (process {server.pid}).")


@command.command()
def stop() -> None:
    """Stop the server and what it started."""
    stopped = embed.stop()
    output.show(f"The server at {stopped.url} is stopped." if stopped else "No server runs.")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Say whether the server runs, and where. Exits with 1 when it doesn't."""
    server = embed.find()
    if server is None:
        output.end("No server runs. `perijove server start` starts it.", 1)
    facts = dataclasses.asdict(server)
    output.show(json.dumps(facts) if as_json else Status(server))

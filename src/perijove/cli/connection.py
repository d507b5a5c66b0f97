"""``--target``, for the commands that speak to a server."""

import click

from perijove.cli import output
from perijove.client import targets


def _aim(ctx: click.Context, _: click.Parameter, word: str | None) -> None:
    """Have the command speak to that server; one other than the embedded one is told on stderr."""
    ctx.with_resource(targets.chosen(word))
    if server := targets.named():
        output.warn([f"Target: {server}"])


aimed = click.option(
    "--target",
    metavar="SERVER",
    callback=_aim,
    expose_value=False,
    help="The server: its API's address, embedded, or a profile of Prefect's (default: see `perijove target`).",
)
"""Which server the command speaks to; the option's value is in force, and no parameter."""

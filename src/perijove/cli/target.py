"""``perijove target``: which server commands speak to."""

import click

from perijove import targeting
from perijove.cli import output
from perijove.errors import UsageError


@click.command()
@click.argument("word", required=False, metavar="[URL | embedded | PROFILE]")
@click.option("--key", is_flag=True, help="Ask for the server's token, and keep it with the address.")
@click.option("--reset", is_flag=True, help="Choose none: what is set elsewhere counts again.")
def command(word: str | None, key: bool, reset: bool) -> None:
    """Show the server that commands speak to, or choose another one.

    It is an API's address (http://127.0.0.1:4200/api), the embedded server, or a profile of Prefect's by its name. The
    choice is kept in perijove.toml in the data directory. PERIJOVE_API_URL comes before it; without either,
    PREFECT_API_URL and Prefect's active profile count, and else the embedded server.
    """
    if reset and (word or key):
        raise UsageError("--reset chooses no server: give it alone.")
    if not (word or reset):
        if key:
            raise UsageError("--key is for a server that is chosen: give its address, too.")
        output.show(targeting.current())
        return
    token = click.prompt("Token", hide_input=True) if key else None
    output.show(targeting.choose(word, token))

"""What the commands print: text, free of anything that could steer the terminal."""

from collections.abc import Iterable
from typing import Any, NoReturn

import click

from perijove.deployments.table import plain


def show(value: Any) -> None:
    """Print ``value`` as it shows itself."""
    click.echo(plain(str(value)))


def end(sentence: str, code: int) -> NoReturn:
    """Say why on stderr, and end the command."""
    click.echo(plain(sentence), err=True)
    raise click.exceptions.Exit(code)


def warn(sentences: Iterable[str]) -> None:
    """Print sentences on stderr."""
    for sentence in sentences:
        click.echo(plain(sentence), err=True)

"""``perijove doctor``: what is wrong here, and what to do about it."""

from contextlib import nullcontext

import click

from perijove import doctor
from perijove.cli import output
from perijove.client import targets

WRONG = 1
"""The exit code when something is to be seen to."""


@click.command()
@click.option("--target", metavar="SERVER", help="Another server than the one that is set (see `perijove target`).")
def command(target: str | None) -> None:
    """Look at what can be wrong with this installation and its server, and say what to do. Changes nothing.

    Exits with 1 when something is wrong.
    """
    with targets.chosen(target) if target else nullcontext():  # settings that name none are a finding, too
        report = doctor.examine()
    output.show(report)
    if report.wrong:
        click.get_current_context().exit(WRONG)

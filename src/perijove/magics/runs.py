"""``%runs``: what ran, and how it went."""

import argparse
from typing import TYPE_CHECKING

from IPython.core.magic import magics_class

import perijove
from perijove import deployments
from perijove.magics.commands import Commands, argument, command

if TYPE_CHECKING:
    from perijove.deployments.listing import Runs


@magics_class
class RunsMagic(Commands):
    """``%runs``"""

    @command
    @argument("deployment", nargs="?", help="FLOW/DEPLOYMENT, or a deployment's id; none: all.")
    @argument("--state", help="Only runs in this state, such as failed, late or scheduled.")
    @argument("--limit", type=int, default=10, help="The most that are listed (default 10).")
    def runs(self, args: argparse.Namespace) -> "Runs":
        """List the latest runs: a list of runs, each with its state, result() and logs().

        Examples::

            %runs
            failed = %runs daily-report/prod --state failed
        """
        with perijove.get_client(sync_client=True) as client:
            return deployments.listing.runs(client, args.deployment, state=args.state, limit=args.limit)

"""``%schedules``: when deployments run."""

import argparse
from typing import TYPE_CHECKING

from IPython.core.magic import magics_class

import perijove
from perijove import deployments
from perijove.magics.commands import Commands, argument, command

if TYPE_CHECKING:
    from perijove.deployments.listing import Schedules


@magics_class
class SchedulesMagic(Commands):
    """``%schedules``"""

    @command
    @argument("deployment", nargs="?", help="FLOW/DEPLOYMENT, or a deployment's id; none: all.")
    def schedules(self, args: argparse.Namespace) -> "Schedules":
        """List schedules in words, each with its next five runs.

        Examples::

            %schedules
            %schedules daily-report/prod
        """
        with perijove.get_client(sync_client=True) as client:
            return deployments.listing.schedules(client, args.deployment)

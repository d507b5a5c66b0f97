"""``%deployments``: what is deployed."""

import argparse
from typing import TYPE_CHECKING

from IPython.core.magic import magics_class

import perijove
from perijove import deployments as deployed
from perijove.magics.commands import Commands, argument, command

if TYPE_CHECKING:
    from perijove.deployments.listing import Deployments, NamedDeployment


@magics_class
class DeploymentsMagic(Commands):
    """``%deployments``"""

    @command
    @argument("deployment", nargs="?", help="FLOW/DEPLOYMENT, or a deployment's id; none: all.")
    def deployments(self, args: argparse.Namespace) -> "Deployments | NamedDeployment":
        """List the deployments, or show one.

        Examples::

            %deployments
            %deployments daily-report/prod
        """
        with perijove.get_client(sync_client=True) as client:
            if args.deployment:
                return deployed.listing.deployment(client, args.deployment)
            return deployed.listing.deployments(client)

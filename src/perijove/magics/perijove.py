"""``%perijove``: the embedded server's life, and which server the magics speak to."""

import argparse
import importlib
from getpass import getpass
from typing import TYPE_CHECKING

from IPython.core.magic import magics_class

from perijove.errors import UsageError
from perijove.magics.commands import Commands, argument, command

if TYPE_CHECKING:
    from perijove.deployments.table import Shown

ACTIONS = {
    "status": "status.current",
    "start": "status.start",
    "stop": "status.stop",
    "target": "targeting.current",
    "doctor": "doctor.examine",
}
"""What can be asked for, and the function of this package that answers. Nothing asks for the status."""


@magics_class
class PerijoveMagic(Commands):
    """``%perijove``"""

    @command
    @argument("action", nargs="?", choices=list(ACTIONS), default="status", help="Default: status.")
    @argument("server", nargs="?", help="For target: an API's address, embedded, or a profile of Prefect's.")
    @argument("--key", action="store_true", help="For target: ask for the server's token, and keep it.")
    @argument("--reset", action="store_true", help="For target: choose none; what is set elsewhere counts again.")
    def perijove(self, args: argparse.Namespace) -> "Shown":
        """Show, start or stop the embedded server, choose the server that the magics speak to, or find what is wrong.

        Examples::

            %perijove
            %perijove target
            %perijove target http://127.0.0.1:4200/api
            %perijove target embedded
            %perijove doctor
        """
        if args.action == "target" and (args.server or args.reset):
            return _choose(args)
        if args.server or args.key or args.reset:
            raise UsageError(f"%perijove {args.action} takes nothing else. `%perijove?` shows how it is used.")
        module, name = ACTIONS[args.action].split(".")
        answer: Shown = getattr(importlib.import_module(f"perijove.{module}"), name)()
        return answer


def _choose(args: argparse.Namespace) -> "Shown":
    from perijove import settings, targeting  # loading the extension must not wait for it

    if args.reset and (args.server or args.key):
        raise UsageError("--reset chooses no server: give it alone.")
    if args.server and settings.is_aimed():
        settings.aim(args.server)
    return targeting.choose(args.server, getpass("Token: ") if args.key else None)

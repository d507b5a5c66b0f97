"""``%schedules``: when deployments run."""

import argparse
from typing import TYPE_CHECKING

from IPython.core.magic import magics_class

import perijove
from perijove import deployments
from perijove.errors import UsageError
from perijove.magics import options
from perijove.magics.commands import Commands, argument, command, with_variables

if TYPE_CHECKING:
    from perijove.client import SyncClient
    from perijove.deployments.listing import Schedules
    from perijove.deployments.schedule import Instants
    from perijove.widgets import ScheduleCalendar

ACTIONS = ("next", "add", "set", "pause", "resume", "delete")
"""What can be done with the schedules of one deployment."""

CALENDAR = "calendar"
"""The action that takes a part of a name, or nothing."""


@magics_class
class SchedulesMagic(Commands):
    """``%schedules``"""

    @command
    @argument(
        "words",
        nargs="*",
        metavar="[[ACTION] DEPLOYMENT [WHICH]]",
        help=f"ACTION is one of {', '.join((*ACTIONS, CALENDAR))}.",
    )
    @options.scheduling
    @argument("--count", "-n", type=int, default=5, help="How many instants `next` gives (default 5).")
    @options.target
    def schedules(self, args: argparse.Namespace) -> "Schedules | Instants | ScheduleCalendar":
        """List schedules in words, each with its next five runs; or change those of one deployment.

        Where it has several, WHICH says one by its number in the list, its slug or its id. `calendar` is a live picture
        of the past week's runs and the coming week's, of all deployments or of those with a part of their name; its
        days begin in --timezone (default: yours).

        Examples::

            %schedules
            %schedules calendar
            %schedules add daily-report/prod --cron "0 18 * * 5" --timezone Europe/Berlin --schedule-param top=100
            %schedules set daily-report/prod 2 --every 6h
            %schedules pause daily-report/prod 1
            instants = %schedules next daily-report/prod --count 20
        """
        if args.words[:1] == [CALENDAR]:
            return perijove.calendar(" ".join(args.words[1:]), timezone=args.timezone or "")
        action, name, which = _meant(args.words)
        with perijove.get_client(sync_client=True) as client:
            if action == "next":
                return deployments.schedule.instants(deployments.listing.schedules(client, name), args.count)
            if name is None or action is None:
                return deployments.listing.schedules(client, name)
            return self._change(client, action, name, which, args)

    def _change(
        self, client: "SyncClient", action: str, name: str, which: str | None, args: argparse.Namespace
    ) -> "Schedules":
        scheduling = deployments.scheduling
        own = with_variables(args.schedule_params, self.namespace)
        match action:
            case "add":
                return scheduling.add(client, name, options.schedules_of(args), own)
            case "set":
                return scheduling.change(client, name, which, options.schedules_of(args), own)
            case "delete":
                return scheduling.delete(client, name, which)
            case _:
                return scheduling.set_active(client, name, which, active=action == "resume")


def _meant(words: list[str]) -> tuple[str | None, str | None, str | None]:
    """The action, the deployment's name, and which of its schedules."""
    action = words[0] if words and words[0] in ACTIONS else None
    rest = words[1:] if action else words
    if (action and not rest) or len(rest) > (2 if action else 1):
        raise UsageError(f"%schedules takes {', '.join(ACTIONS)}, a deployment, and which of its schedules.")
    return action, rest[0] if rest else None, rest[1] if len(rest) > 1 else None

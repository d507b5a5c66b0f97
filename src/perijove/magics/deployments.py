"""``%deployments``: what is deployed, and what can be done about it."""

import argparse
from typing import TYPE_CHECKING, Any

from IPython.core.magic import magics_class

import perijove
from perijove import deployments as deployed
from perijove.errors import UsageError
from perijove.magics import options
from perijove.magics.commands import Commands, argument, command

if TYPE_CHECKING:
    from collections.abc import Callable

    from perijove.client import SyncClient
    from perijove.deployments.listing import NamedDeployment


def _pause(client: "SyncClient", found: "NamedDeployment") -> "NamedDeployment":
    client.pause_deployment(found.id)
    return deployed.listing.deployment(client, found.id)


def _resume(client: "SyncClient", found: "NamedDeployment") -> "NamedDeployment":
    client.resume_deployment(found.id)
    return deployed.listing.deployment(client, found.id)


def _delete(client: "SyncClient", found: "NamedDeployment") -> None:
    client.delete_deployment(found.id)
    print(f"{found.full_name} is deleted.")  # noqa: T201  (the cell's output)


ACTIONS: "dict[str, Callable[[SyncClient, NamedDeployment], Any]]" = {
    "show": lambda _, found: found,
    "pause": _pause,
    "resume": _resume,
    "delete": _delete,
}
"""What can be done with one deployment, and what that gives."""


EDIT = "edit"
"""The action that takes options."""

EXPLORE = "explore"
"""The action that takes a part of a name, or nothing."""


@magics_class
class DeploymentsMagic(Commands):
    """``%deployments``"""

    @command
    @argument(
        "words",
        nargs="*",
        metavar="[[ACTION] DEPLOYMENT]",
        help=f"ACTION is one of {', '.join((*ACTIONS, EDIT, EXPLORE))}.",
    )
    @options.scheduling
    @options.param
    @options.tag
    @argument("--description", help="edit: what it is for.")
    @argument("--version", help="edit: its version.")
    @argument("--paused", action="store_true", help="edit: its schedules ask for no runs until it is resumed.")
    @argument("--pool", help="edit: the work pool that runs it.")
    @argument("--queue", help="edit: the queue in that work pool.")
    @options.concurrency
    @options.job_variable
    @options.trigger
    @argument("--dry-run", action="store_true", help="edit: show what would change, and change nothing.")
    @options.target
    def deployments(self, args: argparse.Namespace) -> Any:
        """List the deployments; or show, pause, resume, delete or edit one, named FLOW/DEPLOYMENT or by id.

        `edit` takes what %deploy takes, changes what the options say, and leaves the rest. `explore` is a live table,
        of all or of those with a part of their name and with the tags, to search in and to see runs and durations of.

        Examples::

            %deployments
            %deployments explore
            %deployments daily-report/prod
            %deployments pause daily-report/prod
            %deployments edit daily-report/prod --param top=$limit --tag finance --dry-run
        """
        said = options.said_of(args, self.namespace)
        explores = args.words[:1] == [EXPLORE]
        tags = said.pop("tags") if explores else []
        action, name = _one(args.words) if args.words and not explores else (None, "")
        if action != EDIT and any(map(deployed.editing.is_said, said.values())):
            raise UsageError("Options are for changing a deployment: %deployments edit FLOW/DEPLOYMENT ...")
        if explores:
            return perijove.explore(" ".join(args.words[1:]), tags=tags)
        with perijove.get_client(sync_client=True) as client:
            if action is None:
                return deployed.listing.deployments(client)
            if action == EDIT:
                return deployed.editing.edit(client, name, said, dry_run=args.dry_run)
            return ACTIONS[action](client, deployed.listing.deployment(client, name))


def _one(words: list[str]) -> tuple[str, str]:
    """The action, and the deployment's name; a name alone is shown."""
    action, *names = words if words[0] in (*ACTIONS, EDIT) else ["show", *words]
    if len(names) != 1:
        raise UsageError(
            f"%deployments takes {', '.join((*ACTIONS, EDIT))} and one deployment. %deployments lists them."
        )
    return action, names[0]

"""``%runs``: what ran, how it went, and what can be done about it."""

import argparse
from typing import TYPE_CHECKING, Any

from IPython.core.magic import magics_class

import perijove
from perijove import deployments
from perijove.errors import UsageError
from perijove.magics import options, scope
from perijove.magics.commands import Commands, argument, command

if TYPE_CHECKING:
    from collections.abc import Callable

    from perijove.deployments import Run

ACTIONS: "dict[str, Callable[[Run], Any]]" = {
    "show": lambda run: run,
    "watch": scope.watched,
    "logs": lambda run: run.logs(),
    "result": lambda run: run.result(),
    "cancel": lambda run: run.cancel(),
    "retry": lambda run: run.retry(),
}
"""What can be done with one run, and what that gives."""


@magics_class
class RunsMagic(Commands):
    """``%runs``"""

    @command
    @argument("words", nargs="*", metavar="[ACTION RUN | DEPLOYMENT]", help=f"ACTION is one of {', '.join(ACTIONS)}.")
    @argument("--state", help="Only runs in this state, such as failed, late or scheduled.")
    @argument("--limit", type=int, default=10, help="The most that are listed (default 10).")
    @options.target
    def runs(self, args: argparse.Namespace) -> Any:
        """List the latest runs, of one deployment or of all; or do something with one, named by its name or id.

        Examples::

            %runs
            %runs watch tall-otter
            failed = %runs daily-report/prod --state failed
            %runs logs tall-otter
            %runs cancel tall-otter
        """
        with perijove.get_client(sync_client=True) as client:
            if args.words and args.words[0] in ACTIONS:
                action, name = _one_run(args.words)
                return ACTIONS[action](deployments.listing.run(client, name))
            return deployments.listing.runs(client, _deployment(args.words), state=args.state, limit=args.limit)


def _one_run(words: list[str]) -> tuple[str, str]:
    action, *names = words
    if len(names) != 1:
        raise UsageError(f"%runs {action} takes one run, by its name or id. %runs lists them.")
    return action, names[0]


def _deployment(words: list[str]) -> str | None:
    if len(words) > 1:
        raise UsageError(f"%runs: {words[0]!r} is none of {', '.join(ACTIONS)}. `%runs?` shows how it is used.")
    return words[0] if words else None

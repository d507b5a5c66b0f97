"""``%serve``: a flow of this notebook is run by a background process that needs no work pool."""

import argparse
from typing import TYPE_CHECKING

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import magics_class

from perijove import deployments
from perijove.errors import UsageError
from perijove.magics import options, scope
from perijove.magics.commands import Commands, argument, command
from perijove.notebook import Recorder

if TYPE_CHECKING:
    from perijove.deployments.serving import Serving, Servings


@magics_class
class ServeMagic(Commands):
    """``%serve``"""

    def __init__(self, shell: InteractiveShell, recorder: Recorder) -> None:
        super().__init__(shell)
        self._recorder = recorder

    @command
    @argument("flow", nargs="?", help="The flow, by the name of its function; none: what is being served.")
    @argument("--name", default="default", help="The deployment's name (default: default).")
    @options.scheduling
    @options.param
    @options.tag
    @argument("--description", help="What it is for (default: the flow's docstring).")
    @argument("--version", help="Its version (default: the export's hash).")
    @options.env
    @argument("--limit", type=int, default=5, help="Runs at a time (default 5).")
    @argument("--no-pause", action="store_true", help="Let its schedules go on when it is stopped.")
    @options.exporting
    @argument("--stop", metavar="NAME", help="Stop a background process, by its name or its deployment's.")
    @options.target
    def serve(self, args: argparse.Namespace) -> "Serving | Servings":
        """Export a flow with all that it needs from this notebook, and serve it in the background.

        The process outlives the notebook. Without a flow, lists what is being served.

        Examples::

            %serve daily_report --name here --every 1h
            %serve
            %serve --stop daily-report/here
        """
        if args.stop:
            return deployments.serving.find(args.stop).stop()
        if not args.flow:
            return deployments.serving.listing()
        if args.limit < 1:
            raise UsageError(f"--limit {args.limit} lets nothing run: give 1 or more.")
        flow = scope.flow_named(self.namespace, args.flow)
        wishes = options.wishes_of(args, self.namespace, flow)
        return deployments.authoring.serve_notebook(
            scope.notebook(self.namespace, self._recorder),
            args.flow,
            wishes,
            options.exporting_of(args),
            live=deployments.deploying.interface_of(flow),
            limit=args.limit,
            pause=not args.no_pause,
        )

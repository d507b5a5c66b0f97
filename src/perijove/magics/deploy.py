"""``%deploy`` and ``%%deploy``: a flow of this notebook becomes a deployment."""

import argparse
from typing import TYPE_CHECKING

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import magics_class

from perijove import deployments
from perijove.errors import UsageError
from perijove.magics import options, scope
from perijove.magics.commands import Commands, argument, cell_command
from perijove.notebook import Recorder

if TYPE_CHECKING:
    from perijove.deployments.deployed import Deployed


@magics_class
class DeployMagic(Commands):
    """``%deploy``"""

    def __init__(self, shell: InteractiveShell, recorder: Recorder) -> None:
        super().__init__(shell)
        self._recorder = recorder

    @cell_command
    @argument("flow", nargs="?", help="The flow, by the name of its function; of %%%%deploy, default: the cell's.")
    @argument("--name", default="default", help="The deployment's name (default: default).")
    @options.scheduling
    @options.param
    @options.tag
    @argument("--description", help="What it is for (default: the flow's docstring).")
    @argument("--version", help="Its version (default: the export's hash).")
    @argument("--paused", action="store_true", default=None, help="Its schedules ask for no runs until it is resumed.")
    @argument("--pool", help="The work pool that runs it (default: this machine's own).")
    @argument("--queue", help="The queue in that work pool.")
    @options.concurrency
    @options.env
    @options.job_variable
    @options.storage
    @options.trigger
    @options.exporting
    @argument("--dry-run", action="store_true", help="Check and show everything; write and change nothing.")
    @options.target
    def deploy(self, args: argparse.Namespace, cell: str | None) -> "Deployed":
        """Export a flow with all that it needs from this notebook, and deploy it.

        Saying it again changes the deployment of that name, and shows what is different. Schedules stay where a later
        %deploy says nothing of any, and so does a pause.

        In front of a cell, %%deploy runs the cell and deploys the flow that it defines.

        Examples::

            %deploy daily_report --name prod --cron "0 8 * * 1-5" --timezone Europe/Berlin --param region=EU
            %deploy daily_report --name hourly --every 1h --param top=$limit --tag finance
            %deploy daily_report --dry-run
            %%deploy --name prod --every 1h
        """
        name = args.flow if cell is None else self._run(cell, args.flow)
        if name is None:
            raise UsageError("Say which flow: %deploy FLOW. `%deploy?` shows how it is used.")
        flow = scope.flow_named(self.namespace, name)
        wishes = options.wishes_of(args, self.namespace, flow)
        return deployments.deploying.deploy_notebook(
            scope.notebook(self.namespace, self._recorder),
            name,
            wishes,
            options.exporting_of(args),
            live=deployments.deploying.interface_of(flow),
            dry_run=args.dry_run,
        )

    def _run(self, cell: str, name: str | None) -> str:
        """Run the cell, and return the name of the flow to deploy: the one that was said, or that it defines.

        Raises UsageError where it fails, or defines no flow or several.
        """
        before = scope.flows_in(self.namespace)
        # A blank line stands where the magic's own was, so that tracebacks tell the right lines.
        if not self.shell.run_cell(f"\n{cell}").success:  # type: ignore[union-attr]
            raise UsageError("The cell failed, so nothing is deployed.")
        made = [each for each, flow in scope.flows_in(self.namespace).items() if before.get(each) is not flow]
        if name is None and len(made) != 1:
            found = f"defines {len(made)} flows ({', '.join(made)})" if made else "defines no flow"
            raise UsageError(f"The cell {found}: say which to deploy, as in %%deploy FLOW.")
        return name or made[0]

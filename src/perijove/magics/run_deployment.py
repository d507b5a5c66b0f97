"""``%run_deployment``: trigger a run, and wait for it or not."""

import argparse
from typing import TYPE_CHECKING

from IPython.core.magic import magics_class

import perijove
from perijove import deployments
from perijove.magics import options, scope
from perijove.magics.commands import Commands, argument, command, with_variables

if TYPE_CHECKING:
    from perijove.deployments.run import Run
    from perijove.widgets import RunMonitor, RunMonitors


@magics_class
class RunDeploymentMagic(Commands):
    """``%run_deployment``"""

    @command
    @argument("deployment", help="FLOW/DEPLOYMENT, or the deployment's id.")
    @argument("params", nargs="*", metavar="NAME=VALUE", help="Parameters; VALUE is JSON, text or $variable.")
    @argument("--param", "-p", dest="more_params", action="append", default=[], help="The same, as %%deploy takes it.")
    @argument("--timeout", type=float, metavar="SECONDS", help="Wait no longer (default: until the run ends).")
    @argument("--watch", action="store_true", help="Show it live; in a notebook, cells go on meanwhile.")
    @argument("--no-wait", action="store_true", help="Return at once.")
    @argument("--at", metavar="TIME", help="Start then: ISO 8601, local time if it has no offset. Doesn't wait.")
    @argument("--in", dest="after", metavar="TIME", help="Start in a while: 90 (seconds), 15m, 2h. Doesn't wait.")
    @options.tag
    @argument("--name", dest="flow_run_name", help="The run's name.")
    @options.job_variable
    @options.target
    def run_deployment(self, args: argparse.Namespace) -> "Run | RunMonitor | RunMonitors":
        """Run a deployment and wait until the run ends. Interrupting stops the waiting, not the run.

        Examples::

            %run_deployment daily-report/prod region=US top=$limit
            %run_deployment daily-report/prod --watch
            run = %run_deployment daily-report/prod --no-wait
            %run_deployment daily-report/prod --in 15m --tag once
        """
        start = deployments.trigger.start_time(args.at, args.after)
        with perijove.get_client(sync_client=True) as client:
            run = deployments.trigger.trigger(
                client,
                args.deployment,
                with_variables([*args.params, *args.more_params], self.namespace),
                start=start,
                tags=args.tags,
                flow_run_name=args.flow_run_name,
                job_variables=with_variables(args.job_variables, self.namespace),
            )
        if args.watch:
            return scope.watched(run)
        waits = args.timeout is not None or not (args.no_wait or start)
        return run.wait(args.timeout) if waits else run

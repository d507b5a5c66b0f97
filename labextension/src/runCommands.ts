// What can be done about a flow run, as commands.

import type { JupyterFrontEnd } from '@jupyterlab/application';

import { CommandIDs } from './commands';
import { told } from './deploymentCommands';
import { cancelRun, retryRun } from './runActions';
import type { ISidebar } from './sidebar';

const ARGS = {
  type: 'object',
  properties: { flow_run_id: { type: 'string', description: 'The flow run’s id; default: that of the page in front' } }
} as const;

/** Add the commands that act on a flow run: the one that is named, or the one of the page in front. */
export function addRunCommands(app: JupyterFrontEnd, sidebar: ISidebar): void {
  const { commands, server, trans } = sidebar;
  const all = [
    { id: CommandIDs.cancelRun, label: trans.__('Cancel Run'), act: cancelRun },
    { id: CommandIDs.retryRun, label: trans.__('Retry Run'), act: retryRun }
  ];
  for (const { id, label, act } of all) {
    commands.addCommand(id, {
      label,
      describedBy: { args: ARGS },
      isEnabled: args => Boolean(args.flow_run_id ?? sidebar.inFront().flow_run_id),
      execute: args => told(() => act(server, String(args.flow_run_id ?? sidebar.inFront().flow_run_id)))
    });
    app.shell.currentChanged?.connect(() => commands.notifyCommandChanged(id));
  }
}
